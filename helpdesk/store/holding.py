"""Locks by name until the end of the transaction, where several nodes work on one server.

Two nodes may take up two copies of one mail, or a mail and its reply, at the same instant; and rows that do
not exist yet cannot be locked. On SQLite there is one writer: nothing to hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import BigInteger, Connection, Text, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from helpdesk.store.session import is_server

ARRIVALS = 0x48454C50
"""Held shared by who appends to the inbox, alone by who takes from it: ids become visible in their order."""

# as a text: the driver takes longer to write a list of numbers than the server to read it
_EACH = func.unnest(cast(bindparam("keys", type_=Text), ARRAY(BigInteger))).column_valued("key")
_HOLD = select(func.pg_advisory_xact_lock(_EACH))
_TRY = select(func.pg_try_advisory_xact_lock(bindparam("key", type_=BigInteger)))
_ARRIVALS_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_ARRIVALS_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")


def hold(connection: Connection, names: Iterable[str]) -> None:
    """Wait until no other node holds one of `names`, and hold them all; in one order, so that none wait in a ring."""
    if not is_server(connection):
        return
    keys = sorted({_key(name) for name in names})
    if keys:
        connection.execute(_HOLD, {"keys": f"{{{','.join(map(str, keys))}}}"}).all()


def try_hold(connection: Connection, name: str) -> bool:
    """Hold `name`, unless another node does. Again in the same transaction: yes."""
    if not is_server(connection):
        return True
    return bool(connection.scalar(_TRY, {"key": _key(name)}))


def hold_arrivals(connection: Connection, *, alone: bool) -> None:
    if is_server(connection):
        connection.execute(_ARRIVALS_ALONE if alone else _ARRIVALS_SHARED, {"key": ARRIVALS})


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8], "big", signed=True)
