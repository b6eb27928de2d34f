"""Waiting: `#hold` until a day of the desk's own, `#pending` for the customer."""

from __future__ import annotations

from helpdesk.decide import assignment, breaches, holding, operators
from helpdesk.decide.calendar import shown
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.dated import opening_of_day, until_of
from helpdesk.decide.verbs.rule import VerbRule, no_argument, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because


def _hold(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    person, until = writer(event), until_of(order)
    if plan.ticket.operator is None:
        assignment.take_from_others(plan, person, "hold")
    breaches.settle_overdue(plan)
    holding.hold(plan, until, order.text, person.address)
    day = shown(until, plan.policy.calendar)
    plan.tell(because("told_on_hold", number=plan.ticket.number, when=day))
    return None


def _pending(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """The follow-up begins anew. A customer who was never written to cannot be waited for."""
    if plan.ticket.answered_at is None:
        return Misunderstood(order.line, because("no_answer_yet"), because("pending_below"))
    breaches.settle_overdue(plan)
    operators.wait_for_customer(plan)
    plan.note("pending", writer(event).address, because("pending_again"))
    return None


HOLD = VerbRule(
    Verb.HOLD,
    usage="#hold DATE [REASON]",
    meaning=because("help_hold"),
    read=opening_of_day,
    on_ticket=_hold,
    moves=True,
)

PENDING = VerbRule(
    Verb.PENDING,
    usage="#pending",
    meaning=because("help_pending"),
    read=no_argument,
    on_ticket=_pending,
    moves=True,
)
