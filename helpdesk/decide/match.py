"""Which ticket does a mail belong to? Rules in the order of trust; hits and misses are kept (R33, R34).

`clues` says what to look up, the caller looks it up, `choose` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from helpdesk.model.forms import ESCALATED
from helpdesk.model.mail import InboundMail
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Audience, Signer, Token
from helpdesk.model.subjects import TAG, alike
from helpdesk.model.ticket import Status, Ticket


@dataclass(frozen=True, slots=True)
class Clues:
    """What a mail itself says about its ticket. `address_tokens` and `id_tokens` are verified.

    `message_ids` are all ancestors, nearest first; `own_ids` those among them that we signed. `burnt` are those
    address tokens that others have seen: they lead to their ticket, but prove nobody.
    """

    address_tokens: tuple[Token, ...] = ()
    id_tokens: tuple[Token, ...] = ()
    message_ids: tuple[str, ...] = ()
    own_ids: tuple[str, ...] = ()
    subject_number: int | None = None
    subject: str = ""
    burnt: frozenset[Token] = frozenset()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Every ticket that might be meant, for the caller to load."""
        tokens = (*self.address_tokens, *self.id_tokens)
        named = [t.number for t in tokens if t.audience is not Audience.HELD]
        tagged = [self.subject_number] if self.subject_number is not None else []
        return tuple(dict.fromkeys((*named, *tagged)))

    @property
    def held(self) -> Token | None:
        """The confirmation of a held mail that this mail answers."""
        return next((t for t in self.address_tokens if t.audience is Audience.HELD), None)

    def about(self, number: int) -> Clues:
        """The same, where what is held is an answer on this ticket: its address speaks for the ticket, too."""
        token = self.held
        assert token is not None, "only what names a held mail"
        own = replace(token, number=number, audience=Audience.OPERATOR)
        return replace(self, address_tokens=(own, *(t for t in self.address_tokens if t != token)))


@dataclass(frozen=True, slots=True)
class Answered:
    """The letter of ours that a mail replies to: its canned name, whom it was signed for, its subject and bytes."""

    letter: str
    audience: str
    subject: str = ""
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Found:
    """What the store knows: tickets by number, the tickets of the ids of their mails, and of what those answered.

    `merged`: the ticket that one of them is part of now, by the number of the part.
    """

    tickets: Mapping[int, Ticket]
    by_message_id: Mapping[str, int]
    answered: Answered | None = None
    by_ancestor: Mapping[str, int] = field(default_factory=dict)
    merged: Mapping[int, Ticket] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """`ticket` None: a new question. `linked_to`: the closed ticket that it continues.

    `former` is that closed ticket itself. `by_number`: only the number in the subject points at the
    ticket, which anybody can write. `signed`: an address or id that only readers of the ticket's letters know does.
    `part`: the ticket that the mail names, where it is part of `ticket` now.
    """

    ticket: Ticket | None
    reasons: tuple[str, ...]
    linked_to: int | None = None
    answered: Answered | None = None
    by_number: bool = False
    former: Ticket | None = None
    signed: bool = False
    part: Ticket | None = None

    @property
    def answered_letter(self) -> str | None:
        return self.answered.letter if self.answered else None


def clues(mail: InboundMail, recipients: Iterable[str], signer: Signer) -> Clues:
    """Read every signed address and id in a mail; forged ones are left out."""
    named = (a.address for a in (*mail.to, *mail.cc))
    addresses = dict.fromkeys((*recipients, *named))
    tokens = tuple(t for a in addresses if (t := signer.read_address(a)))
    tag = TAG.search(mail.subject)
    returned = mail.bounce.original_message_id if mail.bounce else None
    ancestors = tuple(dict.fromkeys((*((returned,) if returned else ()), *mail.ancestors)))
    own = {i: t for i in ancestors if (t := signer.read_message_id(i))}
    return Clues(
        address_tokens=tokens,
        id_tokens=tuple(own.values()),
        message_ids=ancestors,
        own_ids=tuple(own),
        subject_number=int(tag[1]) if tag else None,
        subject=mail.subject,
    )


def choose(said: Clues, found: Found, sender: str, policy: Policy, now: datetime) -> Match:
    """Take the ticket of the first rule that hits; a long-closed one gets a new, linked ticket instead."""
    reasons: list[str] = []
    for rule in RULES:
        name = rule.__name__.strip("_").replace("_", " ")
        ticket = rule(said, found, sender, policy)
        if ticket is None:
            reasons.append(f"{name}: no")
            continue
        reasons.append(f"{name}: #{ticket.number}")
        whole, part = found.merged.get(ticket.number), None
        if whole and not (policy.operator(sender) or policy.pic(sender)):
            reasons.append(f"#{ticket.number} is part of #{whole.number} now")
            ticket, part = whole, ticket
        match = _unless_too_old(ticket, tuple(reasons), found.answered, sender, policy, now)
        signed = rule in (_signed_address, _signed_message_id)
        return replace(match, by_number=rule is _subject_tag_of_a_participant, signed=signed, part=part)
    return Match(None, tuple(reasons), None, found.answered)


def _unless_too_old(
    ticket: Ticket,
    reasons: tuple[str, ...],
    answered: Answered | None,
    sender: str,
    policy: Policy,
    now: datetime,
) -> Match:
    over_at = ticket.closed_at and ticket.closed_at + policy.closing.reopen_for
    staff = policy.operator(sender) or policy.pic(sender)
    if ticket.status is Status.CLOSED and over_at and now > over_at and not staff:
        why = f"#{ticket.number} could be reopened until {over_at:%Y-%m-%d %H:%M} UTC: a new, linked ticket"
        return Match(None, (*reasons, why), ticket.number, answered, former=ticket)
    return Match(ticket, reasons, None, answered)


Rule = Callable[[Clues, Found, str, Policy], Ticket | None]


def _signed_address(said: Clues, found: Found, _: str, __: Policy) -> Ticket | None:
    return _first(found, (t.number for t in said.address_tokens if t.audience is not Audience.HELD))


def _signed_message_id(said: Clues, found: Found, _: str, __: Policy) -> Ticket | None:
    return _first(found, (t.number for t in said.id_tokens if t.audience is not Audience.HELD))


def _message_id_of_a_participant(said: Clues, found: Found, sender: str, policy: Policy) -> Ticket | None:
    """The ids of other people's mails stand in every list archive; a stranger who names one proves nothing (T2)."""
    numbers = (found.by_message_id[i] for i in said.message_ids if i in found.by_message_id)
    return _of_participant(_first(found, numbers), sender, policy)


def _subject_tag_of_a_participant(said: Clues, found: Found, sender: str, policy: Policy) -> Ticket | None:
    """A number alone proves nothing: a stranger who quotes one gets a ticket of their own (R34, T2)."""
    ticket = found.tickets.get(said.subject_number) if said.subject_number is not None else None
    return _of_participant(ticket, sender, policy)


def _shared_ancestor_and_subject(said: Clues, found: Found, sender: str, _: Policy) -> Ticket | None:
    """Two mails of one customer that answer the same mail of somebody else are one question.

    Anybody may name any ancestor, so staff do not count as taking part here: a stranger could
    draw their mails to a ticket of the stranger's.
    """
    numbers = (found.by_ancestor[i] for i in said.message_ids if i in found.by_ancestor)
    ticket = _first(found, numbers)
    if ticket is None or sender.lower() not in ticket.participants:
        return None
    return ticket if alike(said.subject, ticket.subject) else None


def _of_participant(ticket: Ticket | None, sender: str, policy: Policy) -> Ticket | None:
    if ticket is None:
        return None
    parties = (one for one in policy.third_parties if f"{ESCALATED}{one.name}" in ticket.tags)
    asked = any(one.writes_from(sender) for one in parties)
    takes_part = (
        sender.lower() in ticket.participants or policy.operator(sender) or policy.pic(sender) or asked
    )
    return ticket if takes_part else None


RULES: tuple[Rule, ...] = (
    _signed_address,
    _signed_message_id,
    _message_id_of_a_participant,
    _subject_tag_of_a_participant,
    _shared_ancestor_and_subject,
)


def _first(found: Found, numbers: Iterable[int]) -> Ticket | None:
    return next((found.tickets[n] for n in numbers if n in found.tickets), None)
