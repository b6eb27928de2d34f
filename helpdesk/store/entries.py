"""What was said on a ticket, and the message ids by which a reply finds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from helpdesk.model.mail import Attachment
from helpdesk.model.people import Address
from helpdesk.model.ticket import Entry, EntryKind
from helpdesk.store.schema import ENTRY, MESSAGE_ID
from helpdesk.store.statements import insert_unless_there, new_id


def add_entry(connection: Connection, number: int, entry: Entry) -> int:
    """Append an entry; return its id."""
    statement = insert(ENTRY).values(
        ticket=number,
        at=entry.at,
        kind=entry.kind,
        sender_name=entry.sender.name,
        sender_address=entry.sender.address,
        recipients=entry.to,
        subject=entry.subject,
        text=entry.text,
        message_id=entry.message_id,
        attachments=[asdict(attachment) for attachment in entry.attachments],
        spool_id=entry.spool_id,
    )
    return new_id(connection.execute(statement))


def entries(connection: Connection, number: int) -> list[Entry]:
    """All entries of the ticket in the order in which they were added."""
    query = select(ENTRY).where(ENTRY.c.ticket == number).order_by(ENTRY.c.id)
    return [_entry(row) for row in connection.execute(query)]


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


def record_message_id(connection: Connection, message_id: str, number: int, *, public: bool = True) -> None:
    """Remember that this id belongs to the ticket; the first ticket that recorded an id keeps it.

    `public`: the id has been seen outside the staff.
    """
    row = {"message_id": message_id, "ticket": number, "public": public}
    insert_unless_there(connection, MESSAGE_ID, row)


def find_by_message_ids(connection: Connection, ids: Sequence[str]) -> list[tuple[str, int]]:
    """Each known id with its ticket, in the order given."""
    found = []
    for message_id in dict.fromkeys(ids):
        query = select(MESSAGE_ID.c.ticket).where(MESSAGE_ID.c.message_id == message_id)
        number = connection.scalar(query)
        if number is not None:
            found.append((message_id, number))
    return found


def latest_text(connection: Connection, number: int, kind: EntryKind) -> str:
    """The newest words of this kind on the ticket; '' if there are none."""
    query = (
        select(ENTRY.c.text)
        .where(ENTRY.c.ticket == number, ENTRY.c.kind == str(kind))
        .order_by(ENTRY.c.id.desc())
        .limit(1)
    )
    return connection.scalar(query) or ""
