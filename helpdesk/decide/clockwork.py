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
from helpdesk.model.ticket import Deadline, DeadlineKind, Ticket


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
    plan.note("unclaimed", CLOCK, "nobody took it in time: the rota decides")
    assignment.hand_to_next(plan)


def _claim_lease(plan: Plan, lease: Deadline) -> None:
    """Claimed but silent: somebody else may have it. It costs no card, that is the response deadline's business."""
    holder, silent_for = plan.operator, f"{lease.allowed} of {lease.clock} time".replace("_", " ")
    name = holder.name if holder else "nobody"
    plan.note("lease_over", CLOCK, f"{name} claimed it and was silent for {silent_for}; no card for that")
    successor = giving_back.give_back(plan, holder, "lease_over")
    if holder:
        giving_back.tell_former(plan, holder, "lease_over", successor)


def _reminder(plan: Plan, deadline: Deadline) -> None:
    answer_by = plan.due(*deadlines.RESPONSE)
    plan.note(
        "reminded", CLOCK, f"reminder {deadline.step}: {plan.operator_name or 'nobody'} has not answered yet"
    )
    if plan.operator and answer_by and answer_by > plan.now:
        drafts.to_operator(plan, plan.operator, "reminder", {"answer_by": answer_by})


def _nudge(plan: Plan, deadline: Deadline) -> None:
    if forms.ask_again(plan):
        plan.note("nudged", CLOCK, f"the customer is asked again ({deadline.step}) to fill in the form")
        return
    if consent := plan.event.affairs.asked_consent:
        consents.remind(plan, consent, deadline.step)
        return
    plan.note("nudged", CLOCK, f"the customer is asked again ({deadline.step}): was the answer satisfactory?")
    drafts.to_customer(plan, "nudge", {"step": deadline.step, "close_at": plan.due(DeadlineKind.AUTO_CLOSE)})


def _auto_close(plan: Plan, _: Deadline) -> None:
    missing = forms.awaited(plan)
    closing.solve(plan, closing.NO_FORM if missing else closing.NO_FEEDBACK, "", missing=missing)


def _pic_timeout(plan: Plan, _: Deadline) -> None:
    closing.finish(plan, CLOCK, "PIC did not object in time; the survey goes to the customer")


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
