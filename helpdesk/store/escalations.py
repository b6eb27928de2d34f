"""Which tickets are with which third party, since when, and what the third party calls them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from helpdesk.model.effects import EndEscalations, Escalate, HeardOfThirdParty
from helpdesk.model.forms import Escalation
from helpdesk.model.ticket import EntryKind
from helpdesk.store.schema import ENTRY, ESCALATION


def ask(connection: Connection, effect: Escalate, now: datetime) -> None:
    """Open an escalation; one that is open is asked anew."""
    asked = update(ESCALATION).where(*_open(effect.ticket, effect.third_party)).values(asked_at=now)
    if connection.execute(asked).rowcount == 0:
        row = {"ticket": effect.ticket, "third_party": effect.third_party, "by": effect.by}
        connection.execute(insert(ESCALATION).values(**row, opened_at=now, asked_at=now))


def hear(connection: Connection, effect: HeardOfThirdParty, now: datetime) -> None:
    """They wrote: keep what they call it, and when they answered."""
    values: dict[str, object] = {"foreign_number": effect.foreign_number} if effect.foreign_number else {}
    if effect.answered:
        values["answered_at"] = now
    if values:
        rows = _open(effect.ticket, effect.third_party)
        connection.execute(update(ESCALATION).where(*rows).values(**values))


def end(connection: Connection, effect: EndEscalations, now: datetime) -> None:
    """The ticket is over; nobody waits for third parties any more."""
    rows = (ESCALATION.c.ticket == effect.ticket, ESCALATION.c.closed_at.is_(None))
    connection.execute(update(ESCALATION).where(*rows).values(closed_at=now))


def standing(connection: Connection, number: int, addresses: Mapping[str, str]) -> tuple[Escalation, ...]:
    """The open escalations of the ticket, oldest first. `addresses` of third parties by name."""
    query = (
        select(ESCALATION)
        .where(ESCALATION.c.ticket == number, ESCALATION.c.closed_at.is_(None))
        .order_by(ESCALATION.c.id)
    )
    return tuple(
        Escalation(
            third_party=row.third_party,
            by=row.by,
            opened_at=row.opened_at,
            asked_at=row.asked_at,
            answered_at=row.answered_at,
            foreign_number=row.foreign_number or "",
            last_id=_last_id(connection, number, addresses.get(row.third_party, "")),
        )
        for row in connection.execute(query).all()
    )


def _open(number: int, third_party: str) -> tuple[ColumnElement[bool], ...]:
    return (
        ESCALATION.c.ticket == number,
        ESCALATION.c.third_party == third_party,
        ESCALATION.c.closed_at.is_(None),
    )


def _last_id(connection: Connection, number: int, address: str) -> str | None:
    """The message id of their latest mail on the ticket."""
    query = (
        select(ENTRY.c.message_id)
        .where(
            ENTRY.c.ticket == number,
            ENTRY.c.kind == str(EntryKind.THIRD_PARTY),
            ENTRY.c.sender_address == address,
        )
        .order_by(ENTRY.c.id.desc())
        .limit(1)
    )
    found: str | None = connection.scalar(query)
    return found
