"""What the rules about the meaning of a mail work on, and what they may answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.decide.match import Match
from helpdesk.model import events
from helpdesk.model.affairs import GivenCard
from helpdesk.model.forms import Answers
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Speaker
from helpdesk.model.policy import Policy


@dataclass(frozen=True, slots=True)
class Received:
    """A mail read, matched and attributed; what `understand` works on.

    `own_id`: the mail's own Message-ID is one that this desk signed.
    `subjects` are all that its ticket has seen. `as_it_is`: its writer wants it sent though it holds only links.
    `blocked`: PIC decided to end the conversation with its sender. `card`: the writer's yellow card that the mail
    may be about. `answers`: what it says to the fields of the form that it is about.
    `former`: it answers a letter signed for its writer, who is registered no more. `personal`: it answers a letter
    that this desk wrote to its writer alone, an operator.
    `received_at`: when it reached the desk, `now` is when it is handled.
    `confirmed`: it was held, and the address that it came from has answered.
    """

    mail: InboundMail
    speaker: Speaker
    match: Match
    spool_id: int
    now: datetime
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    recent_mails: int = 1
    canned_replies: Sequence[str] = ()
    topics: Sequence[str] = ()
    own_id: bool = False
    subjects: tuple[str, ...] = ()
    as_it_is: bool = False
    blocked: bool = False
    answers: Answers | None = None
    former: bool = False
    personal: bool = False
    confirmed: bool = False
    card: GivenCard | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """No event: the rule that set the mail aside and why. Its raw bytes stay in the spool.

    `parks`: PIC are told, and it can be replayed once somebody has seen to it.
    """

    rule: str
    why: str
    parks: bool = False


Meaning = events.Event | Ignored
Rule = Callable[[Received, Policy], Meaning | None]


def of_mail(received: Received) -> dict[str, Any]:
    """What every event that is a mail carries."""
    return {
        "mail": received.mail,
        "speaker": received.speaker,
        "spool_id": received.spool_id,
        "recipients": received.recipients,
        "sender": received.sender,
        "received_at": received.received_at,
    }
