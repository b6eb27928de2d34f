"""The mails of a campaign: who writes what to whom, each with a canary by which it is known wherever it comes out.

Every question comes from an address of its own, so that what a customer gets tells how often it was taken in.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

from helpdesk.testing.clock import Clock
from helpdesk.testing.leaks import House
from helpdesk.testing.letters import Letter, Writer

DESK = "help@desk.example"
OPERATORS = {"bart@staff.example": "Bart", "cate@staff.example": "Cate"}
HOUSE = House(
    staff=frozenset({*OPERATORS, "dora@staff.example"}),
    shared=frozenset({"milis@lists.example", "pic@desk.example"}),
)
HOPELESS, LATE = "Unreadable", "Awkward"
"""How the subjects begin of mails, and of tickets' mails, that a scene makes the desk stumble over."""
Kind = Literal["question", "reply", "claim", "answer", "note", "close", "hopeless"]
COMMANDS = ("claim", "answer", "note", "close")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to the desk. `customer` is whose ticket it is about, `ticket` its number, 0 for a question."""

    kind: Kind
    canary: str
    message_id: str
    sender: str
    customer: str
    ticket: int
    raw: bytes


class _WallClock(Clock):
    def __call__(self) -> datetime:
        return datetime.now(UTC)


class Writers:
    """Writes mails; `chance` makes the words."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._numbers = itertools.count(1)
        self._clock = _WallClock()

    def question(self, subject: str = "My order") -> Mail:
        return self._new("question", subject)

    def hopeless(self) -> Mail:
        """One that ends aside."""
        return self._new("hopeless", HOPELESS)

    def reply(self, letter: Letter) -> Mail:
        """The customer writes again, to the letter that they got."""
        canary = self._canary()
        message = self._writer(letter.recipients[0]).reply(letter, f"It was the blue one, {canary}.")
        return self._mail("reply", canary, message, letter.recipients[0], letter.ticket)

    def claim(self, letter: Letter) -> Mail:
        """An empty Reply All."""
        message = self._writer(letter.recipients[0]).reply_all(letter, "")
        return self._mail("claim", self._canary(), message, "", letter.ticket)

    def answer(self, letter: Letter) -> Mail:
        canary = self._canary()
        words = f"We have sent it again today, {canary}."
        message = self._writer(letter.recipients[0]).reply(letter, words)
        return self._mail("answer", canary, message, "", letter.ticket)

    def note(self, letter: Letter) -> Mail:
        """Words for the desk alone, with the internal letter quoted below them."""
        canary = self._canary()
        message = self._writer(letter.recipients[0]).reply(letter, f"#note\n\nAnne is difficult, {canary}.")
        return self._mail("note", canary, message, "", letter.ticket)

    def close(self, letter: Letter) -> Mail:
        canary = self._canary()
        words = f"#close\n\nAll is done, {canary}; enjoy it."
        message = self._writer(letter.recipients[0]).reply(letter, words)
        return self._mail("close", canary, message, "", letter.ticket)

    def _new(self, kind: Kind, subject: str) -> Mail:
        canary = self._canary()
        writer = self._writer(f"anne.{next(self._numbers)}@customer.example")
        message = writer.new([DESK], f"{subject} {canary}", f"Where is my parcel {canary}?\n\nAnne\n")
        return self._mail(kind, canary, message, writer.address, 0)

    def _writer(self, address: str) -> Writer:
        return Writer(OPERATORS.get(address, "Anne"), address, self._clock)

    def _canary(self) -> str:
        return f"canary{self._chance.getrandbits(48):012x}"

    def _mail(self, kind: Kind, canary: str, message: EmailMessage, customer: str, ticket: int) -> Mail:
        sender = Letter(message.as_bytes())._addresses("From")[0]  # noqa: SLF001 - of the same package
        message_id = str(message["Message-ID"])
        return Mail(kind, canary, message_id, sender, customer, ticket, message.as_bytes(policy=SMTP))


def carried(raw: bytes, road: str, hop: int) -> bytes:
    """The same mail as another road brings it: with the headers of other carriers (5.8)."""
    added = {
        "smtp": f"Received: from mx{hop}.customer.example by relay.example; Mon, 2 Mar 2026 09:00:00 +0000\r\n",
        "lmtp": f"Authentication-Results: mx{hop}.desk.example; spf=pass\r\nDelivered-To: {DESK}\r\n",
        "imap": f"Return-Path: <anne@customer.example>\r\nDelivered-To: {DESK}\r\nX-Spam-Score: {hop}\r\n",
    }
    return added[road].encode() + raw
