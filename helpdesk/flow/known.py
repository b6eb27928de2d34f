"""What a ticket's customer said and was told: looked up for one ticket, or with a few statements for several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from helpdesk.model.affairs import Consent, Promise
from helpdesk.model.ticket import EntryKind
from helpdesk.store import consents, entries, promises


@dataclass(frozen=True, slots=True)
class Known:
    """`text` is all that the customer has written since the last answer, else their latest words."""

    text: str
    promise: Promise | None
    consent: Consent | None


def look_up(desk: Connection, number: int) -> Known:
    return Known(unanswered(desk, number), promises.latest(desk, number), consents.latest(desk, number))


def known_of(desk: Connection, numbers: Sequence[int]) -> dict[int, Known]:
    """What `look_up` finds for each of these tickets; for one alone that costs nothing more."""
    if len(numbers) < 2:
        return {number: look_up(desk, number) for number in numbers}
    waiting = entries.unanswered_texts_of(desk, numbers)
    texts = {number: _in_one(waiting.get(number, ())) for number in numbers}
    latest = entries.latest_texts(desk, [n for n in numbers if not texts[n]], EntryKind.CUSTOMER)
    promised, asked = promises.of_tickets(desk, numbers), consents.of_tickets(desk, numbers)
    return {
        number: Known(
            texts[number] or latest.get(number, ""),
            promised[number][-1] if number in promised else None,
            asked[number][-1] if number in asked else None,
        )
        for number in numbers
    }


def unanswered(desk: Connection, number: int) -> str:
    """All that the customer has written since the last answer: who takes the ticket over must read all of it."""
    waiting = entries.unanswered_texts(desk, number)
    return _in_one(waiting) or entries.latest_text(desk, number, EntryKind.CUSTOMER)


def _in_one(texts: Sequence[str]) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())
