"""Telling the customer a new date, before the old one has passed: `#delay`."""

from __future__ import annotations

from helpdesk.decide import assignment, drafts, operators, promises
from helpdesk.decide.calendar import shown
from helpdesk.decide.customers import entry_of, recipients
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.dated import end_of_day, until_of
from helpdesk.decide.verbs.rule import VerbRule, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Value
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because
from helpdesk.model.ticket import EntryKind, Status, WaitingFor


def _delay(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """1. was the old date still to come? 2. the customer is told, 3. then list and PIC, 4. the ticket waits."""
    person, due_at, old = writer(event), until_of(order), promises.last_date(plan)
    if plan.ticket.operator is None:
        assignment.take_from_others(plan, person, "delay")
    late = old is not None and old < plan.now
    words = "" if event.delivered else event.text.strip()
    values: dict[str, Value] = {
        "operator_name": person.name,
        "new_date": due_at,
        "old_date": old,
        "late": late,
        "reason": order.text,
        "text": words,
    }
    drafts.to_customer(plan, "delay", values, human=True)
    drafts.copies(plan, "delay", values, seen_by=recipients(event), human=True)
    promises.replaced(plan, person.address)
    promises.replaced_first_date(plan, person.address)
    if event.text.strip():
        plan.record(entry_of(event, EntryKind.OPERATOR, plan.now, event.text.strip()))
    operators.count_as_answer(plan)
    if plan.ticket.status is not Status.ON_HOLD:
        plan.change(status=Status.ON_HOLD, waiting_for=WaitingFor.NOBODY)
    promises.make(plan, due_at, order.text, person.address)
    _tell(plan, shown(due_at, plan.policy.calendar), shown(old, plan.policy.calendar) if late and old else "")
    return None


def _tell(plan: Plan, new: str, passed: str) -> None:
    plan.tell(because("told_promised", number=plan.ticket.number, when=new))
    if passed:
        plan.tell(because("told_date_was_over", when=passed))


DELAY = VerbRule(
    Verb.DELAY,
    usage="#delay DATE [REASON]",
    meaning=because("help_delay"),
    read=end_of_day,
    on_ticket=_delay,
    takes_words=True,
)
