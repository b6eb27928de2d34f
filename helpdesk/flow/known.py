"""What a ticket's customer said and was told: looked up for one ticket, or with a few statements for several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from helpdesk.decide.deadlines import RESPONSE
from helpdesk.model.affairs import Consent, Evidence, Promise
from helpdesk.model.ticket import Deadline, EntryKind, Ticket
from helpdesk.store import consents, entries, evidence, promises
from helpdesk.store.evidence import Late


@dataclass(frozen=True, slots=True)
class Known:
    """`text` is all that the customer has written since the last answer, else their latest words.

    `evidence`: about the operator who is late, if that was looked up already.
    """

    text: str
    promise: Promise | None
    consent: Consent | None
    evidence: Evidence | None = None


def look_up(desk: Connection, number: int) -> Known:
    return Known(unanswered(desk, number), promises.latest(desk, number), consents.latest(desk, number))


def known_of(desk: Connection, passed: Sequence[tuple[Ticket, Deadline]], now: datetime) -> dict[int, Known]:
    """What is known of each of these tickets, of which a deadline has passed; for one alone it costs nothing more."""
    numbers = [ticket.number for ticket, _ in passed]
    texts = _texts(desk, numbers)
    promised, asked = promises.of_tickets(desk, numbers), consents.of_tickets(desk, numbers)
    late = [one for ticket, deadline in passed if (one := late_on(ticket, deadline))]
    found = zip(late, evidence.of_operators(desk, late, now), strict=True)
    about = {one.number: its for one, its in found}
    return {
        number: Known(
            texts[number],
            promised[number][-1] if number in promised else None,
            asked[number][-1] if number in asked else None,
            about.get(number),
        )
        for number in numbers
    }


def late_on(ticket: Ticket, deadline: Deadline) -> Late | None:
    """Who has missed the deadline, if an answer was due and somebody owed it."""
    if deadline.kind not in RESPONSE or ticket.operator is None:
        return None
    return Late(ticket.number, ticket.operator, deadline.started_at)


def unanswered(desk: Connection, number: int) -> str:
    """All that the customer has written since the last answer: who takes the ticket over must read all of it."""
    return _texts(desk, [number])[number]


def _texts(desk: Connection, numbers: Sequence[int]) -> dict[int, str]:
    waiting = entries.unanswered_texts(desk, numbers)
    texts = {number: _in_one(waiting.get(number, ())) for number in numbers}
    latest = entries.latest_texts(desk, [n for n in numbers if not texts[n]], EntryKind.CUSTOMER)
    return {number: text or latest.get(number, "") for number, text in texts.items()}


def _in_one(texts: Sequence[str]) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())
