"""Which deadlines start when: response with its reminders, nudges, auto-close, claims, PIC."""

from __future__ import annotations

from datetime import datetime, timedelta

from helpdesk.decide import calendar
from helpdesk.decide.plan import Plan
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Clock, Deadline, DeadlineKind, Ticket

THIRD_PARTY = (DeadlineKind.THIRD_PARTY_DUE,)
RESPONSE = (DeadlineKind.FIRST_RESPONSE, DeadlineKind.NEXT_RESPONSE)
GIVES_NOBODY_A_TURN = (
    DeadlineKind.REMINDER,
    DeadlineKind.NUDGE,
    DeadlineKind.AUTO_CLOSE,
    DeadlineKind.PIC_TIMEOUT,
)
"""What their passing does depends neither on the rota nor on who has had the ticket."""

ASKS_NOT_WHO_HAD_IT = (*GIVES_NOBODY_A_TURN, *RESPONSE)
"""Who is late gives it to whoever is next, even to one who has had it before."""


def expected_answer(ticket: Ticket, policy: Policy, now: datetime) -> datetime:
    """By when the customer may expect a human's answer, counted from now."""
    return calendar.add(now, _response_time(ticket, policy), policy.sla.clock, policy.calendar)


def start_response(plan: Plan) -> None:
    """The operator's time runs from now. One that runs already stays: the desk owes that answer first."""
    running = plan.due(*RESPONSE)
    if running is not None:
        plan.because(because("deadline_stays", when=f"{running:%Y-%m-%d %H:%M}"))
        return
    first = plan.ticket.first_response_at is None
    kind = DeadlineKind.FIRST_RESPONSE if first else DeadlineKind.NEXT_RESPONSE
    allowed, clock = _response_time(plan.ticket, plan.policy), plan.policy.sla.clock
    _set(plan, kind, allowed, clock)
    for step, fraction in enumerate(plan.policy.sla.remind_at, 1):
        _set(plan, DeadlineKind.REMINDER, allowed * fraction, clock, step)


def stop_response(plan: Plan) -> None:
    plan.cancel(*RESPONSE, DeadlineKind.REMINDER)


def restart_response(plan: Plan) -> None:
    stop_response(plan)
    start_response(plan)


def start_follow_up(plan: Plan) -> None:
    """The customer's silence is counted from this answer, or from the date that they were promised."""
    plan.cancel(DeadlineKind.NUDGE, DeadlineKind.AUTO_CLOSE)
    rules, promised = plan.policy.follow_up, plan.due(DeadlineKind.PROMISE)
    start = max(promised or plan.now, plan.now)
    for step, after in enumerate(rules.nudge_after, 1):
        if after < rules.close_after:
            _set(plan, DeadlineKind.NUDGE, after, rules.clock, step, start)
    _set(plan, DeadlineKind.AUTO_CLOSE, rules.close_after, rules.clock, start=start)


def start_claim_timeout(plan: Plan) -> None:
    plan.cancel(DeadlineKind.CLAIM_TIMEOUT)
    _set(plan, DeadlineKind.CLAIM_TIMEOUT, plan.policy.assignment.claim_timeout, Clock.CALENDAR)


def start_claim_window(plan: Plan) -> None:
    """Somebody wants it: from now on the window decides, not the rota."""
    plan.cancel(DeadlineKind.CLAIM_TIMEOUT)
    _set(plan, DeadlineKind.CLAIM_WINDOW, plan.policy.assignment.claim_window, Clock.CALENDAR)


def start_claim_lease(plan: Plan) -> None:
    """Who claimed it has so long to show that they are at work; without a lease the response deadline does."""
    plan.cancel(DeadlineKind.CLAIM_LEASE)
    rules = plan.policy.assignment
    if rules.claim_lease:
        _set(plan, DeadlineKind.CLAIM_LEASE, rules.claim_lease, rules.lease_clock)


def start_third_party(plan: Plan) -> None:
    """The time of the third party that was asked now; those that were asked before keep theirs, and those that are
    asked at the same instant share it."""
    if any(
        d.kind is DeadlineKind.THIRD_PARTY_DUE and d.started_at == plan.now for d in plan.ticket.deadlines
    ):
        return
    rules = plan.policy.escalation
    for step, fraction in enumerate(rules.remind_at, 1):
        _set(plan, DeadlineKind.THIRD_PARTY_REMINDER, rules.answer_within * fraction, rules.clock, step)
    _set(plan, DeadlineKind.THIRD_PARTY_DUE, rules.answer_within, rules.clock)


def start_pic_timeout(plan: Plan) -> None:
    _set(plan, DeadlineKind.PIC_TIMEOUT, plan.policy.closing.pic_timeout, Clock.CALENDAR)


def start_hold(plan: Plan, until: datetime) -> None:
    """The ticket sleeps until then."""
    plan.cancel(DeadlineKind.HOLD)
    _set_at(plan, DeadlineKind.HOLD, until)


def start_promise(plan: Plan, due_at: datetime) -> None:
    """The customer was told this date. Reminders come in working hours, at fractions of those that are left."""
    plan.cancel(DeadlineKind.PROMISE, DeadlineKind.PROMISE_REMINDER)
    left = calendar.between(plan.now, due_at, Clock.WORKING_HOURS, plan.policy.calendar)
    for step, fraction in enumerate(plan.policy.promises.remind_at, 1):
        if left:
            _set(plan, DeadlineKind.PROMISE_REMINDER, left * fraction, Clock.WORKING_HOURS, step)
    _set_at(plan, DeadlineKind.PROMISE, due_at)


def _response_time(ticket: Ticket, policy: Policy) -> timedelta:
    return policy.sla.first_response if ticket.first_response_at is None else policy.sla.next_response


def _set(
    plan: Plan,
    kind: DeadlineKind,
    allowed: timedelta,
    clock: Clock,
    step: int = 0,
    start: datetime | None = None,
) -> None:
    start = start or plan.now
    due_at = calendar.add(start, allowed, clock, plan.policy.calendar)
    plan.set(Deadline(kind, due_at, start, allowed, clock, step))
    what = f"{kind} {step}" if step else kind
    plan.because(because("deadline_set", what=what, when=f"{due_at:%Y-%m-%d %H:%M:%S}"))


def _set_at(plan: Plan, kind: DeadlineKind, due_at: datetime) -> None:
    _set(plan, kind, due_at - plan.now, Clock.CALENDAR)
