"""A unit of work that is done all over again when the connection is lost in its middle.

Pre-ping finds a connection that died while nobody used it; nothing can save a transaction in flight. So the
whole of it is repeated, and it must be one that may be: where the connection breaks during the commit nobody
knows whether it was done.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.store.errors import StoreError
from helpdesk.store.session import Database
from helpdesk.store.trouble import passes

T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


def persist(
    database: Database,
    work: Callable[[Connection], T],
    patience: timedelta,
    what: str = "write",
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    chance: Callable[[], float] = random.random,
) -> T:
    """Do `work` in a transaction of its own and return its result; after a trouble that passes, do it again.

    `work` must be idempotent. When `patience` is over the trouble itself is raised; any other is at once.
    """
    give_up_at = clock() + patience.total_seconds()
    for pause in _pauses(chance):
        try:
            with database.write(what) as connection:
                return work(connection)
        except (SQLAlchemyError, StoreError) as error:
            if not passes(error) or clock() + pause > give_up_at:
                raise
        sleep(pause)
    raise AssertionError("the pauses never end")


def _pauses(chance: Callable[[], float]) -> Iterator[float]:
    """Growing, with a little chance in each: many nodes must not come back in step (STYLE 24)."""
    pause = _FIRST_PAUSE
    while True:
        yield pause * (1 + chance() / 4)
        pause = min(2 * pause, _LONGEST_PAUSE)
