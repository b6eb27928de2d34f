"""From the configuration to what the desk worker, or a command in its place, works with.

Apart from `building`: the front, which reads no mail and writes no letter, begins without any of it.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from datetime import datetime

from helpdesk.config import Config
from helpdesk.daemon.building import database, policy, signer
from helpdesk.flow.workshop import Workshop
from helpdesk.model.limits import Pauses, WorkLimits
from helpdesk.model.policy import Policy
from helpdesk.render.canned import Library
from helpdesk.store.session import Database
from helpdesk.wire.dkim_keys import DkimKeys, ask_dns


def library(config: Config, rules: Policy) -> Library:
    return Library(config.canned_folder, rules)


def workshop(
    config: Config,
    clock: Callable[[], datetime],
    node: str,
    database: Callable[[str], Database] = database,
) -> Workshop:
    """What intake and ring work with, in the name of `node`. The databases must be at the newest schema already."""
    rules = policy(config)
    return Workshop(
        spool=database(config.spool_url),
        desk=database(config.desk_url),
        policy=rules,
        library=library(config, rules),
        signer=signer(config),
        clock=clock,
        random_hex=lambda: secrets.token_hex(16),
        chance=random.random,
        retry_for=config.send.retry_for,
        node=node,
        limits=work_limits(config),
        dkim_keys=dkim_keys(config),
    )


def dkim_keys(config: Config) -> DkimKeys | None:
    """What asks the DNS, where the desk looks at signatures itself."""
    return DkimKeys(ask_dns) if config.root.trust.check_dkim else None


def work_limits(config: Config) -> WorkLimits:
    table = config.limits
    return WorkLimits(table.mail(), table.attempts, Pauses(table.retry_first, table.retry_longest))
