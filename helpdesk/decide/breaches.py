"""A deadline for an answer that is missed, though the clock has not rung: something of the desk's people ends the wait.

It is a breach as any other, judged by when their mail was received. It costs no card: the desk had not noticed, and
somebody has taken care of it.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import deadlines, drafts
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.decision import Value
from helpdesk.model.events import MailEvent
from helpdesk.model.people import Person
from helpdesk.model.policy import OnBreach
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Deadline


def record(plan: Plan, deadline: Deadline) -> None:
    """The line of the history that reports count."""
    name, when = plan.operator_name or because("nobody"), f"{deadline.due_at:%Y-%m-%d %H:%M:%S}"
    plan.note("breached", CLOCK, because("was_due", what=deadline.kind, when=when, who=name))


def told(
    plan: Plan, late: Person | None, deadline: Deadline, why_no_card: str, **more: Value
) -> dict[str, Value]:
    """What the letters about a breach say; `more` where there is a card, or somebody new."""
    return {
        "operator_name": late.name if late else "",
        "due_at": deadline.due_at,
        "card": False,
        "cards": 0,
        "card_limit": plan.policy.cards.limit,
        "why_no_card": why_no_card,
        "evidence": (),
        "new_operator_name": "",
        **more,
    }


def settle_overdue(plan: Plan) -> None:
    """To be asked before the wait ends: 1. record, 2. tell PIC. The clock starts again, for whoever goes on waiting."""
    standing = (one for one in plan.ticket.deadlines if one.kind in deadlines.RESPONSE)
    overdue = next((one for one in standing if one.due_at < _heard_at(plan)), None)
    if overdue is None:
        return
    record(plan, overdue)
    if OnBreach.NOTIFY_PIC in plan.policy.sla.on_breach:
        values = told(plan, plan.operator, overdue, because("heard_before_noticed"))
        drafts.to_pics(plan, "breach_notice", values)
    deadlines.restart_response(plan)


def _heard_at(plan: Plan) -> datetime:
    event = plan.event
    return event.received_at or plan.now if isinstance(event, MailEvent) else plan.now
