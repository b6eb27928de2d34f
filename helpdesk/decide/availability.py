"""Before taking a ticket: be available (PROCEDURE B). Who cannot take one now, and why, in words.

It holds for the rota, for claims and for whom others assign to. An answer to the customer is always welcome.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from helpdesk.model.events import Rota, Turn
from helpdesk.model.people import Person
from helpdesk.model.policy import Assignment
from helpdesk.model.reasons import because


class Barrier(StrEnum):
    """What keeps an operator from taking a ticket."""

    AWAY = "away"
    SUSPENDED = "suspended"
    FULL = "full"


def _away(turn: Turn) -> str:
    if turn.away_until is None:
        return because("is_away")
    return because("is_away_until", when=f"{turn.away_until:%Y-%m-%d %H:%M}")


def _suspended(turn: Turn) -> str:
    return because("is_off_rota", number=turn.cards)


def _full(turn: Turn) -> str:
    return because("is_full", number=turn.open_tickets)


Words = Callable[[Turn], str]


def barriers(turn: Turn, rules: Assignment) -> list[tuple[Barrier, Words]]:
    """All that stands in the way, the weightiest first; empty when they can take a ticket."""
    full = 0 < rules.max_open <= turn.open_tickets
    found = ((turn.away, Barrier.AWAY, _away), (turn.suspended, Barrier.SUSPENDED, _suspended))
    return [(barrier, words) for holds, barrier, words in (*found, (full, Barrier.FULL, _full)) if holds]


def turn_of(rota: Rota, person: Person) -> Turn:
    """The standing of this operator."""
    return next((turn for turn in rota if turn.operator.address == person.address), Turn(person))
