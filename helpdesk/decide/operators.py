"""What an operator's letter does: answer, close; and what comes back when it cannot be done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from helpdesk.decide import assignment, breaches, closing, deadlines, drafts, participants
from helpdesk.decide.customers import entry_of, recipients
from helpdesk.decide.plan import DESK, Plan
from helpdesk.model.decision import Attach, Decision, Draft, Value
from helpdesk.model.events import (
    CommandFailed,
    MailEvent,
    OperatorAnswered,
    OperatorUnclear,
    StaffNotProven,
)
from helpdesk.model.people import Person, Role
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import EntryKind, Status, Ticket, WaitingFor

_LINK = re.compile(r"<?(?:https?://|www\.)\S+", re.I)
_AFTER_THE_END = (Status.SOLVED, Status.CLOSED)


def answered(ticket: Ticket | None, event: OperatorAnswered, policy: Policy, now: datetime) -> Decision:
    """The answer goes to the customer unless they have it already; then their silence is counted."""
    assert ticket is not None
    plan, mail = Plan(ticket, event, policy, now), event.mail
    words = mail.text_after_commands or mail.new_text
    answer(plan, event, writer(event), words, delivered=event.delivered)
    return plan.decision()


def answer(plan: Plan, event: MailEvent, person: Person, words: str, *, delivered: bool) -> None:
    """`words` go to the customer unless they are `delivered`, and it is the customer's turn."""
    if plan.ticket.operator is None:
        assignment.take_from_others(plan, person, "answer")
    pass_answer_on(plan, event, person, words, delivered=delivered)
    if plan.ticket.status in _AFTER_THE_END:
        plan.note("answered", person.address, because("afterthought"))
    else:
        wait_for_customer(plan)
        plan.note("answered", person.address, because("answered_now"))


def pass_answer_on(plan: Plan, event: MailEvent, person: Person, words: str, *, delivered: bool) -> None:
    """Take the answer down and send it to whoever has not got it."""
    plan.record(entry_of(event, EntryKind.OPERATOR, plan.now, words))
    plan.bring_in(participants.joined_by(event.mail, plan.ticket, plan.policy))
    _send_answer(plan, event, person, words, delivered=delivered)
    if delivered:
        _warn_of_bare_links(plan, words, person)
    count_as_answer(plan)


def count_as_answer(plan: Plan) -> None:
    """A human has written to the customer."""
    breaches.settle_overdue(plan)
    first = {} if plan.ticket.first_response_at else {"first_response_at": plan.now}
    plan.change(answered_at=plan.now, updated_at=plan.now, **first)


def wait_for_customer(plan: Plan) -> None:
    plan.change(status=Status.PENDING, waiting_for=WaitingFor.CUSTOMER)
    deadlines.start_follow_up(plan)


def _send_answer(plan: Plan, event: MailEvent, person: Person, words: str, *, delivered: bool) -> None:
    values: dict[str, Value] = {"text": words, "operator_name": person.name}
    if delivered:
        plan.because(because("delivered_already"))
    else:
        drafts.to_customer(plan, "answer", values, human=True, attach=_attachments(event))
        plan.because(because("sent_on"))
    drafts.copies(plan, "answer", values, seen_by=recipients(event), human=True)


def only_links(text: str) -> bool:
    """Does it hold links and no word beside them?"""
    words, links = _LINK.subn("", text)
    return bool(links) and not any(c.isalpha() for c in words)


def _warn_of_bare_links(plan: Plan, text: str, person: Person) -> None:
    """What the customer has already can only be pointed out after (`decide.links` holds the others)."""
    if only_links(text):
        drafts.to_operator(plan, person, "links_only", {"text": text, "delivered": True})
        plan.because(because("links_told"))


def close(plan: Plan, event: MailEvent, person: Person, words: str, *, delivered: bool) -> None:
    """`words` go into the closing letter."""
    if plan.ticket.operator is None:
        assignment.take_from_others(plan, person, "close")
    plan.record(entry_of(event, EntryKind.OPERATOR, plan.now))
    count_as_answer(plan)
    attach = () if delivered else _attachments(event)
    how, seen_by = closing.BY_OPERATOR, recipients(event)
    closing.solve(plan, how, words, by=person, seen_by=seen_by, attach=attach)


def _attachments(event: MailEvent) -> Attach:
    parts = tuple(a.part for a in event.mail.attachments if not a.inline)
    return ((event.spool_id, parts),) if parts else ()


def unclear(ticket: Ticket | None, event: OperatorUnclear, policy: Policy, now: datetime) -> Decision:
    """Nothing is done; the writer is asked what they meant."""
    draft = sent_back(ticket, event, "unsure", {"why": event.why})
    return only_told(ticket, event, policy, now, draft, event.why)


def command_failed(ticket: Ticket | None, event: CommandFailed, policy: Policy, now: datetime) -> Decision:
    """All or nothing: the whole mail comes back with the line marked."""
    values = {
        "line": event.line,
        "problem": event.problem,
        "suggestion": event.suggestion,
        "ready": event.ready,
    }
    draft = sent_back(ticket, event, "command_error", values)
    return only_told(
        ticket, event, policy, now, draft, because("line_failed", line=event.line, why=event.problem)
    )


def not_proven(ticket: Ticket | None, event: StaffNotProven, policy: Policy, now: datetime) -> Decision:
    """Held until the person confirms from a letter that went to their registered address (F12)."""
    doubt = event.speaker.doubt
    why = doubt or because("nothing_proves")
    if event.silent_because:
        unasked = because("held_unasked", why=why, cause=event.silent_because)
        return only_noted(ticket, event, policy, now, unasked)
    draft = sent_back(ticket, event, "confirm_sender", {"why": doubt or "", "waiting": event.waiting})
    draft = replace(draft, audience=Audience.HELD, number=event.held_id)
    return only_told(ticket, event, policy, now, draft, because("held", why=why))


def sent_back(ticket: Ticket | None, event: MailEvent, letter: str, values: Mapping[str, Value]) -> Draft:
    """A letter to the writer of `event` at their registered address, with what they wrote."""
    person, mail = writer(event), event.mail
    number = ticket.number if ticket else 0
    return Draft(
        letter=letter,
        to=person.mailbox,
        audience=Audience.PIC if event.speaker.role is Role.PIC else Audience.OPERATOR,
        number=number,
        ticket=ticket.number if ticket else None,
        values={
            "number": number,
            "operator_name": person.name,
            "subject": ticket.subject if ticket else mail.subject,
            "text": mail.new_text or mail.text,
            **values,
        },
        person=person.address,
        in_reply_to=mail.message_id,
        references=(mail.message_id,) if mail.message_id else (),
    )


def only_told(
    ticket: Ticket | None, event: MailEvent, policy: Policy, now: datetime, draft: Draft, reason: str
) -> Decision:
    """Nothing but this letter; the history says why."""
    if ticket is None:
        return Decision(reasons=(reason,), drafts=(draft,))
    plan = Plan(ticket, event, policy, now)
    plan.write(draft)
    plan.note(draft.letter, DESK, reason)
    return plan.decision()


def only_noted(
    ticket: Ticket | None, event: MailEvent, policy: Policy, now: datetime, reason: str
) -> Decision:
    """Nothing is done and nobody is told; the history says why."""
    if ticket is None:
        return Decision(reasons=(reason,))
    plan = Plan(ticket, event, policy, now)
    plan.note("held", DESK, reason)
    return plan.decision()


def writer(event: MailEvent) -> Person:
    """The operator or PIC who wrote it."""
    assert event.speaker.person is not None, "only registered people get here"
    return event.speaker.person
