"""The event that is a block of `#verb` lines, with everything the verbs must know from the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from helpdesk.model.events import CustomerWrote, MailEvent
from helpdesk.model.orders import Order
from helpdesk.model.ticket import Entry, Ticket


@dataclass(frozen=True, slots=True)
class SplitOff:
    """`#split`: the customer's latest mail as the event that would have opened the ticket `number`.

    `entry_id` is its place on the old ticket. `origin` None: there is nothing to split off, `problem` says why.
    `unanswered`: the old ticket holds other words of the customer that wait for an answer.
    """

    number: int = 0
    origin: CustomerWrote | None = None
    entry_id: int = 0
    problem: str = ""
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """A line of the ticket's history. `changes`, on the first line of a decision, are the fields it set."""

    at: datetime
    event: str
    by: str
    reason: str
    reasons: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conduct:
    """What was decided about a customer so far, and their other tickets that are not closed."""

    warned: bool = False
    blocked: bool = False
    others: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True)
class Lookups:
    """What the store knows about the orders of one mail; `flow.lookups` fills what they ask for.

    `conversation`: what customer and operators said to each other.
    `canned`: the words of canned replies by name, filled in for this ticket and writer.
    `history` of this ticket, oldest first. `about`, `words`: other tickets by number, and what was said on them.
    `mine`: the writer's open tickets. `topics` of the knowledge pages, `pages` those that were asked for.
    `letters`: canned names of what the customer was sent by the last step.
    `cards`: how many yellow cards of an operator (registered address) count now.
    """

    canned: Mapping[str, str] = field(default_factory=dict)
    conversation: str = ""
    split: SplitOff = field(default_factory=SplitOff)
    history: tuple[Past, ...] = ()
    about: Mapping[int, Ticket] = field(default_factory=dict)
    words: Mapping[int, tuple[Entry, ...]] = field(default_factory=dict)
    mine: tuple[Ticket, ...] = ()
    topics: tuple[str, ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict)
    conduct: Conduct = field(default_factory=Conduct)
    letters: tuple[str, ...] = ()
    cards: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCommanded(MailEvent):
    """An operator or PIC gave `orders`; `text` are the words below them.

    `delivered`: the customer was among the recipients, so the words are theirs already.
    """

    orders: tuple[Order, ...]
    text: str = ""
    delivered: bool = False
    found: Lookups = field(default_factory=Lookups)


@dataclass(frozen=True, slots=True)
class Section:
    """The orders about one ticket in a mail about several; `number` 0: about none. `line` is `#ticket 12` as typed.

    `ticket` and `event` are filled in from the store; `ticket` None: there is no such ticket.
    """

    number: int
    line: str
    orders: tuple[Order, ...]
    ticket: Ticket | None = None
    event: StaffCommanded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCommanded(MailEvent):
    """An operator or PIC gave orders in a mail that belongs to no ticket; `text` are the words below them."""

    sections: tuple[Section, ...]
    text: str = ""
