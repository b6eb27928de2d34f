"""A ticket that is scheduled for another day sleeps until then (PROCEDURE B)."""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import assignment, deadlines, drafts
from helpdesk.decide.calendar import shown
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.ticket import Deadline, Status, WaitingFor

_BECAUSE = ", because: "


def hold(plan: Plan, until: datetime, reason: str, by: str) -> None:
    """Nobody owes anything until then; a letter of the customer wakes it before."""
    plan.change(status=Status.ON_HOLD, waiting_for=WaitingFor.NOBODY, updated_at=plan.now)
    deadlines.start_hold(plan, until)
    why = f"{_BECAUSE}{reason}" if reason else ""
    plan.note("put_on_hold", by, f"on hold until {shown(until, plan.policy.calendar)}{why}")


def come_back(plan: Plan, _: Deadline) -> None:
    """The day has come: the operator has it again, with a new response time."""
    plan.note("back_today", CLOCK, "the day until which it was on hold has come")
    operator = plan.operator
    assignment.back_to_work(plan)
    if operator:
        reason = plan.event.affairs.on_hold.partition(_BECAUSE)[2]
        answer_by = plan.due(*deadlines.RESPONSE)
        drafts.to_operator(plan, operator, "back_today", {"answer_by": answer_by, "reason": reason})
