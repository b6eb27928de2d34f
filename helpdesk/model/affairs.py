"""What else stands open about a ticket: the date its customer was told, their consent, a card's evidence.

These are rows of their own beside the ticket; every event carries them as they are when it happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PromiseState(StrEnum):
    """`moved`: a new date took its place before it had passed. `dropped`: PIC ended the conversation before."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    MOVED = "moved"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Promise:
    """A date that the customer was told. `by` is the address of who promised."""

    due_at: datetime
    made_at: datetime
    by: str
    reason: str = ""
    state: PromiseState = PromiseState.OPEN
    settled_at: datetime | None = None
    id: int = 0


class ConsentState(StrEnum):
    """`used`: what the customer agreed to has been carried out."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    USED = "used"


@dataclass(frozen=True, slots=True)
class Consent:
    """What the customer was asked to agree to. `answer` and `spool_id`: their words and the mail that holds them."""

    what: str
    by: str
    asked_at: datetime
    state: ConsentState = ConsentState.ASKED
    answer: str = ""
    spool_id: int | None = None
    answered_at: datetime | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter to the operator: its canned name, when it was written, when it was delivered or why not."""

    letter: str
    at: datetime
    delivered_at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the desk knows about a deadline that was missed: letters to the operator since it began, and absences.

    `away` are the times (from, until) within it; until None: still away. `down` are those at which the desk was.
    """

    sent: tuple[Sent, ...] = ()
    away: tuple[tuple[datetime, datetime | None], ...] = ()
    down: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Affairs:
    """`promise` and `consent` are the latest of the ticket, in whatever state.

    `evidence` is looked up when a response deadline has passed, else None. `on_hold`: the reason given for it.
    """

    promise: Promise | None = None
    consent: Consent | None = None
    evidence: Evidence | None = None
    on_hold: str = ""

    @property
    def open_promise(self) -> Promise | None:
        return self.promise if self.promise and self.promise.state is PromiseState.OPEN else None

    @property
    def asked_consent(self) -> Consent | None:
        return self.consent if self.consent and self.consent.state is ConsentState.ASKED else None


NOTHING = Affairs()


@dataclass(frozen=True, slots=True)
class GivenCard:
    """A yellow card on record; it counts no more once it is lifted. `appeal`: the operator's words against it."""

    id: int
    ticket: int | None
    operator: str
    reason: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    evidence: str | None = None
    appeal: str | None = None
    appealed_at: datetime | None = None
