"""What happened, in the past tense. `decide` answers each with a Decision.

Every event carries `rota`, the standing of the operators when it happened, because any event may
end in an assignment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpdesk.model.affairs import NOTHING, Affairs, GivenCard
from helpdesk.model.forms import Answers, Escalation
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Person, Speaker
from helpdesk.model.ticket import Deadline, Ticket


@dataclass(frozen=True, slots=True)
class Turn:
    """One operator's standing: when they last got a ticket, how many are open, cards that count now.

    `suspended` and `away` operators are skipped. `last_turn_at` None: never had a turn. `away_until` None: until
    they say that they are back. `away_why` is OUT_OF_OFFICE when their own automatic reply said so.
    """

    operator: Person
    last_turn_at: datetime | None = None
    open_tickets: int = 0
    cards: int = 0
    away: bool = False
    suspended: bool = False
    away_until: datetime | None = None
    away_why: str = ""


Rota = tuple[Turn, ...]

OUT_OF_OFFICE = "auto-reply"
"""Why somebody is away whose mail program said so; the next mail that they write themselves ends it."""


@dataclass(frozen=True, slots=True)
class PastTurn:
    """The operator (registered address) got this ticket then; `how` as in TurnTaken."""

    operator: str
    how: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """`customer_text` are the customer's latest words on record, for letters that remind of them.

    `past_turns`: who has got the ticket so far, oldest first.
    `affairs`: what else stands open about the ticket.
    """

    rota: Rota = ()
    customer_text: str = ""
    escalations: tuple[Escalation, ...] = ()
    past_turns: tuple[PastTurn, ...] = ()
    affairs: Affairs = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEvent(Event):
    """`spool_id` is where the raw mail is kept. `recipients` are the envelope's, '' unknown ones left out.

    `received_at`: when the desk got it, or what confirmed it; it may be handled later. None: now.
    """

    mail: InboundMail
    speaker: Speaker
    spool_id: int
    recipients: tuple[str, ...] = ()
    sender: str | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Greetings:
    """Automatic letters that customers' mail has caused so far: to this address in 24 hours and in the last hour,
    to its domain and to everybody in the last hour.
    """

    of_day: int = 0
    of_hour: int = 0
    of_domain: int = 0
    in_all: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerWrote(MailEvent):
    """`number` is what the ticket gets if this mail opens one (`flow.numbering`), `linked_to` the closed one before it.

    `recent_mails` counts mails of this address in the last ten minutes, this one included. `new_subject` is the
    mail's subject where it differs from all that the ticket has seen: perhaps a new question. `signed`: it answers
    a letter that the ticket's customer got. `reopened` counts how often the ticket was reopened in the last hour.
    `answers` is what it says to the fields of a form; `named_by_form`: the customer's address is one of them.
    `preferred` is the language that the customer asked for. `forwarded_by`: one of the desk's people sent it on,
    perhaps with words of their own above it.
    """

    number: int = 0
    linked_to: int | None = None
    recent_mails: int = 1
    new_subject: str = ""
    signed: bool = False
    forwarded_by: Person | None = None
    forwarders_words: str = ""
    preferred: str = ""
    reopened: int = 0
    greetings: Greetings = Greetings()
    answers: Answers | None = None
    named_by_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorClaimed(MailEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAnswered(MailEvent):
    """`delivered`: the customer was among the recipients, so the answer is theirs already."""

    delivered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorUnclear(MailEvent):
    """Empty or not? We could not tell, or could not tell which ticket was meant."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFailed(MailEvent):
    """An unknown or half-right verb: the whole mail is held and comes back with the line marked."""

    line: str
    problem: str
    suggestion: str
    ready: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffNotProven(MailEvent):
    """The From line names staff but nothing proves it; `held_id` is what a confirmation releases.

    `silent_because`: why the person is not asked now; None when they are. `waiting`: their other held mails that
    they have not been asked about, in words.
    """

    held_id: int = 0
    silent_because: str | None = None
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlyLinksAnswered(MailEvent):
    """An answer that holds nothing but links and has not reached the customer; `held_id` is what a reply releases."""

    held_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAppealed(MailEvent):
    """An operator answered the letter about their yellow card with words: PIC shall read them."""

    card: GivenCard


@dataclass(frozen=True, slots=True, kw_only=True)
class PicApproved(MailEvent):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PicObjected(MailEvent):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PicWrote(MailEvent):
    """A PIC's words where nothing was asked of them: kept as a note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotWrote(MailEvent):
    """An automatic mail that belongs to a ticket: on record, without effect."""

    why: str


@dataclass(frozen=True, slots=True)
class InHand:
    """An open ticket of somebody who is away, with what whoever takes it over must know."""

    ticket: Ticket
    customer_text: str = ""
    past_turns: tuple[PastTurn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAway(MailEvent):
    """The mail program of an operator answered a letter of ours to them: they are out of office.

    `held` are the tickets whose customers wait for them.
    """

    why: str
    held: tuple[InHand, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyWrote(MailEvent):
    """`third_party` is its name in the configuration; `foreign_number` is what it calls the ticket, or ''."""

    third_party: str
    foreign_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Event):
    score: int
    comment: str
    by: str
    spool_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(Event):
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRefused(Event):
    """A letter of ours could not be delivered. `letter` is its canned name, `audience` its signing letter."""

    letter: str
    audience: str
    recipient: str
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time that counts towards a deadline; `start` < `end`, both UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start
