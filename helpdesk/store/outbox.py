"""Letters out: queued with their bytes, claimed with a lease, settled per recipient, each exactly once (P3, P5).

queued -> sending -> queued (try later) | sent | failed; `parked` is never sent (F1). Outside this file a letter
that is being sent is shown as queued.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from helpdesk.store.claiming import bring_forward, claim, end_leases, fetch_raw, free
from helpdesk.store.letters import (
    StoredLetter,
    by_message_id,
    count_since,
    counts,
    listing,
    load,
    next_attempt_at,
)
from helpdesk.store.schema import OUTBOX, OUTBOX_RECIPIENT
from helpdesk.store.session import StoreError
from helpdesk.store.settle import Settled, settle
from helpdesk.store.statements import add, insert_all, new_id

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
    return queue_all(connection, [(letter, now)])[0]


def queue_all(connection: Connection, letters: Sequence[tuple[NewLetter, datetime]]) -> list[int]:
    """Store letters, each to be sent from its instant on; return their ids in the same order."""
    if not letters:
        return []
    readers = [dict.fromkeys((*letter.to, *letter.cc)) for letter, _ in letters]
    for (letter, _), its in zip(letters, readers, strict=True):
        if not its:
            raise ValueError(f"letter {letter.letter} {letter.message_id} has no recipients")
    rows = [{**_row(letter, at), "state": "queued", "next_attempt_at": at} for letter, at in letters]
    ids = insert_all(connection, OUTBOX, rows)
    waiting = [
        {"letter_id": letter_id, "recipient": recipient, "state": "waiting", "reply": ""}
        for letter_id, its in zip(ids, readers, strict=True)
        for recipient in its
    ]
    add(connection, OUTBOX_RECIPIENT, waiting)
    return ids


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
