"""The desk as `explain` thinks with it: the worker's own rules and words, on stores that are only read."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from helpdesk.cli.context import stores
from helpdesk.config import Config
from helpdesk.daemon import building, workplace
from helpdesk.flow.workshop import Workshop
from helpdesk.model.signing import Signer

_SECRET_BYTES = 32


@contextmanager
def workshop(config: Config) -> Iterator[Workshop]:
    """Everything that `explain` thinks with, on stores that are only read."""
    with stores(config) as opened:
        rules = building.policy(config)
        yield Workshop(
            spool=opened.spool,
            desk=opened.desk,
            policy=rules,
            library=workplace.library(config, rules),
            signer=_signer(config),
            clock=lambda: datetime.now(UTC),
            random_hex=lambda: secrets.token_hex(16),
            chance=lambda: 0.0,
            retry_for=config.send.retry_for,
            node="",
            limits=workplace.work_limits(config),
            dkim_keys=workplace.dkim_keys(config),
        )


def _signer(config: Config) -> Signer:
    """A desk without a secret has signed nothing yet: then any other does, and no file is made for it."""
    if (config.state_folder / "secret").exists():
        return building.signer(config)
    return Signer(secrets.token_bytes(_SECRET_BYTES), config.root.desk.address)
