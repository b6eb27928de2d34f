"""What was said on a ticket, and the message ids by which a reply finds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, not_, select, update

from helpdesk.model.mail import Attachment
from helpdesk.model.people import Address
from helpdesk.model.ticket import Entry, EntryKind
from helpdesk.store import search
from helpdesk.store.among import among
from helpdesk.store.columns import as_key
from helpdesk.store.foreseen import foreseen, keep
from helpdesk.store.later import about
from helpdesk.store.schema import ENTRY, MESSAGE_ID, OUTBOX
from helpdesk.store.statements import add, add_later, insert_unless_there

_OF_TICKET = about(select(ENTRY).where(ENTRY.c.ticket == bindparam("ticket")).order_by(ENTRY.c.id), "ticket")
_TICKET_OF_ID = select(MESSAGE_ID.c.ticket).where(MESSAGE_ID.c.message_id == bindparam("message_id"))
_TICKETS_OF_IDS = select(MESSAGE_ID.c.message_id, MESSAGE_ID.c.ticket).where(
    among(MESSAGE_ID.c.message_id, "ids")
)


class _Tickets(dict[str, int | None]):
    """The ticket of each id that was asked for; None where it is of none."""


def add_entries(connection: Connection, new: Sequence[tuple[int, Entry]]) -> None:
    """Append entries, each to the ticket whose number stands before it."""
    rows = [
        {
            "ticket": number,
            "at": entry.at,
            "kind": entry.kind,
            "sender_name": entry.sender.name,
            "sender_address": entry.sender.address,
            "recipients": entry.to,
            "subject": entry.subject,
            "text": entry.text,
            "message_id": entry.message_id,
            "attachments": [asdict(attachment) for attachment in entry.attachments],
            "spool_id": entry.spool_id,
        }
        for number, entry in new
    ]
    add(connection, ENTRY, rows)


def entries(connection: Connection, number: int) -> list[Entry]:
    """All entries of the ticket in the order in which they were added."""
    return [_entry(row) for row in connection.execute(_OF_TICKET, {"ticket": number})]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        at=row.at,
        kind=EntryKind(row.kind),
        sender=Address(row.sender_name, row.sender_address),
        to=tuple(row.recipients),
        subject=row.subject,
        text=row.text,
        message_id=row.message_id,
        attachments=tuple(Attachment(**attachment) for attachment in row.attachments),
        spool_id=row.spool_id,
        id=row.id,
    )


def record_message_id(connection: Connection, message_id: str, number: int, *, public: bool = True) -> bool:
    """Remember that this id belongs to the ticket; the first ticket that recorded an id keeps it. Was it new?

    `public`: the id has been seen outside the staff.
    """
    row = {"message_id": message_id, "ticket": number, "public": public}
    known, key = foreseen(connection, _Tickets), as_key(message_id)
    if known is None or key not in known:
        return insert_unless_there(connection, MESSAGE_ID, row)
    if known[key] is not None:
        return False
    known[key] = number
    add_later(connection, MESSAGE_ID, [row])
    return True


def record_mail(connection: Connection, message_id: str, number: int) -> None:
    """Remember the id of a mail on this ticket; another ticket whose mails only named it as ancestor yields."""
    if record_message_id(connection, message_id, number):
        return
    known = find_by_message_ids(connection, [message_id])
    if not own_ids(connection, known):
        _move_id(connection, message_id, number)


def move_entry(connection: Connection, entry_id: int, number: int) -> None:
    """Let an entry leave its ticket for another one; replies to it follow."""
    this = ENTRY.c.id == entry_id
    message_id, left = connection.execute(select(ENTRY.c.message_id, ENTRY.c.ticket).where(this)).one()
    connection.execute(update(ENTRY).where(this).values(ticket=number))
    if message_id:
        _move_id(connection, message_id, number)
    search.rewrite(connection, left)
    search.rewrite(connection, number)


def _move_id(connection: Connection, message_id: str, number: int) -> None:
    moved = update(MESSAGE_ID).where(MESSAGE_ID.c.message_id == message_id)
    connection.execute(moved.values(ticket=number, public=True))


def own_ids(connection: Connection, found: Sequence[tuple[str, int]]) -> frozenset[str]:
    """Which of these ids (with their tickets) are mails of the ticket itself, not only ancestors of such."""
    if not found:
        return frozenset()
    ids, numbers = zip(*found, strict=True)
    asked = {"numbers": set(numbers), "ids": ids}
    return frozenset(connection.scalars(_OWN_IDS, asked))


_OWN_IDS = about(
    select(ENTRY.c.message_id).where(among(ENTRY.c.ticket, "numbers"), among(ENTRY.c.message_id, "ids")),
    "numbers",
)


def find_by_message_ids(connection: Connection, ids: Sequence[str]) -> list[tuple[str, int]]:
    """Each known id with its ticket, in the order given."""
    each = ((message_id, _ticket_of(connection, message_id)) for message_id in dict.fromkeys(ids))
    return [(message_id, number) for message_id, number in each if number is not None]


def _ticket_of(connection: Connection, message_id: str) -> int | None:
    known, key = foreseen(connection, _Tickets), as_key(message_id)
    if known is not None and key in known:
        return known[key]
    number: int | None = connection.scalar(_TICKET_OF_ID, {"message_id": message_id})
    return number


def foresee_message_ids(connection: Connection, ids: Iterable[str]) -> None:
    """Ask for the tickets of all these ids at once."""
    asked = set(ids)
    known = _Tickets(dict.fromkeys(map(as_key, asked)))
    for message_id, ticket in connection.execute(_TICKETS_OF_IDS, {"ids": asked}):
        known[message_id] = ticket
    keep(connection, known, [MESSAGE_ID])


_ANSWERED = (
    select(ENTRY.c.ticket, func.max(ENTRY.c.id).label("answer"))
    .where(among(ENTRY.c.ticket, "numbers"), ENTRY.c.kind == str(EntryKind.OPERATOR))
    .group_by(ENTRY.c.ticket)
    .subquery("answered")
)
_UNANSWERED = about(
    select(ENTRY.c.ticket, ENTRY.c.text)
    .join(_ANSWERED, _ANSWERED.c.ticket == ENTRY.c.ticket, isouter=True)
    .where(
        among(ENTRY.c.ticket, "numbers"),
        ENTRY.c.kind == str(EntryKind.CUSTOMER),
        ENTRY.c.id > func.coalesce(_ANSWERED.c.answer, 0),
    )
    .order_by(ENTRY.c.id),
    "numbers",
)
_NEWEST = (
    select(func.max(ENTRY.c.id))
    .where(among(ENTRY.c.ticket, "numbers"), ENTRY.c.kind == bindparam("kind"))
    .group_by(ENTRY.c.ticket)
)
_LATEST = about(select(ENTRY.c.ticket, ENTRY.c.text).where(ENTRY.c.id.in_(_NEWEST)), "numbers")


def unanswered_texts(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """The customers' words since the last answer of an operator, oldest first; tickets without any are left out."""
    found: dict[int, list[str]] = {}
    for number, text in connection.execute(_UNANSWERED, {"numbers": list(numbers)}):
        found.setdefault(number, []).append(text)
    return found


def latest_texts(connection: Connection, numbers: Sequence[int], kind: EntryKind) -> dict[int, str]:
    """The newest words of this kind on each ticket; tickets without any are left out."""
    if not numbers:
        return {}
    rows = connection.execute(_LATEST, {"numbers": list(numbers), "kind": str(kind)})
    return {row.ticket: row.text for row in rows}


def letters_sent(
    connection: Connection, number: int, audiences: Sequence[str], without: Sequence[str], limit: int
) -> list[bytes]:
    """The bytes of the newest letters to these audiences on the ticket, newest first; canned names `without` not."""
    asked = {"number": number, "audiences": audiences, "without": without, "most": limit}
    return [bytes(raw) for raw in connection.scalars(_SENT, asked)]


_SENT = about(
    select(OUTBOX.c.raw)
    .where(
        OUTBOX.c.ticket == bindparam("number"),
        among(OUTBOX.c.audience, "audiences"),
        not_(among(OUTBOX.c.letter, "without")),
    )
    .order_by(OUTBOX.c.id.desc())
    .limit(bindparam("most")),
    "number",
)
