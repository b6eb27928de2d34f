"""Locks by name until the end of the transaction, where several nodes work on one server.

Two nodes may take up two copies of one mail, or a mail and its reply, at the same instant; and rows that do
not exist yet cannot be locked. On SQLite there is one writer: nothing to hold.

Who holds a name holds everything with others, and who holds everything alone, a node without neighbours for a whole
batch, need not ask for names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Connection, Text, and_, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from helpdesk.store.session import is_server
from helpdesk.store.transaction import memory

_HELD, _ALONE = "held", "alone"
EVERYTHING = 0x48454C51
ARRIVALS = 0x48454C50
"""Held shared by who appends to the inbox, alone by who takes from it: ids become visible in their order."""

# as a text: the driver takes longer to write a list of numbers than the server to read it
_EACH = func.unnest(cast(bindparam("keys", type_=Text), ARRAY(BigInteger))).column_valued("key")
_SHARED, _TRY_SHARED = func.pg_advisory_xact_lock_shared, func.pg_try_advisory_xact_lock_shared
_HOLD = select(_SHARED(EVERYTHING), func.pg_advisory_xact_lock(_EACH))
_TRY = select(
    and_(
        _TRY_SHARED(EVERYTHING, type_=Boolean),
        func.pg_try_advisory_xact_lock(bindparam("key", type_=BigInteger), type_=Boolean),
    )
)
_EVERYTHING_ALONE = select(func.pg_advisory_xact_lock(EVERYTHING))
_ARRIVALS_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_ARRIVALS_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")


def hold(connection: Connection, names: Iterable[str]) -> None:
    """Wait until no other node holds one of `names`, and hold them all; in one order, so that none wait in a ring."""
    if holds_everything(connection):
        return
    held = _held(connection)
    keys = sorted({_key(name) for name in names} - held)
    if keys:
        connection.execute(_HOLD, {"keys": f"{{{','.join(map(str, keys))}}}"}).all()
        held.update(keys)


def hold_everything(connection: Connection) -> None:
    """Wait until no other node holds anything; until this transaction ends none will."""
    if is_server(connection):
        connection.execute(_EVERYTHING_ALONE)
        if (kept := memory(connection)) is not None:
            kept[_ALONE] = True


def try_hold(connection: Connection, name: str) -> bool:
    """Hold `name`, unless another node does. Again in the same transaction: yes."""
    if holds(connection, name):
        return True
    key = _key(name)
    if not connection.scalar(_TRY, {"key": key}):
        return False
    _held(connection).add(key)
    return True


def holds(connection: Connection, name: str) -> bool:
    """Nobody else can have held `name` since this transaction asked for it; on SQLite since it began."""
    if holds_everything(connection):
        return True
    return _key(name) in _held(connection)


def holds_everything(connection: Connection) -> bool:
    """Nobody else writes until this transaction ends: so it is on SQLite."""
    return not is_server(connection) or bool((memory(connection) or {}).get(_ALONE))


def _held(connection: Connection) -> set[int]:
    """The keys that this transaction holds, as far as it has kept count."""
    kept = memory(connection)
    found: set[int] = set() if kept is None else kept.setdefault(_HELD, set())
    return found


def hold_arrivals(connection: Connection, *, alone: bool) -> None:
    if is_server(connection):
        connection.execute(_ARRIVALS_ALONE if alone else _ARRIVALS_SHARED, {"key": ARRIVALS})


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8], "big", signed=True)
