"""What customers may ask the desk itself by mail, in one phrase: INTERFACE 4."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.model.decision import File
from helpdesk.model.events import Greetings, MailEvent
from helpdesk.model.ticket import Ticket


class Ask(StrEnum):
    STATUS = "status"
    LANGUAGE = "language"
    DATA = "data"
    FORGET = "forget"


NEEDS_CONFIRMATION = frozenset({Ask.DATA, Ask.FORGET})
"""Anybody can write a From line: these wait until the address itself has answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAsked(MailEvent):
    """`spoken` is the language of the phrase, `wanted` the one that was asked for.

    `held_id` is what a confirmation releases, `confirmed` that this has happened. `tickets` are the customer's,
    `files` what the desk keeps about them.
    """

    ask: Ask
    spoken: str
    wanted: str = ""
    confirmed: bool = False
    held_id: int = 0
    recent_mails: int = 1
    greetings: Greetings = field(default_factory=Greetings)
    tickets: tuple[Ticket, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def signed(self) -> bool:
        """Who has confirmed has read our letter."""
        return self.confirmed
