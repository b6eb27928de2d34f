"""A new question in an old thread: it is noticed by its subject, and `#split` makes it a ticket of its own.

The old ticket goes back to waiting for the customer if the operator had answered it before and nothing else
of the customer's waits there; otherwise it stays as it is. What the split mail itself changed beyond that (a
closed ticket that it reopened) is not undone: the ticket waits, is asked about and closes as after any answer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from helpdesk.decide import assignment, customers, deadlines, operators
from helpdesk.decide.answering import NO_AUTO_REPLY
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import VerbRule, no_argument
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Beside, Decision
from helpdesk.model.events import CustomerWrote
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Status, Ticket


def _split(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """Open a ticket for the customer's latest mail, and leave the old one as if that mail had not come."""
    found, old = event.found.split, plan.ticket
    if found.origin is None:
        return Misunderstood(order.line, found.problem or because("nothing_to_split"), "#help")
    by = operators.writer(event).address
    plan.note("split", by, because("split_away", number=found.number))
    _go_back(plan, unanswered=found.unanswered)
    plan.beside(Beside(None, _open(old, event, found.origin, plan.policy, plan.now)))
    return None


def _go_back(plan: Plan, *, unanswered: bool) -> None:
    plan.change(updated_at=plan.now)
    if plan.ticket.status is not Status.OPEN or plan.ticket.answered_at is None or unanswered:
        plan.because(because("stays_as_is", number=plan.ticket.number))
        return
    deadlines.stop_response(plan)
    operators.wait_for_customer(plan)
    plan.because(because("answered_before"))


def _open(
    old: Ticket, event: StaffCommanded, origin: CustomerWrote, policy: Policy, now: datetime
) -> Decision:
    """The ticket of the mail that was split off, in the hands of who has the old one."""
    writer = operators.writer(event)
    origin = replace(origin, rota=event.rota)
    plan = Plan(_ticket(old, origin, policy, now), origin, policy, now, create=True)
    plan.note("split", writer.address, because("split_from", number=old.number, who=writer.name))
    if NO_AUTO_REPLY not in plan.ticket.tags:
        customers.acknowledge(plan, origin)
    assignment.assign(plan, policy.operator(old.operator) or writer, "split", mail=origin.mail)
    if event.text.strip():
        operators.pass_answer_on(plan, event, writer, event.text, delivered=event.delivered)
        operators.wait_for_customer(plan)
        plan.note("answered", writer.address, because("answered_now"))
    return replace(plan.decision(), moves=(event.found.split.entry_id,))


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


SPLIT = VerbRule(
    Verb.SPLIT,
    usage="#split",
    meaning=because("help_split"),
    read=no_argument,
    on_ticket=_split,
    takes_words=True,
    moves=True,
)
