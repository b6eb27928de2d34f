"""Who has a letter in hand: it is claimed with a lease, and free again when that is over or it is given back (P3).

A claim of many letters costs the statements of one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    true,
    update,
)

from helpdesk.model.outcome import QueuedLetter
from helpdesk.store.among import among
from helpdesk.store.letters import waits_for_another
from helpdesk.store.nodes import is_free
from helpdesk.store.schema import OUTBOX, OUTBOX_RECIPIENT

MOST_BYTES = 8 * 1024 * 1024
"""Of all letters that are claimed at once, but for those that come without their bytes."""


_NOW = bindparam("now", type_=OUTBOX.c.next_attempt_at.type)
_IS_DUE = and_(OUTBOX.c.state == "queued", OUTBOX.c.next_attempt_at <= _NOW)
_IS_OVER = and_(OUTBOX.c.state == "sending", OUTBOX.c.lease_until <= _NOW)
_READY = (
    select(OUTBOX.c.id, func.length(OUTBOX.c.raw))
    .where(~waits_for_another())
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=OUTBOX)
)
# each in the order of an index: a backlog of many thousands must not be sorted for four letters
_OVER = _READY.where(_IS_OVER).order_by(OUTBOX.c.id)
_DUE = _READY.where(_IS_DUE).order_by(OUTBOX.c.next_attempt_at, OUTBOX.c.id)
_TAKE = (
    # two senders may have read the same id: only one of them changes the row (F8)
    update(OUTBOX)
    .where(among(OUTBOX.c.id, "letters"), or_(_IS_DUE, _IS_OVER))
    .values(
        state="sending",
        lease_until=bindparam("until", type_=OUTBOX.c.lease_until.type),
        lease_owner=bindparam("by"),
        attempts=OUTBOX.c.attempts + 1,
    )
    .returning(OUTBOX.c.id)
)


def claim(
    connection: Connection,
    limit: int,
    now: datetime,
    lease: timedelta,
    owner: str,
    up_to: int | None = None,
) -> list[QueuedLetter]:
    """Take letters whose time has come, oldest first, for `lease`; count the attempt. `owner` is the node.

    A letter whose lease ran out (its sender died) is claimed again, for the recipients not yet settled.
    A letter waits until the earlier ones of its ticket to the same recipients have ended. One of more than `up_to`
    bytes comes without them (T13): see `fetch_raw`. All that come are fewer than `limit` where their bytes are many.
    """
    ready = _ready(connection, limit, now, up_to) if limit else []
    if not ready:
        return []
    taken = {"letters": ready, "now": now, "until": now + lease, "by": owner}
    mine = set(connection.scalars(_TAKE, taken))
    return _queued_letters(connection, [letter_id for letter_id in ready if letter_id in mine], up_to)


def _ready(connection: Connection, limit: int, now: datetime, up_to: int | None) -> list[int]:
    asked = {"now": now, "most": limit}
    found = [*connection.execute(_OVER, asked), *connection.execute(_DUE, asked)][:limit]
    ready: list[int] = []
    left = MOST_BYTES
    for letter_id, size in found:
        left -= size if up_to is None or size <= up_to else 0
        if left < 0 and ready:
            break
        ready.append(letter_id)
    return ready


def free(connection: Connection, node: str) -> int:
    """Letters in the hands of nodes that live no more can be claimed again at once; return how many."""
    theirs = select(OUTBOX.c.id).where(
        OUTBOX.c.state == "sending",
        OUTBOX.c.lease_until > OUTBOX.c.created_at,
        is_free(connection, OUTBOX.c.lease_owner, node),
    )
    found = list(connection.scalars(theirs.with_for_update(skip_locked=True)))
    for letter_id in found:
        _end_lease(connection, OUTBOX.c.id == letter_id)
    return len(found)


def end_leases(connection: Connection, node: str, in_hand: Collection[int]) -> None:
    """Of all letters that `node` has claimed its sender holds only those `in_hand`: the others were given back, or the
    answer to a claim was lost, with the worker that made it or with the server's connection. Nobody has tried them,
    and they can be claimed again at once.
    """
    connection.execute(_END_LOST, {"node": node, "in_hand": list(in_hand)})


_END_LOST = (
    update(OUTBOX)
    .where(
        OUTBOX.c.state == "sending",
        OUTBOX.c.lease_owner == bindparam("node"),
        not_(among(OUTBOX.c.id, "in_hand")),
    )
    .values(state="queued", attempts=OUTBOX.c.attempts - 1, lease_until=None, lease_owner=None)
)


def _end_lease(connection: Connection, which: ColumnElement[bool]) -> None:
    connection.execute(update(OUTBOX).where(which).values(lease_until=OUTBOX.c.created_at))


def bring_forward(connection: Connection, now: datetime) -> None:
    """Letters that nobody has tried were to go at once; they need not wait until that instant comes again."""
    ahead = update(OUTBOX).where(
        OUTBOX.c.state == "queued", OUTBOX.c.next_attempt_at > now, OUTBOX.c.attempts == 0
    )
    connection.execute(ahead.values(next_attempt_at=now))


def fetch_raw(connection: Connection, letter_id: int) -> bytes:
    """The bytes of a letter; they never change (P3)."""
    return bytes(connection.execute(select(OUTBOX.c.raw).where(OUTBOX.c.id == letter_id)).scalar_one())


_CLAIMED = among(OUTBOX.c.id, "letters")


def _with_bytes(fits: ColumnElement[bool]) -> Select[Any]:
    columns = [column for column in OUTBOX.c if column.name != "raw"]
    return select(*columns, case((fits, OUTBOX.c.raw)).label("bytes")).where(_CLAIMED)


_WHOLE = _with_bytes(true())
_UP_TO = _with_bytes(func.length(OUTBOX.c.raw) <= bindparam("up_to"))
_WAITING = select(OUTBOX_RECIPIENT.c.letter_id, OUTBOX_RECIPIENT.c.recipient).where(
    among(OUTBOX_RECIPIENT.c.letter_id, "letters"),
    OUTBOX_RECIPIENT.c.state == "waiting",
)


def _queued_letters(connection: Connection, letters: Sequence[int], up_to: int | None) -> list[QueuedLetter]:
    """In this order."""
    query, asked = (_WHOLE, {}) if up_to is None else (_UP_TO, {"up_to": up_to})
    rows = {row.id: row for row in connection.execute(query, {"letters": letters, **asked})}
    waiting = {(letter_id, who) for letter_id, who in connection.execute(_WAITING, {"letters": letters})}
    return [_queued_letter(rows[letter_id], waiting) for letter_id in letters]


def _queued_letter(row: Row[Any], waiting: Collection[tuple[int, str]]) -> QueuedLetter:
    everybody = dict.fromkeys((*row.to_addresses, *row.cc_addresses))
    return QueuedLetter(
        id=row.id,
        sender=row.sender,
        recipients=tuple(who for who in everybody if (row.id, who) in waiting),
        raw=bytes(row.bytes or b""),
        message_id=row.message_id,
        letter=row.letter,
        attempts=row.attempts,
    )
