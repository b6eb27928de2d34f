"""What to do, in the imperative: everything that follows from one event, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from helpdesk.model.effects import Effect
from helpdesk.model.people import Address
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Claim, Deadline, DeadlineKind, Entry, Rating, Ticket

Attach = tuple[tuple[int, tuple[int, ...]], ...]
"""Inbox rows with the part indexes of their attachments."""
Value = str | int | datetime | timedelta | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class File:
    """A file that the desk made itself, to go with a letter.

    cid  '' for an attachment; else the picture stands where the letter's HTML says `src="cid:<cid>"`
         (a letter without HTML has it attached)
    """

    name: str
    media_type: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to write: canned name, who gets it, values for its template.

    audience    whom the Reply-To and Message-ID are signed for; `person` is the registered address they are
                bound to (operators and PIC), '' otherwise
    number      the ticket (Audience.HELD: the held mail) in the signed addresses
    human       somebody wrote these words: no Auto-Submitted, bounces come back to the desk
    replied     automatic, in direct answer to a mail: Auto-Submitted auto-replied, else auto-generated
    in_reply_to, references  message ids without <>, oldest first
    attach      attachments to carry over
    cc          other people of the customer's side, who read the same letter
    files       what the desk made for this letter; beside those carried over
    language    which canned responses; '' = the desk's
    """

    letter: str
    to: Address
    audience: Audience
    number: int
    ticket: int | None
    values: Mapping[str, Value]
    person: str = ""
    human: bool = False
    replied: bool = False
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    attach: Attach = ()
    language: str = ""
    files: tuple[File, ...] = ()
    cc: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a ticket's history. `by` is an address, `desk` or `clock`."""

    event: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """`operator` got the ticket; this is their turn on the rota.

    `how` is round_robin, claim, answer, close, hold, delay, cancel, reassigned, split, assigned, released, lease_over
    or out_of_office.
    """

    operator: str
    how: str


@dataclass(frozen=True, slots=True)
class Card:
    """A yellow card for `operator` (registered address). `evidence`: what was sent to them, and was it delivered."""

    operator: str
    reason: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """All of it is stored in one transaction or none of it.

    create      the ticket does not exist yet; `changes` then holds all of its fields
    changes     Ticket fields with their new values (never deadlines, claims, rating, number)
    cancel      kinds of deadlines that no longer stand; done before `set_deadlines`
    reasons     why, in words an operator understands; rule hits and misses in order
    moves       ids of stored entries that leave their ticket for this one, with their message ids
    effects     changes beside the ticket, in order
    also        decisions about other tickets, applied after this one in the same transaction
    allowed     False: the table refused this event, nothing changes
    """

    reasons: tuple[str, ...]
    number: int | None = None
    create: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    drafts: tuple[Draft, ...] = ()
    cancel: frozenset[DeadlineKind] = frozenset()
    set_deadlines: tuple[Deadline, ...] = ()
    add_claim: Claim | None = None
    clear_claims: bool = False
    turn: TurnTaken | None = None
    card: Card | None = None
    rating: Rating | None = None
    journal: tuple[JournalLine, ...] = ()
    moves: tuple[int, ...] = ()
    effects: tuple[Effect, ...] = ()
    also: tuple[Beside, ...] = ()
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Beside:
    """A decision about another ticket than the event's own; `ticket` None: it opens one."""

    ticket: Ticket | None
    decision: Decision
