"""A reply is read again with the words that it may quote: our own letters are the strongest cut there is (2.3).

Mail programs that lose the quotation marks leave nothing else to tell our words from the writer's. Letters
that carry the writer's own words back to them are left out: who says the same thing again means it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from helpdesk.decide.match import Match
from helpdesk.model.limits import MailLimits
from helpdesk.model.mail import Emptiness, InboundMail
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import EntryKind, Ticket
from helpdesk.parse import message
from helpdesk.store import entries

_MOST_LETTERS = 12
_MOST_TEXT = 64 * 1024

_STAFF = (Audience.OPERATOR, Audience.LIST, Audience.PIC)
_THIRD_PARTY = (Audience.THIRD_PARTY,)
_FORMS = ("returned_form", "confirmation")
"""A customer fills in a form on the lines that we sent."""
_WORDS_OF_STAFF = ("answer", "closed", "closed_no_feedback")
_SENT_BACK = ("command_error", "unsure", "confirm_sender", "links_only", "receipt", "undelivered")
_NOTICES = ("close_notice",)


def read_again(
    desk: Connection, mail: InboundMail, match: Match, policy: Policy, limits: MailLimits
) -> InboundMail:
    """The mail with the words of its ticket's letters cut away; as it is where there are none."""
    ticket = match.ticket or match.former
    if ticket is None:
        return mail
    sender = mail.sender.address.lower() if mail.sender else ""
    staff = bool(policy.operator(sender) or policy.pic(sender)) and sender != ticket.customer.address.lower()
    if not staff and _is_third_party(sender, match, policy):
        sent = _newest(_sent_to_third_parties(desk, ticket))
    else:
        sent = _newest(_quotable(desk, ticket, match, staff=staff))
    if not sent:
        return mail
    again = message.reread(mail, sent, limits)
    return _unless_said_twice(mail, again, match) if staff else again


def _is_third_party(sender: str, match: Match, policy: Policy) -> bool:
    """By whom our letter was meant for, or by their address: their tracker may answer from another one."""
    asked = match.answered is not None and match.answered.audience in _THIRD_PARTY
    return asked or any(party.writes_from(sender) for party in policy.third_parties)


def _sent_to_third_parties(desk: Connection, ticket: Ticket) -> Iterator[str]:
    """What they were sent holds the customer's words and the operator's, too."""
    for raw in entries.letters_sent(desk, ticket.number, _THIRD_PARTY, (), _MOST_LETTERS):
        yield text_of(raw)


def _unless_said_twice(mail: InboundMail, again: InboundMail, match: Match) -> InboundMail:
    """The words of an answer, as a reply to that answer: a quotation without marks, or the same words again?"""
    lost = mail.empty is Emptiness.TEXT and again.empty is Emptiness.EMPTY
    if lost and match.answered_letter in _WORDS_OF_STAFF:
        return replace(mail, empty=Emptiness.UNSURE)
    return again


def _quotable(desk: Connection, ticket: Ticket, match: Match, *, staff: bool) -> Iterator[str]:
    audiences = _STAFF if staff else (Audience.CUSTOMER,)
    without = (*_WORDS_OF_STAFF, *_SENT_BACK, *_NOTICES) if staff else _FORMS
    if match.answered and match.answered.letter not in (*_SENT_BACK, *_FORMS):
        yield text_of(match.answered.raw)
    for raw in entries.letters_sent(desk, ticket.number, audiences, without, _MOST_LETTERS):
        yield text_of(raw)
    kind = EntryKind.CUSTOMER if staff else EntryKind.OPERATOR
    for entry in reversed(entries.entries(desk, ticket.number)):
        if entry.kind is kind:
            yield entry.text


def _newest(texts: Iterable[str]) -> list[str]:
    """As many whole texts as fit, each once."""
    kept: dict[str, None] = {}
    left = _MOST_TEXT
    for text in texts:
        if text.strip() and text not in kept:
            kept[text[:left]] = None
            left -= len(text)
        if left <= 0:
            break
    return list(kept)


def text_of(raw: bytes) -> str:
    """The words of a letter of ours: its first part, which we wrote in UTF-8."""
    return message.part_bytes(raw, 0).decode("utf-8", "replace").replace("\r\n", "\n")
