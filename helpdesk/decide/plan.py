"""A decision in the making: handlers note what to do and why, `decision()` freezes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from helpdesk.decide.lifecycle import DEADLINES_OF_STATUS
from helpdesk.decide.notes import CLOCK, DESK, Notes
from helpdesk.model.decision import Card, Decision, TurnTaken
from helpdesk.model.events import Event
from helpdesk.model.forms import RETURNED
from helpdesk.model.people import Person
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Claim, Deadline, DeadlineKind, Entry, Rating, Status, Ticket

__all__ = ["CLOCK", "DESK", "Plan"]


class Plan(Notes):
    """Collects one Decision about a ticket. `ticket` is always the ticket as it will be."""

    def __init__(self, ticket: Ticket, event: Event, policy: Policy, now: datetime, *, create: bool = False):
        super().__init__(event, policy, now)
        self._ticket = ticket
        self._ahead: dict[str, Any] = {}
        self.turn: TurnTaken | None = None
        self._create = create
        self._changes: dict[str, Any] = {}
        self._entries: list[Entry] = []
        self._cancel: set[DeadlineKind] = set()
        self._set: list[Deadline] = []
        self._claim: Claim | None = None
        self._clear_claims = False
        self._card: Card | None = None
        self._rating: Rating | None = None

    @property
    def ticket(self) -> Ticket:
        # a new one is made when it is looked at, not at each of several changes in a row
        if self._ahead:
            self._ticket, self._ahead = replace(self._ticket, **self._ahead), {}
        return self._ticket

    @property
    def deadlines(self) -> tuple[Deadline, ...]:
        """Those of `ticket`."""
        ahead: tuple[Deadline, ...] = self._ahead.get("deadlines", self._ticket.deadlines)
        return ahead

    @property
    def operator(self) -> Person | None:
        """The assignee, if they still work here."""
        return self.policy.operator(self.ticket.operator)

    @property
    def operator_name(self) -> str:
        return self.operator.name if self.operator else ""

    def change(self, **changes: Any) -> None:
        """Set Ticket fields; deadlines that cannot stand in a new status are dropped with the old one."""
        self._ahead.update(changes)
        self._changes.update(changes)
        if "status" in changes:
            self._take_form_back()
            self.cancel(*(set(DeadlineKind) - DEADLINES_OF_STATUS[changes["status"]]))

    def bring_in(self, everybody: tuple[str, ...]) -> None:
        """`everybody` takes part on the customer's side from now on."""
        new = [one for one in everybody if one not in self.ticket.participants]
        if new:
            self.change(participants=everybody)
            self.because(because("in_copy", names=", ".join(new)))

    def _take_form_back(self) -> None:
        """Whoever else has the ball, the form is with the customer no more."""
        kept = tuple(tag for tag in self.ticket.tags if not tag.startswith(RETURNED))
        if self.ticket.status is not Status.PENDING and kept != self.ticket.tags:
            self.change(tags=kept)

    def record(self, entry: Entry) -> None:
        self._entries.append(entry)

    def cancel(self, *kinds: DeadlineKind) -> None:
        """Drop deadlines of these kinds, those of this very plan included."""
        self._cancel.update(kinds)
        self._set = [d for d in self._set if d.kind not in kinds]
        kept = tuple(d for d in self.deadlines if d.kind not in kinds)
        if len(kept) < len(self.deadlines):
            self._ahead["deadlines"] = kept

    def set(self, deadline: Deadline) -> None:
        self._set.append(deadline)
        self._ahead["deadlines"] = (*self.deadlines, deadline)

    def claim(self, claim: Claim) -> None:
        self._claim = claim

    def clear_claims(self) -> None:
        self._clear_claims = True

    def card(self, card: Card) -> None:
        self._card = card

    def rate(self, rating: Rating) -> None:
        self._rating = rating
        self._ahead["rating"] = rating

    def due(self, *kinds: DeadlineKind) -> datetime | None:
        """When the first deadline of these kinds falls due."""
        return min((d.due_at for d in self.deadlines if d.kind in kinds), default=None)

    def decision(self) -> Decision:
        changes = self._changes
        if self._create:
            computed = {"number", "version", "deadlines", "claims", "rating", "journal_head"}
            names = [n for n in Ticket.__dataclass_fields__ if n not in computed]
            changes = {name: getattr(self.ticket, name) for name in names}
        return replace(
            super().decision(),
            number=self.ticket.number,
            create=self._create,
            changes=changes,
            entries=tuple(self._entries),
            cancel=frozenset(self._cancel),
            set_deadlines=tuple(self._set),
            add_claim=self._claim,
            clear_claims=self._clear_claims,
            turn=self.turn,
            card=self._card,
            rating=self._rating,
        )
