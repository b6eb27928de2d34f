"""Whether a server's connection still lives is asked before its use, unless that shows without asking.

A question and its answer cost as much as the commit of a letter's mark. A server that ends, or throws us out, says so:
the socket has something to read. A host that vanished says nothing, and is asked for (MAIL_RULES 4) where the
connection has rested; one that vanished within the last second may as well vanish in mid-transaction.
"""

from __future__ import annotations

import select
import time
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event

RESTED_SECONDS = 1.0


def ping_where_needed(engine: Engine) -> None:
    """Let the engine, which was made with `pool_pre_ping`, ask only those that rested or have something to say."""
    used_at: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
    ask = engine.dialect.do_ping

    def given_back(dbapi_connection: Any, _record: object) -> None:
        if dbapi_connection is not None:  # it was broken
            used_at[dbapi_connection] = time.monotonic()

    def ping(dbapi_connection: Any) -> bool:
        rested = time.monotonic() - used_at.get(dbapi_connection, 0.0)
        if rested < RESTED_SECONDS and _is_silent(dbapi_connection.fileno()):
            return True
        return ask(dbapi_connection)

    event.listen(engine, "checkin", given_back)
    engine.dialect.do_ping = ping  # type: ignore[method-assign]


def _is_silent(socket: int) -> bool:
    """Neither words nor the end of the connection wait to be read."""
    looks = select.poll()
    looks.register(socket, select.POLLIN)
    return not looks.poll(0)
