"""Letters out: queued with their bytes, claimed with a lease, settled per recipient, each exactly once (P3, P5).

queued -> sending -> queued (try later) | sent | failed; `parked` is never sent (F1). Outside this file a letter
that is being sent is shown as queued.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
    insert,
    or_,
    select,
    true,
    update,
)

from helpdesk.model.outcome import QueuedLetter
from helpdesk.store.letters import (
    StoredLetter,
    by_message_id,
    count_since,
    counts,
    listing,
    load,
    next_attempt_at,
    waits_for_another,
)
from helpdesk.store.nodes import is_free
from helpdesk.store.schema import OUTBOX, OUTBOX_RECIPIENT
from helpdesk.store.session import StoreError, is_server
from helpdesk.store.settle import Settled, settle
from helpdesk.store.statements import new_id

__all__ = [
    "NewLetter",
    "Settled",
    "StoredLetter",
    "bring_forward",
    "by_message_id",
    "claim",
    "count_since",
    "counts",
    "end_leases",
    "fetch_raw",
    "free",
    "listing",
    "load",
    "next_attempt_at",
    "park",
    "queue",
    "queue_all",
    "retry",
    "settle",
]

MOST_BYTES = 8 * 1024 * 1024
"""Of all letters that are claimed at once, but for those that come without their bytes."""


@dataclass(frozen=True, slots=True)
class NewLetter:
    """`audience` is the signing letter, `sender` the envelope sender ('' null), `spool_id` the mail it answers."""

    ticket: int | None
    letter: str
    audience: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    message_id: str
    sender: str
    raw: bytes
    spool_id: int | None = None


def queue(connection: Connection, letter: NewLetter, now: datetime) -> int:
    """Store a letter to be sent at once; return its id."""
    return queue_all(connection, [letter], now)[0]


def queue_all(connection: Connection, letters: Sequence[NewLetter], now: datetime) -> list[int]:
    """Store letters to be sent at once; return their ids in the same order."""
    if not letters:
        return []
    readers = [dict.fromkeys((*letter.to, *letter.cc)) for letter in letters]
    for letter, its in zip(letters, readers, strict=True):
        if not its:
            raise ValueError(f"letter {letter.letter} {letter.message_id} has no recipients")
    rows = [{**_row(letter, now), "state": "queued", "next_attempt_at": now} for letter in letters]
    ids = _stored(connection, rows)
    waiting = [
        {"letter_id": letter_id, "recipient": recipient, "state": "waiting", "reply": ""}
        for letter_id, its in zip(ids, readers, strict=True)
        for recipient in its
    ]
    connection.execute(_WAIT, waiting)
    return ids


def _stored(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of the letters, in the order of their rows."""
    if is_server(connection):
        return list(connection.scalars(_QUEUE_AND_TELL, rows))
    # to have them returned in order SQLAlchemy would insert one by one; nobody else writes here meanwhile
    connection.execute(_QUEUE, rows)
    return list(connection.scalars(_NEWEST, {"number": len(rows)}))[::-1]


def park(connection: Connection, letter: NewLetter, reason: str, now: datetime) -> int:
    """Keep a letter that failed our own check; it is never sent (F1)."""
    row = {**_row(letter, now), "state": "parked", "last_error": reason}
    return new_id(connection.execute(insert(OUTBOX), row))


def _row(letter: NewLetter, now: datetime) -> dict[str, Any]:
    return {
        "ticket": letter.ticket,
        "letter": letter.letter,
        "audience": letter.audience,
        "to_addresses": letter.to,
        "cc_addresses": letter.cc,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "sender": letter.sender,
        "spool_id": letter.spool_id,
        "raw": letter.raw,
        "attempts": 0,
        "created_at": now,
        "tried_since": now,
    }


_QUEUE = insert(OUTBOX)
_QUEUE_AND_TELL = _QUEUE.returning(OUTBOX.c.id, sort_by_parameter_order=True)
_NEWEST = select(OUTBOX.c.id).order_by(OUTBOX.c.id.desc()).limit(bindparam("number"))
_WAIT = insert(OUTBOX_RECIPIENT)
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
    .where(OUTBOX.c.id.in_(bindparam("letters", expanding=True)), or_(_IS_DUE, _IS_OVER))
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
        OUTBOX.c.id.not_in(bindparam("in_hand", expanding=True)),
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


_CLAIMED = OUTBOX.c.id.in_(bindparam("letters", expanding=True))


def _with_bytes(fits: ColumnElement[bool]) -> Select[Any]:
    columns = [column for column in OUTBOX.c if column.name != "raw"]
    return select(*columns, case((fits, OUTBOX.c.raw)).label("bytes")).where(_CLAIMED)


_WHOLE = _with_bytes(true())
_UP_TO = _with_bytes(func.length(OUTBOX.c.raw) <= bindparam("up_to"))
_WAITING = select(OUTBOX_RECIPIENT.c.letter_id, OUTBOX_RECIPIENT.c.recipient).where(
    OUTBOX_RECIPIENT.c.letter_id.in_(bindparam("letters", expanding=True)),
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


def retry(connection: Connection, letter_id: int, now: datetime) -> None:
    """Try a waiting or failed letter again at once, for the recipients who have not got it.

    Raises StoreError where that cannot be.
    """
    state = connection.scalar(select(OUTBOX.c.state).where(OUTBOX.c.id == letter_id))
    if state not in {"queued", "failed"}:
        raise StoreError(f"letter {letter_id}: {_WHY_NOT.get(state or '', 'there is no such letter')}.")
    letter = OUTBOX_RECIPIENT.c.letter_id == letter_id
    ended = OUTBOX_RECIPIENT.c.state.in_(("refused", "gave_up"))
    connection.execute(
        update(OUTBOX_RECIPIENT).where(letter, ended).values(state="waiting", reply="", settled_at=None)
    )
    again = {"state": "queued", "attempts": 0, "next_attempt_at": now, "tried_since": now}
    connection.execute(update(OUTBOX).where(OUTBOX.c.id == letter_id).values(again))


_WHY_NOT = {
    "sent": "it has been sent already",
    "sending": "it is being sent just now",
    "parked": "it failed the desk's own check and is never sent",
}
