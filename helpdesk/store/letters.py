"""Looking at the outbox: one letter, lists and counts. A letter that is being sent is shown as queued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select

from helpdesk.store.among import one_of
from helpdesk.store.schema import OUTBOX, OUTBOX_RECIPIENT


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """`state` is queued, sent, failed or parked. A listing leaves `raw` empty."""

    id: int
    ticket: int | None
    letter: str
    audience: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    message_id: str
    state: str
    attempts: int
    next_attempt_at: datetime | None
    last_error: str | None
    created_at: datetime
    sent_at: datetime | None
    raw: bytes


def load(connection: Connection, letter_id: int) -> StoredLetter | None:
    row = connection.execute(select(OUTBOX).where(OUTBOX.c.id == letter_id)).first()
    return None if row is None else _stored(row, bytes(row.raw))


def by_message_id(connection: Connection, message_id: str) -> StoredLetter | None:
    query = select(OUTBOX).where(OUTBOX.c.message_id == message_id).order_by(OUTBOX.c.id).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _stored(row, bytes(row.raw))


def listing(connection: Connection, limit: int = 1000) -> list[StoredLetter]:
    """The newest letters, oldest of them first, without their bytes."""
    columns = [column for column in OUTBOX.c if column.name != "raw"]
    rows = connection.execute(select(*columns).order_by(OUTBOX.c.id.desc()).limit(limit)).all()
    return [_stored(row, b"") for row in reversed(rows)]


def waits_for_another() -> ColumnElement[bool]:
    """Is an earlier letter of the same ticket to the same readers still on its way? Nobody reads them in disorder."""
    earlier = OUTBOX.alias("earlier")
    return exists().where(
        earlier.c.ticket == OUTBOX.c.ticket,
        earlier.c.to_addresses == OUTBOX.c.to_addresses,
        earlier.c.id < OUTBOX.c.id,
        one_of(earlier.c.state, "queued", "sending"),
    )


def next_attempt_at(connection: Connection) -> datetime | None:
    """When the next letter can be claimed; may be past."""
    times = connection.execute(_NEXT).one()
    return min((at for at in times if at is not None), default=None)


_NEXT_QUEUED = (
    select(OUTBOX.c.next_attempt_at)
    .where(OUTBOX.c.state == "queued", ~waits_for_another())
    .order_by(OUTBOX.c.next_attempt_at)
    .limit(1)
)
_NEXT_LEASED = select(func.min(OUTBOX.c.lease_until)).where(OUTBOX.c.state == "sending", ~waits_for_another())
_NEXT = select(_NEXT_QUEUED.scalar_subquery(), _NEXT_LEASED.scalar_subquery())


def counts(connection: Connection) -> dict[str, int]:
    """Letters by state: queued, sent, failed, parked."""
    total = dict.fromkeys(("queued", "sent", "failed", "parked"), 0)
    query = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
    for state, number in connection.execute(query):
        total[_shown(state)] += number
    return total


def count_since(connection: Connection, letter: str, since: datetime, recipient: str | None = None) -> int:
    """How many such letters were queued at `since` or later (to `recipient`): for caps on automatic mail (P7)."""
    query = select(func.count()).where(OUTBOX.c.letter == letter, OUTBOX.c.created_at >= since)
    if recipient is not None:
        query = query.where(
            select(OUTBOX_RECIPIENT.c.letter_id)
            .where(OUTBOX_RECIPIENT.c.letter_id == OUTBOX.c.id, OUTBOX_RECIPIENT.c.recipient == recipient)
            .exists()
        )
    return connection.scalar(query) or 0


def _shown(state: str) -> str:
    return "queued" if state == "sending" else state


def _stored(row: Row[Any], raw: bytes) -> StoredLetter:
    return StoredLetter(
        id=row.id,
        ticket=row.ticket,
        letter=row.letter,
        audience=row.audience,
        to=tuple(row.to_addresses),
        cc=tuple(row.cc_addresses),
        subject=row.subject,
        message_id=row.message_id,
        state=_shown(row.state),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        last_error=row.last_error,
        created_at=row.created_at,
        sent_at=row.sent_at,
        raw=raw,
    )
