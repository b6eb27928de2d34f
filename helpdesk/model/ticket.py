"""The ticket, as it stands: status, people, deadlines. Everything that changes it is a Decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from helpdesk.model.mail import Attachment
from helpdesk.model.people import Address


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class WaitingFor(StrEnum):
    OPERATOR = "operator"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    PIC = "pic"
    NOBODY = "nobody"


class EntryKind(StrEnum):
    CUSTOMER = "customer"
    OPERATOR = "operator"
    NOTE = "note"
    THIRD_PARTY = "third_party"
    PIC = "pic"
    LETTER = "letter"


class Clock(StrEnum):
    """How time is counted: every hour, 24 h on working days, or inside opening hours."""

    CALENDAR = "calendar"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"


class DeadlineKind(StrEnum):
    CLAIM_WINDOW = "claim_window"
    CLAIM_TIMEOUT = "claim_timeout"
    CLAIM_LEASE = "claim_lease"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    REMINDER = "reminder"
    NUDGE = "nudge"
    AUTO_CLOSE = "auto_close"
    PIC_TIMEOUT = "pic_timeout"
    HOLD = "hold"
    PROMISE = "promise"
    PROMISE_REMINDER = "promise_reminder"
    THIRD_PARTY_REMINDER = "third_party_reminder"
    THIRD_PARTY_DUE = "third_party_due"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something happens at `due_at` unless it is cancelled before.

    It was set at `started_at` and allows `allowed` of `clock` time. `step` tells repeated ones
    apart (first reminder, second nudge); `id` is 0 until stored.
    """

    kind: DeadlineKind
    due_at: datetime
    started_at: datetime
    allowed: timedelta
    clock: Clock
    step: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """An operator (by registered address) asked for the ticket."""

    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Rating:
    score: int
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing said on a ticket. `text` is what a reader of the ticket sees."""

    at: datetime
    kind: EntryKind
    sender: Address
    to: tuple[str, ...]
    subject: str
    text: str
    message_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    spool_id: int | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """`operator` is the assignee's registered address. `version` grows with every stored change.

    `participants` are the addresses of the customer's side that may write on the ticket.
    `thread` are the message ids seen on the customer's side, oldest first, for References.
    `journal_head` is the hash of the newest line of its history.
    """

    number: int
    subject: str
    customer: Address
    created_at: datetime
    updated_at: datetime
    status: Status = Status.NEW
    waiting_for: WaitingFor = WaitingFor.OPERATOR
    operator: str | None = None
    queue: str = "default"
    language: str = ""
    first_response_at: datetime | None = None
    answered_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    survey_sent_at: datetime | None = None
    acknowledged: bool = False
    linked_to: int | None = None
    participants: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    claims: tuple[Claim, ...] = ()
    rating: Rating | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    version: int = 0
    journal_head: str = ""


_MERGED = "merged-into:"


def merge_tag(number: int) -> str:
    """The tag of a ticket that became part of another; no `#tag` can write it."""
    return f"{_MERGED}{number}"


def merged_into(ticket: Ticket) -> int | None:
    """The ticket that this one is part of, or None."""
    tag = next((t for t in reversed(ticket.tags) if t.startswith(_MERGED)), None)
    return int(tag.removeprefix(_MERGED)) if tag else None
