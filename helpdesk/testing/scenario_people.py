"""Somebody with a mail program and a mailbox: anne, bart, cate, dora."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Protocol

from helpdesk.model.ticket import Ticket
from helpdesk.testing.clock import Clock
from helpdesk.testing.letters import Letter, Writer

_OF_OTHERS = ("third_party_reply", "escalation_overdue")
_ABOUT_DATES = ("back_today", "promise_reminder", "promise_broken", "consent_answer")


class Post(Protocol):
    """Where mails are handed in, and the clock on the wall."""

    clock: Clock

    @property
    def address(self) -> str: ...

    def post(self, message: EmailMessage | bytes, sender: str) -> int: ...

    def newest(self) -> Ticket: ...


class Player(Writer):
    """`reads` are shared addresses whose mail this person sees too."""

    def __init__(self, desk: Post, name: str, address: str, reads: tuple[str, ...] = ()) -> None:
        super().__init__(name, address, desk.clock)
        self.desk = desk
        self.reads = (address, *reads)
        self.mailbox: list[Letter] = []

    def last(self, name: str = "") -> Letter:
        """The latest letter in the mailbox, of this canned name if one is given."""
        letters = [x for x in self.mailbox if not name or x.name == name]
        assert letters, f"{self.name} has no {name or 'letter'}; only {self.names()}"
        return letters[-1]

    def last_personal(self, name: str) -> Letter:
        """The latest letter of this name that was sent to this very person, not by the list."""
        return [x for x in self.mailbox if x.name == name and x.to == (self.address,)][-1]

    def names(self) -> list[str]:
        """The canned names of all letters, oldest first; '' for mails that people wrote."""
        return [letter.name for letter in self.mailbox]

    def count(self, name: str) -> int:
        return self.names().count(name)

    def asks(self, subject: str, text: str, to: str = "", **headers: str) -> Ticket:
        """Send a new question; return the newest ticket. `X_Loop="yes"` adds a header."""
        self.sends(self.new([to or self.desk.address], subject, text), **headers)
        return self.desk.newest()

    def replies(self, text: str, to_letter: str = "", **headers: str) -> int:
        """Reply to the latest letter (of that canned name): to its Reply-To alone. Return the inbox row."""
        return self.sends(self.reply(self.last(to_letter), text), **headers)

    def replies_all(self, text: str, to_letter: str = "", **headers: str) -> int:
        return self.sends(self.reply_all(self.last(to_letter), text), **headers)

    def sends(self, message: EmailMessage, **headers: str) -> int:
        """Send what was written, with these headers added; `envelope` says another envelope sender."""
        envelope = headers.pop("envelope", self.address)
        for header, value in headers.items():
            message[header.replace("_", "-")] = value
        return self.desk.post(message, envelope)

    def claims(self) -> int:
        """An empty Reply All to the latest announcement."""
        return self.replies_all("", "new_ticket")

    def answers(self, text: str, **headers: str) -> int:
        """Reply to the latest letter that concerns the work and was sent to this operator alone."""
        work = (
            "assignment",
            "customer_reply",
            "reminder",
            "undelivered",
            "new_ticket",
            *_ABOUT_DATES,
            *_OF_OTHERS,
        )
        letters = [x for x in self.mailbox if x.name in work and x["Reply-To"].find("-o") > 0]
        assert letters, f"{self.name} has no personal letter to answer; only {self.names()}"
        return self.sends(self.reply(letters[-1], text), **headers)
