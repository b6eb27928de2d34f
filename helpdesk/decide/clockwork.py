"""What the passing of a deadline does, kind by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from helpdesk.decide import (
    assignment,
    cards,
    closing,
    consents,
    deadlines,
    drafts,
    escalating,
    forms,
    giving_back,
    holding,
    promises,
)
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.decision import Decision
from helpdesk.model.events import DeadlinePassed
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Clock, Deadline, DeadlineKind, Ticket


def passed(ticket: Ticket | None, event: DeadlinePassed, policy: Policy, now: datetime) -> Decision:
    assert ticket is not None
    plan = Plan(ticket, event, policy, now)
    _PASSED[event.deadline.kind](plan, event.deadline)
    return plan.decision()


def _claim_window(plan: Plan, _: Deadline) -> None:
    person, reasons = assignment.fairest_claim(plan.ticket.claims, plan.event.rota, plan.policy.assignment)
    plan.because(*reasons)
    if person:
        assignment.assign(plan, person, "claim")
    else:
        assignment.hand_to_next(plan)


def _claim_timeout(plan: Plan, _: Deadline) -> None:
    plan.note("unclaimed", CLOCK, because("unclaimed"))
    assignment.hand_to_next(plan)


def _claim_lease(plan: Plan, lease: Deadline) -> None:
    """Claimed but silent: somebody else may have it. It costs no card, that is the response deadline's business."""
    holder, silent_for = plan.operator, because(_OF_TIME[lease.clock], span=lease.allowed)
    name = holder.name if holder else because("nobody")
    plan.note("lease_over", CLOCK, because("lease_silent", who=name, why=silent_for))
    successor = giving_back.give_back(plan, holder, "lease_over")
    if holder:
        giving_back.tell_former(plan, holder, "lease_over", successor)


def _reminder(plan: Plan, deadline: Deadline) -> None:
    answer_by = plan.due(*deadlines.RESPONSE)
    who = plan.operator_name or because("nobody")
    plan.note("reminded", CLOCK, because("reminded", number=deadline.step, who=who))
    if plan.operator and answer_by and answer_by > plan.now:
        drafts.to_operator(plan, plan.operator, "reminder", {"answer_by": answer_by})


def _nudge(plan: Plan, deadline: Deadline) -> None:
    if forms.ask_again(plan):
        plan.note("nudged", CLOCK, because("form_asked", number=deadline.step))
        return
    if consent := plan.event.affairs.asked_consent:
        consents.remind(plan, consent, deadline.step)
        return
    plan.note("nudged", CLOCK, because("asked_satisfied", number=deadline.step))
    drafts.to_customer(plan, "nudge", {"step": deadline.step, "close_at": plan.due(DeadlineKind.AUTO_CLOSE)})


def _auto_close(plan: Plan, _: Deadline) -> None:
    missing = forms.awaited(plan)
    closing.solve(plan, closing.NO_FORM if missing else closing.NO_FEEDBACK, "", missing=missing)


def _pic_timeout(plan: Plan, _: Deadline) -> None:
    closing.finish(plan, CLOCK, because("pic_silent"))


_OF_TIME: Mapping[Clock, str] = {
    Clock.CALENDAR: "calendar_time",
    Clock.WORKING_DAYS: "working_days_time",
    Clock.WORKING_HOURS: "working_hours_time",
}

_PASSED: Mapping[DeadlineKind, Callable[[Plan, Deadline], None]] = {
    DeadlineKind.CLAIM_WINDOW: _claim_window,
    DeadlineKind.CLAIM_TIMEOUT: _claim_timeout,
    DeadlineKind.CLAIM_LEASE: _claim_lease,
    DeadlineKind.FIRST_RESPONSE: cards.breach,
    DeadlineKind.NEXT_RESPONSE: cards.breach,
    DeadlineKind.REMINDER: _reminder,
    DeadlineKind.NUDGE: _nudge,
    DeadlineKind.AUTO_CLOSE: _auto_close,
    DeadlineKind.PIC_TIMEOUT: _pic_timeout,
    DeadlineKind.HOLD: holding.come_back,
    DeadlineKind.PROMISE: promises.passed,
    DeadlineKind.PROMISE_REMINDER: promises.remind,
    DeadlineKind.THIRD_PARTY_REMINDER: escalating.remind,
    DeadlineKind.THIRD_PARTY_DUE: escalating.overdue,
}
