"""What a verb is: its names, who may use it, how its argument is read and what it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from helpdesk.decide.notes import Notes
from helpdesk.decide.plan import Plan
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.people import Person, Role
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because

STAFF = frozenset({Role.OPERATOR, Role.PIC})
OPERATORS = frozenset({Role.OPERATOR})
PICS = frozenset({Role.PIC})


@dataclass(frozen=True, slots=True)
class Reading:
    """What the arguments of orders are read with.

    `canned`: names of the replies in the ticket's language; `topics`: those of the knowledge pages.
    """

    policy: Policy
    now: datetime
    canned: Sequence[str] = ()
    topics: Sequence[str] = ()


Read = Callable[[Order, Reading], Order | Misunderstood]
OnTicket = Callable[[Plan, Order, StaffCommanded], Misunderstood | None]
OnDesk = Callable[[Notes, Order, StaffCommanded], Misunderstood | None]


@dataclass(frozen=True, slots=True)
class VerbRule:
    """One verb. Exactly one of `on_ticket` and `on_desk` is set; they return what could not be done, or None.

    usage        as it is written, `#hold DATE`
    meaning      one line for `#help`
    read         makes sense of the argument
    takes_words  the words below the commands belong to this verb; without such a verb they are an answer
    moves        it says where the ticket goes: one such verb in a mail at most
    """

    verb: Verb
    usage: str
    meaning: str
    read: Read
    on_ticket: OnTicket | None = None
    on_desk: OnDesk | None = None
    aliases: tuple[str, ...] = ()
    roles: frozenset[Role] = OPERATORS
    takes_words: bool = False
    moves: bool = False


def no_argument(order: Order, _: Reading) -> Order | Misunderstood:
    """For verbs that stand alone on their line."""
    if not order.argument:
        return order
    word = order.line.split()[0]
    return Misunderstood(order.line, because("takes_no_argument", word=word), because("alone", word=word))


def a_reason(order: Order, _: Reading) -> Order | Misunderstood:
    """For verbs whose argument is plain words, or nothing."""
    return replace(order, text=order.argument)


def writer(event: StaffCommanded) -> Person:
    """The registered person who gave the orders."""
    assert event.speaker.person is not None, "only registered people give orders"
    return event.speaker.person
