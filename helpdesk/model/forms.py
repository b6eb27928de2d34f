"""Standard forms (PROCEDURE C), and the third parties that tickets are escalated to (PROCEDURE A6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from helpdesk.model.ticket import Clock

RETURNED = "returned:"
"""Begins the tag of tickets whose form is with the customer; the rest is how many times it was sent."""

ESCALATED = "escalated:"
"""Begins the tag of tickets that are with a third party; the rest is its name."""


class FieldType(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    INTEGER = "integer"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing to fill in. `labels` are how mails call it, in any language; the first is how the desk does."""

    name: str
    labels: tuple[str, ...] = ()
    type: FieldType = FieldType.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.labels[0] if self.labels else self.name

    @property
    def wanted(self) -> str:
        """The label with what may be chosen: `Size (S, M, L)`."""
        return f"{self.label} ({', '.join(self.choices)})" if self.choices else self.label


@dataclass(frozen=True, slots=True)
class FormMatch:
    """How a form's mail is recognised; all that are set must hold. `subject` is a regular expression."""

    sender: str | None = None
    to: str | None = None
    subject: str | None = None
    list: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of request with what it must say.

    reply_to_field  the field that holds the customer's address, in mails from `match.sender`
    rounds          so many times it is returned; then somebody takes it over
    distribute_to   names of the third parties that must act on it
    expected_in, expected_field  by when: so long after it is complete, or on the date of that field
    """

    name: str
    match: FormMatch = field(default_factory=FormMatch)
    fields: tuple[FormField, ...] = ()
    reply_to_field: str | None = None
    rounds: int = 3
    distribute_to: tuple[str, ...] = ()
    expected_in: timedelta | None = None
    expected_field: str | None = None

    def field(self, name: str | None) -> FormField | None:
        return next((one for one in self.fields if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Answers:
    """What one mail says to the fields of the form called `form`, as it was written, by field name."""

    form: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """Another desk. `form`: whose required fields a ticket must have before it is escalated; None: its own form's."""

    name: str
    address: str
    form: str | None = None

    def writes_from(self, address: str) -> bool:
        """Exact match on ASCII only: a look-alike letter is somebody else (T33)."""
        return address.isascii() and address.lower() == self.address


@dataclass(frozen=True, slots=True)
class Escalating:
    """The clock of third parties: when they are reminded, and when operator and PIC are told."""

    answer_within: timedelta = timedelta(hours=48)
    remind_at: tuple[float, ...] = (0.5,)
    clock: Clock = Clock.WORKING_DAYS


@dataclass(frozen=True, slots=True)
class Escalation:
    """An open escalation. `asked_at` is the latest question, `answered_at` the latest answer.

    `foreign_number` is the tag by which the third party knows it, as `[Ticket#4711]`. `last_id` is the message id
    of their latest mail.
    """

    third_party: str
    by: str
    opened_at: datetime
    asked_at: datetime
    answered_at: datetime | None = None
    foreign_number: str = ""
    last_id: str | None = None

    @property
    def waits(self) -> bool:
        return self.answered_at is None or self.answered_at < self.asked_at
