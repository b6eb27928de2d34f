"""A new question in an old thread: it is noticed by its subject, and `#split` makes it a ticket of its own.

The old ticket goes back to waiting for the customer if the operator had answered it before and nothing else
of the customer's waits there; otherwise it stays as it is. What the split mail itself changed beyond that (a
closed ticket that it reopened) is not undone: the ticket waits, is asked about and closes as after any answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from helpdesk.decide import assignment, customers, deadlines, operators
from helpdesk.decide.answering import NO_AUTO_REPLY
from helpdesk.decide.plan import Plan
from helpdesk.model.decision import Decision
from helpdesk.model.events import CustomerWrote, OperatorSplit
from helpdesk.model.policy import Policy
from helpdesk.model.subjects import alike, words
from helpdesk.model.ticket import Status, Ticket


def new_subject(subject: str, seen: Collection[str]) -> str:
    """The subject if it is like none of those `seen` on the ticket; '' otherwise."""
    if not words(subject) or any(alike(subject, other) for other in seen):
        return ""
    return subject if seen else ""


def split(ticket: Ticket | None, event: OperatorSplit, policy: Policy, now: datetime) -> Decision:
    """Open a ticket for the customer's latest mail, and leave the old one as if that mail had not come."""
    if ticket is None or event.origin is None:
        why = event.problem or "there is no mail of a customer that could be split off"
        draft = operators.sent_back(ticket, event, "unsure", {"why": why})
        return operators.only_told(ticket, event, policy, now, draft, why)
    plan, by = Plan(ticket, event, policy, now), operators.writer(event).address
    plan.note("split", by, f"the customer's latest mail is a question of its own: now ticket #{event.number}")
    _go_back(plan, event)
    return replace(plan.decision(), opens=_open(ticket, event, event.origin, policy, now))


def _go_back(plan: Plan, event: OperatorSplit) -> None:
    plan.change(updated_at=plan.now)
    if plan.ticket.status is not Status.OPEN or plan.ticket.answered_at is None or event.unanswered:
        plan.because(f"#{plan.ticket.number} stays as it is")
        return
    deadlines.stop_response(plan)
    operators.wait_for_customer(plan)
    plan.because("what the customer asked before was answered: it is their turn again")


def _open(
    old: Ticket, event: OperatorSplit, origin: CustomerWrote, policy: Policy, now: datetime
) -> Decision:
    """The ticket of the mail that was split off, in the hands of who has the old one."""
    writer = operators.writer(event)
    plan = Plan(_ticket(old, origin, policy, now), origin, policy, now, create=True)
    plan.note("split", writer.address, f"split off from #{old.number} by {writer.name}")
    if NO_AUTO_REPLY not in plan.ticket.tags:
        customers.acknowledge(plan, origin)
    assignment.assign(plan, policy.operator(old.operator) or writer, "split", mail=origin.mail)
    if event.mail.text_after_commands.strip():
        operators.pass_answer_on(plan, event, writer)
        operators.wait_for_customer(plan)
        plan.note("answered", writer.address, "the operator answered; now it is the customer's turn")
    return replace(plan.decision(), moves=(event.entry_id,))


def _ticket(old: Ticket, origin: CustomerWrote, policy: Policy, now: datetime) -> Ticket:
    own = customers.ticket_of(origin, policy, now)
    return replace(
        own,
        customer=old.customer,
        language=old.language,
        queue=old.queue,
        participants=tuple(dict.fromkeys((*old.participants, *own.participants))),
        tags=old.tags if NO_AUTO_REPLY in old.tags else (),
    )
