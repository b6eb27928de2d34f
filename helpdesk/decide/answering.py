"""May the desk answer this mail by itself? An ordered list of reasons not to (MAIL_RULES 2.4, RFC 3834).

What came through the desk's own list is human mail: the headers of the list prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Address
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because

NO_AUTO_REPLY = "no-auto-reply"
"""Tag of tickets whose sender must never get an automatic letter."""

NOBODY = Address("", "")

_ROBOT_LOCAL_PART = re.compile(
    r"owner-.*|.*-(?:request|bounces?|owner)|mailer-daemon|postmaster|daemon|"
    r"(?:do[-_.]?)?not?[-_.]?reply.*|no[-_.]?reply.*|bounces?(?:[+=-].*)?|listserv|majordomo",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Received:
    """A mail with what its envelope says; `sender` is '' for the null sender and None when unknown."""

    mail: InboundMail
    sender: str | None = None
    recipients: tuple[str, ...] = ()


Rule = Callable[[Received, Policy], str | None]


def reason_not_to_answer(received: Received, policy: Policy) -> str | None:
    """The first rule that forbids an automatic letter, in words; None when one may be sent."""
    hits = (f"{rule.__name__.strip('_')}: {why}" for rule in RULES if (why := rule(received, policy)))
    return next(hits, None)


def came_through_own_list(mail: InboundMail, policy: Policy) -> bool:
    """Did the desk's own mailing list hand this mail on?"""
    ours, info = policy.list_address, mail.list
    if not ours or info is None:
        return False
    local, _, domain = ours.partition("@")
    named = {(info.address or "").lower(), (info.id or "").lower()}
    return bool(named & {ours, f"{local}.{domain}"})


def writer(mail: InboundMail, policy: Policy) -> Address:
    """The From line; where our own list put itself there, who it says it speaks for (R48)."""
    if mail.list and mail.list.munged and mail.list.original_from and came_through_own_list(mail, policy):
        return mail.list.original_from
    return mail.sender or NOBODY


def null_sender(mail: InboundMail, sender: str | None) -> bool:
    """Did it come without an envelope sender? Where the road does not tell, Return-Path does (R9)."""
    return sender == "" or (sender is None and any(n.rule == "return-path" for n in mail.no_answer))


def robot_address(address: str) -> bool:
    """Is this an address that no human reads (owner-*, *-request, no-reply, mailer-daemon ...)?"""
    return bool(_ROBOT_LOCAL_PART.fullmatch(address.partition("@")[0]))


def _null_sender(received: Received, _: Policy) -> str | None:
    empty = null_sender(received.mail, received.sender)
    return because("null_sender") if empty else None


def _automatic(received: Received, policy: Policy) -> str | None:
    mail = received.mail
    by_list = mail.automatic == "bulk" and came_through_own_list(mail, policy)
    return (
        because("it_is", what=mail.automatic, why=mail.automatic_reason)
        if mail.automatic and not by_list
        else None
    )


def _header(received: Received, policy: Policy) -> str | None:
    own_list = came_through_own_list(received.mail, policy)
    hits = [h for h in received.mail.no_answer if not (h.of_list and own_list)]
    return f"{hits[0].rule}: {hits[0].why}" if hits else None


def _robot(received: Received, policy: Policy) -> str | None:
    own_words = writer(received.mail, policy).address
    senders: Sequence[str] = [own_words]
    if received.mail.list is None and received.sender:
        senders = [own_words, received.sender]
    robots = [a for a in senders if robot_address(a)]
    return because("nobody_reads", who=robots[0]) if robots else None


def _our_own_address(received: Received, policy: Policy) -> str | None:
    sender = writer(received.mail, policy).address
    ours = policy.is_own(sender) or sender == policy.list_address or sender in policy.pic_addresses
    return because("own_address", who=sender) if ours else None


def _no_clear_sender(received: Received, _: Policy) -> str | None:
    if received.mail.sender is None:
        return because("no_from")
    return because("doubtful_from") if received.mail.sender_doubtful else None


def _not_addressed_to_us(received: Received, policy: Policy) -> str | None:
    named = {a.address.lower() for a in (*received.mail.to, *received.mail.cc)}
    if policy.list_address in named or any(policy.is_own(a) for a in named):
        return None
    if came_through_own_list(received.mail, policy):
        return None
    return because("not_named")


RULES: tuple[Rule, ...] = (
    _null_sender,
    _automatic,
    _header,
    _no_clear_sender,
    _robot,
    _our_own_address,
    _not_addressed_to_us,
)
