"""Asking for what a standard form wants to know: `#form`."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide import assignment, forms
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import Reading, VerbRule, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Status


def _named(order: Order, reading: Reading) -> Order | Misunderstood:
    """The argument names a form of the configuration; letter case does not matter."""
    if not order.argument:
        return order
    wanted = order.argument.casefold()
    found = next((form.name for form in reading.policy.forms if form.name.casefold() == wanted), None)
    if found is None:
        return Misunderstood(order.line, because("no_form", said=order.argument), _one_of(reading.policy))
    return replace(order, name=found)


def _one_of(policy: Policy) -> str:
    names = ", ".join(form.name for form in policy.forms) or because("no_forms")
    return because("one_of", word="#form", names=names)


def _form(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """Send the form, filled in as far as it is known; the ticket waits for the customer."""
    form = plan.policy.form(order.name) or forms.form_of(plan.ticket, plan.policy)
    if form is None and len(plan.policy.forms) == 1 and not order.name:
        form = plan.policy.forms[0]
    if form is None:
        return Misunderstood(order.line, because("which_form"), _one_of(plan.policy))
    if plan.ticket.status is Status.NEW or plan.ticket.operator is None:
        assignment.take_from_others(plan, writer(event), "answer")
    forms.use(plan, form)
    forms.send_by_hand(plan)
    first = {} if plan.ticket.first_response_at else {"first_response_at": plan.now}
    plan.change(answered_at=plan.now, **first)
    plan.tell(because("told_form_sent", form=form.name))
    return None


FORM = VerbRule(
    Verb.FORM,
    usage="#form [NAME]",
    meaning=because("help_form"),
    read=_named,
    on_ticket=_form,
    moves=True,
)
