"""What does a mail mean? From its writer and its words to the event that happened (INTERFACE section 4).

Ordered rules; the first that knows an answer names the event. `Ignored` is a named rule too:
nothing is thrown away without saying why.
"""

from __future__ import annotations

import re

from helpdesk.decide import (
    answering,
    asking,
    closing,
    commands,
    formmail,
    forwarding,
    links,
    phrases,
    robots,
    subjects,
    third_parties,
)
from helpdesk.decide.answering import came_through_own_list, reason_not_to_answer
from helpdesk.decide.received import Ignored, Meaning, Received, Rule, of_mail
from helpdesk.decide.verbs.rule import Reading
from helpdesk.model import events
from helpdesk.model.asks import CustomerAsked
from helpdesk.model.commanded import DeskCommanded, StaffCommanded
from helpdesk.model.events import MailEvent
from helpdesk.model.mail import Automatic, Emptiness, InboundMail
from helpdesk.model.orders import Misunderstood
from helpdesk.model.people import Address, Role
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Status

_VOTE = re.compile(r"\s*([1-5])(?!\w|[.,:]\d)(?:\s*/\s*5)?[\s.,:;!)-]*(.*)", re.S)
_BARE_VOTE = re.compile(r"\s*([1-5])\s*()")
_ABOUT_STAFF = ("breach_notice", "card_notice", "card_appeal", "promise_broken")
_OK = re.compile(r"\s*#?\s*(?:ok|oke|okay|okey|setuju|agreed|approved)\s*[.!]?\s*", re.I)


def understand(received: Received, policy: Policy) -> Meaning:
    """Name the event that this mail is."""
    for rule in RULES:
        meaning = rule(received, policy)
        if meaning is not None:
            return meaning
    raise AssertionError("the last rule knows an answer to everything")


def only_looks_back(mail: InboundMail, answered_letter: str | None, writer: Address) -> bool:
    """Thanks, an empty reply or a vote: it belongs to the old ticket, however long ago that was closed."""
    votes = answered_letter == "survey" and _VOTE.fullmatch(mail.new_text)
    return bool(votes) or closing.is_plain_thanks(mail, writer)


def _staff_without_ticket(received: Received, policy: Policy) -> Meaning | None:
    """Staff talk on the list is theirs; staff who write to the desk itself may ask like anybody."""
    mail = received.mail
    if received.speaker.person is None or received.match.ticket is not None:
        return None
    if came_through_own_list(mail, policy):
        return Ignored("staff_talk", f"{received.speaker.person.name} wrote to the list about no ticket")
    if mail.empty is Emptiness.TEXT and not mail.command_lines:
        return None
    if mail.command_lines:
        proven = received.speaker.proof is not None
        return _desk_commanded(received, policy) if proven else events.StaffNotProven(**of_mail(received))
    why = because("which_ticket_mail")
    if received.speaker.proof is None:
        return Ignored("unclear_and_unproven", why)
    return events.OperatorUnclear(**of_mail(received), why=why)


def _former_staff(received: Received, _: Policy) -> Meaning | None:
    """Refused, and the supervisors hear of it (T37); as a customer they write without our letters to staff."""
    if not received.former:
        return None
    who = received.speaker.address.address
    return Ignored("former_staff", because("former_staff", who=who), parks=True)


def _empty_claim(received: Received, _: Policy) -> Meaning | None:
    """A claim needs no proof: its only effect, won or lost, is a letter to the operator's registered address.

    Yet it must answer a mail of the ticket: a number in a subject is easily guessed.
    """
    ticket, mail = received.match.ticket, received.mail
    if received.speaker.role is not Role.OPERATOR or ticket is None or mail.command_lines or mail.attachments:
        return None
    if mail.empty is Emptiness.EMPTY and (received.speaker.proof or not received.match.by_number):
        return events.OperatorClaimed(**of_mail(received))
    return None


def _unproven_staff(received: Received, _: Policy) -> Meaning | None:
    if received.speaker.person is None or received.speaker.proof or received.match.ticket is None:
        return None
    return events.StaffNotProven(**of_mail(received))


def _appeal(received: Received, _: Policy) -> Meaning | None:
    """Words in reply to the letter about a yellow card are for PIC, never for the customer."""
    mail, card = received.mail, received.card
    if card is None or received.speaker.role is not Role.OPERATOR or received.match.ticket is None:
        return None
    if mail.command_lines or mail.empty is not Emptiness.TEXT or _reached_customer(received):
        return None
    return events.CardAppealed(**of_mail(received), card=card)


def _operator(received: Received, policy: Policy) -> Meaning | None:
    ticket, mail = received.match.ticket, received.mail
    if received.speaker.role is not Role.OPERATOR or ticket is None:
        return None
    if mail.command_lines:
        return links.held_until_confirmed(received, _commanded(received, policy))
    if mail.empty is Emptiness.UNSURE:
        return events.OperatorUnclear(**of_mail(received), why=because("says_or_empty"))
    answered = events.OperatorAnswered(**of_mail(received), delivered=_reached_customer(received))
    return links.held_until_confirmed(received, answered)


def _failed(received: Received, found: Misunderstood) -> events.CommandFailed:
    return events.CommandFailed(
        **of_mail(received), line=found.line, problem=found.problem, suggestion=found.suggestion
    )


def _commanded(received: Received, policy: Policy) -> Meaning:
    mail = received.mail
    reading = Reading(policy, received.now, received.canned_replies, received.topics)
    orders = commands.understand(mail.command_lines, received.speaker.role, reading)
    if isinstance(orders, Misunderstood):
        return _failed(received, orders)
    return StaffCommanded(
        **of_mail(received),
        orders=orders,
        text=mail.text_after_commands,
        delivered=received.match.ticket is not None and _reached_customer(received),
    )


def _desk_commanded(received: Received, policy: Policy) -> Meaning:
    """Orders about several tickets, or about the desk, in a mail about none."""
    mail = received.mail
    reading = Reading(policy, received.now, received.canned_replies, received.topics)
    found = commands.understand_sections(mail.command_lines, received.speaker.role, reading)
    if isinstance(found, Misunderstood):
        return _failed(received, found)
    return DeskCommanded(**of_mail(received), sections=found, text=mail.text_after_commands)


def _pic(received: Received, policy: Policy) -> Meaning | None:
    ticket, mail = received.match.ticket, received.mail
    if received.speaker.role is not Role.PIC or ticket is None:
        return None
    words = [line.word.lower() for line in mail.command_lines]
    if words and words != [commands.OK]:
        return _commanded(received, policy)
    letter = received.match.answered_letter
    asked = letter == "close_notice" or (ticket.status is Status.SOLVED and letter not in _ABOUT_STAFF)
    if not asked or ticket.status not in (Status.SOLVED, Status.CLOSED):
        return events.PicWrote(**of_mail(received))
    agreed = words == [commands.OK] and not mail.text_after_commands.strip()
    if agreed or _OK.fullmatch(mail.new_text) or (mail.empty is Emptiness.EMPTY and not words):
        return events.PicApproved(**of_mail(received))
    if mail.empty is Emptiness.UNSURE:
        return events.OperatorUnclear(**of_mail(received), why=because("says_or_empty"))
    return events.PicObjected(**of_mail(received), text=mail.new_text)


def _blocked(received: Received, _: Policy) -> Meaning | None:
    """They were told once. The mail is kept in the inbox and does nothing (PROCEDURE E)."""
    if received.speaker.role is not Role.CUSTOMER or not received.blocked:
        return None
    return Ignored("blocked", f"PIC have blocked {received.speaker.address.address}; the mail is kept")


def _asked(received: Received, policy: Policy) -> Meaning | None:
    """A phrase to the desk itself, by a human, on no thread."""
    found = phrases.phrase(received.mail, policy.languages)
    if found is None or received.match.ticket or received.speaker.role is not Role.CUSTOMER:
        return None
    if reason_not_to_answer(answering.Received(received.mail, received.sender, received.recipients), policy):
        return None
    return CustomerAsked(
        **of_mail(received),
        ask=found.ask,
        spoken=found.spoken,
        wanted=found.wanted,
        confirmed=received.confirmed,
        recent_mails=received.recent_mails,
    )


def _vote_by_mail(received: Received, _: Policy) -> Meaning | None:
    ticket = received.match.ticket
    if ticket is None or ticket.survey_sent_at is None or received.mail.automatic:
        return None
    answers_survey = received.match.answered_letter == "survey"
    vote = (_VOTE if answers_survey else _BARE_VOTE).fullmatch(received.mail.new_text)
    if not vote or received.speaker.address.address not in ticket.participants:
        return None
    return events.Rated(
        score=int(vote[1]),
        comment=vote[2].strip(),
        by=received.speaker.address.address,
        spool_id=received.spool_id,
    )


def _customer(received: Received, _: Policy) -> Meaning:
    if received.speaker.address.address == "":
        return Ignored("nobody", "there is no usable From address to answer")
    if received.mail.automatic is Automatic.BULK and received.match.ticket is not None:
        return robots.robot(received, received.mail.automatic_reason or because("bulk_mail"))
    return events.CustomerWrote(
        **of_mail(received),
        linked_to=received.match.linked_to,
        recent_mails=received.recent_mails,
        new_subject=subjects.new_subject(received.mail.subject, received.subjects),
        signed=_answers_own_letter(received),
        answers=received.answers,
    )


def _answers_own_letter(received: Received) -> bool:
    """Who takes part and knows a signed address of the ticket has read its letters."""
    ticket = received.match.ticket or received.match.former
    sender = received.speaker.address.address.lower()
    return received.match.signed and ticket is not None and sender in ticket.participants


RULES: tuple[Rule, ...] = (
    robots.own_letter,
    formmail.web_form,
    robots.report,
    robots.came_from_nobody,
    _former_staff,
    forwarding.by_staff,
    asking.report_asked,
    _staff_without_ticket,
    _empty_claim,
    _unproven_staff,
    _appeal,
    _operator,
    _pic,
    _blocked,
    _asked,
    third_parties.wrote,
    _vote_by_mail,
    _customer,
)


def _reached_customer(received: Received) -> bool:
    assert received.match.ticket is not None
    named = {a.address for a in (*received.mail.to, *received.mail.cc)} | set(received.recipients)
    return received.match.ticket.customer.address.lower() in {a.lower() for a in named}


__all__ = ["Ignored", "MailEvent", "Meaning", "Received", "understand"]
