"""Before taking a ticket: be available (PROCEDURE B). Who cannot take one now, and why, in words.

It holds for the rota, for claims and for whom others assign to. An answer to the customer is always welcome.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from helpdesk.model.events import Rota, Turn
from helpdesk.model.people import Person
from helpdesk.model.policy import Assignment


class Barrier(StrEnum):
    """What keeps an operator from taking a ticket."""

    AWAY = "away"
    SUSPENDED = "suspended"
    FULL = "full"


def _away(turn: Turn) -> str:
    return f"is away until {turn.away_until:%Y-%m-%d %H:%M} UTC" if turn.away_until else "is away"


def _suspended(turn: Turn) -> str:
    return f"is off the rota with {turn.cards} yellow cards"


def _full(turn: Turn) -> str:
    return f"has a full plate ({turn.open_tickets} open)"


Words = Callable[[Turn], str]


def barriers(turn: Turn, rules: Assignment) -> list[tuple[Barrier, Words]]:
    """All that stands in the way, the weightiest first; empty when they can take a ticket."""
    full = 0 < rules.max_open <= turn.open_tickets
    found = ((turn.away, Barrier.AWAY, _away), (turn.suspended, Barrier.SUSPENDED, _suspended))
    return [(barrier, words) for holds, barrier, words in (*found, (full, Barrier.FULL, _full)) if holds]


def turn_of(rota: Rota, person: Person) -> Turn:
    """The standing of this operator."""
    return next((turn for turn in rota if turn.operator.address == person.address), Turn(person))
