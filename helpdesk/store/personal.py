"""What the desk keeps about a customer, and the language they want."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from helpdesk.model.effects import PreferLanguage
from helpdesk.model.people import folded
from helpdesk.model.ticket import Entry, EntryKind, Ticket
from helpdesk.store import tickets
from helpdesk.store.among import among
from helpdesk.store.schema import CONDUCT, HANDLED, PREFERENCE, TICKET
from helpdesk.store.statements import put

_SHOWN = (EntryKind.CUSTOMER, EntryKind.OPERATOR, EntryKind.LETTER)
"""Notes and what PIC and third parties wrote are the desk's own (T31)."""

PREFERRED = select(PREFERENCE.c.language).where(PREFERENCE.c.address == bindparam("address"))
PREFERRED_BY_ALL = select(PREFERENCE.c.address, PREFERENCE.c.language).where(
    among(PREFERENCE.c.address, "addresses")
)


def prefer(desk: Connection, wish: PreferLanguage, now: datetime) -> None:
    put(desk, PREFERENCE, [{"address": folded(wish.address), "language": wish.language, "at": now}])


def preferred(desk: Connection, address: str) -> str:
    """The language that the customer asked for; '' if they did not."""
    return desk.scalar(PREFERRED, {"address": folded(address)}) or ""


def tickets_of(desk: Connection, address: str) -> tuple[Ticket, ...]:
    """All tickets of which this is the customer, oldest first."""
    query = select(TICKET.c.number).where(tickets.is_customer(address))
    numbers = desk.scalars(query.order_by(TICKET.c.number)).all()
    return tuple(ticket for number in numbers if (ticket := tickets.load(desk, number)))


def kept(desk: Connection, address: str) -> dict[str, Any]:
    """All that is kept, as the customer may see it: staff by name, never by address (T4), and no notes."""
    return {
        "address": address,
        "language": preferred(desk, address),
        "tickets": [_ticket(desk, ticket) for ticket in tickets_of(desk, address)],
        "mails_received": [
            {
                "number": row.spool_id,
                "handled_at": row.at.isoformat(),
                "outcome": row.outcome,
                "ticket": row.ticket,
            }
            for row in desk.execute(
                select(HANDLED).where(HANDLED.c.sender == address.lower()).order_by(HANDLED.c.spool_id)
            )
        ],
        "decisions": [
            {"at": row.at.isoformat(), "kind": row.kind, "ticket": row.ticket}
            for row in desk.execute(
                select(CONDUCT).where(CONDUCT.c.address == folded(address), CONDUCT.c.kind != "report")
            )
        ],
    }


def in_words(everything: dict[str, Any]) -> str:
    """The same, to be read."""
    parts = [f"{everything['address']}"]
    for ticket in everything["tickets"]:
        parts.append(f"#{ticket['number']} {ticket['subject']} ({ticket['status']}, {ticket['created_at']})")
        parts += [f"{e['at']}  {e['from']}: {e['subject']}\n\n{e['text'].strip()}" for e in ticket["entries"]]
    for mail in everything["mails_received"]:
        parts.append(f"{mail['handled_at']}  {mail['outcome']}")
    return "\n\n".join(parts) + "\n"


def _ticket(desk: Connection, ticket: Ticket) -> dict[str, Any]:
    rating = ticket.rating
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "name": ticket.customer.name,
        "status": str(ticket.status),
        "language": ticket.language,
        "created_at": ticket.created_at.isoformat(),
        "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        "participants": list(ticket.participants),
        "fields": ticket.fields,
        "rating": {"score": rating.score, "comment": rating.comment} if rating else None,
        "entries": [_entry(e) for e in tickets.entries(desk, ticket.number) if e.kind in _SHOWN],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    own = entry.kind is EntryKind.CUSTOMER
    return {
        "at": entry.at.isoformat(),
        "kind": str(entry.kind),
        "from": entry.sender.address if own else entry.sender.name,
        "subject": entry.subject,
        "text": entry.text,
        "attachments": [one.name for one in entry.attachments],
    }
