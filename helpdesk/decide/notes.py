"""What every decision in the making collects, with a ticket (`decide.plan`) or without one."""

from __future__ import annotations

from datetime import datetime

from helpdesk.model.decision import Beside, Decision, Draft, JournalLine
from helpdesk.model.effects import Effect
from helpdesk.model.events import Event
from helpdesk.model.policy import Policy

DESK = "desk"
CLOCK = "clock"


class Notes:
    """Collects a Decision that changes no ticket of its own.

    `told` are the lines of the receipt: what was done, as its writer will read it; `transcript` the same, order
    by order.
    """

    def __init__(self, event: Event, policy: Policy, now: datetime) -> None:
        self.event = event
        self.policy = policy
        self.now = now
        self.told: list[str] = []
        self.transcript: list[tuple[str, tuple[str, ...]]] = []
        self._reasons: list[str] = []
        self._drafts: list[Draft] = []
        self._journal: list[JournalLine] = []
        self._effects: list[Effect] = []
        self._also: list[Beside] = []

    def because(self, *reasons: str) -> None:
        self._reasons.extend(reasons)

    def write(self, draft: Draft) -> None:
        self._drafts.append(draft)

    def note(self, event: str, by: str, reason: str) -> None:
        """A line of the history; it is a reason too."""
        self._journal.append(JournalLine(event, by, reason))
        self._reasons.append(reason)

    def tell(self, line: str) -> None:
        """A line of the receipt that the writer of the orders gets."""
        self.told.append(line)

    def effect(self, effect: Effect) -> None:
        self._effects.append(effect)

    def beside(self, beside: Beside) -> None:
        """A decision about another ticket, carried out with this one or not at all."""
        self._also.append(beside)

    def decision(self) -> Decision:
        return Decision(
            reasons=tuple(self._reasons),
            drafts=tuple(self._drafts),
            journal=tuple(self._journal),
            effects=tuple(self._effects),
            also=tuple(self._also),
        )
