"""What an event must know of how things stand: the rota, and the customer's latest words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from helpdesk.flow.workshop import Workshop
from helpdesk.model.events import Event
from helpdesk.model.ticket import EntryKind, Ticket
from helpdesk.store import entries, people

E = TypeVar("E", bound=Event)


def with_standing(shop: Workshop, desk: Connection, event: E, ticket: Ticket | None, now: datetime) -> E:
    """The event with rota and customer's words as they are inside this transaction."""
    rota = people.rota(desk, shop.policy.operators, now, shop.policy.cards)
    text = _unanswered(desk, ticket.number) if ticket else ""
    return replace(event, rota=rota, customer_text=text)


def _unanswered(desk: Connection, number: int) -> str:
    """All that the customer has written since the last answer: who takes the ticket over must read all of it."""
    waiting = entries.unanswered_texts(desk, number)
    words = "\n\n".join(text.strip() for text in waiting if text.strip())
    return words or entries.latest_text(desk, number, EntryKind.CUSTOMER)
