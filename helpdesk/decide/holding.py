"""A ticket that is scheduled for another day sleeps until then (PROCEDURE B)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from helpdesk.decide import assignment, deadlines, drafts
from helpdesk.decide.calendar import shown
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Deadline, DeadlineKind, Status, WaitingFor

HELD = "put_on_hold"
_UNTIL = re.compile(rf"^{DeadlineKind.HOLD} set for (\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d) UTC$")
_BECAUSE = ", because: "


def hold(plan: Plan, until: datetime, reason: str, by: str) -> None:
    """Nobody owes anything until then; a letter of the customer wakes it before."""
    plan.change(status=Status.ON_HOLD, waiting_for=WaitingFor.NOBODY, updated_at=plan.now)
    deadlines.start_hold(plan, until)
    name = "on_hold_because" if reason else "on_hold_until"
    plan.note(HELD, by, because(name, when=shown(until, plan.policy.calendar), reason=reason))


def until_of(reasons: Iterable[str]) -> datetime | None:
    """The day until which it was put on hold, as the history's reasons tell it (`deadlines`), to the second."""
    found = next(filter(None, map(_UNTIL.search, reasons)), None)
    return datetime.fromisoformat(f"{found[1]}+00:00") if found else None


def come_back(plan: Plan, _: Deadline) -> None:
    """The day has come: the operator has it again, with a new response time."""
    plan.note("back_today", CLOCK, because("hold_over"))
    operator = plan.operator
    assignment.back_to_work(plan)
    if operator:
        reason = plan.event.affairs.on_hold.partition(_BECAUSE)[2]
        answer_by = plan.due(*deadlines.RESPONSE)
        drafts.to_operator(plan, operator, "back_today", {"answer_by": answer_by, "reason": reason})
