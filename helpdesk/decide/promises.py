"""Dates that customers are told (PROCEDURE C): made, reminded of, and kept, moved or broken.

A promise is open as long as its deadline stands on the ticket. It is kept when the ticket is solved by then,
moved when a new date is told before the old one has passed, dropped when PIC block the customer before, and broken
otherwise.
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import assignment, deadlines, drafts
from helpdesk.decide.calendar import shown
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.affairs import Promise, PromiseState
from helpdesk.model.decision import Value
from helpdesk.model.effects import MakePromise, SettlePromise
from helpdesk.model.people import Person
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Deadline, DeadlineKind, WaitingFor


def make(plan: Plan, due_at: datetime, reason: str, by: str) -> None:
    """The customer is told `due_at`; an open promise has been settled before."""
    plan.effect(MakePromise(plan.ticket.number, Promise(due_at, plan.now, by, reason)))
    deadlines.start_promise(plan, due_at)
    name = "promised_because" if reason else "promised"
    plan.note("promised", by, because(name, when=shown(due_at, plan.policy.calendar), reason=reason))


def last_date(plan: Plan) -> datetime | None:
    """The date that the customer waits for: the promise that stands or broke, else that of their first answer."""
    promise = plan.event.affairs.promise
    if standing := plan.due(DeadlineKind.PROMISE):
        return standing
    if promise and promise.state is PromiseState.BROKEN:
        return promise.due_at
    ticket = plan.ticket
    if ticket.acknowledged and ticket.first_response_at is None:
        return deadlines.expected_answer(ticket, plan.policy, ticket.created_at)
    return None


def replaced(plan: Plan, by: str) -> None:
    """A new date takes the place of the one that stands; if that has passed, it was broken."""
    due_at = _in_time(plan, by)
    if due_at is None:
        return
    plan.cancel(DeadlineKind.PROMISE, DeadlineKind.PROMISE_REMINDER)
    plan.effect(SettlePromise(plan.ticket.number, PromiseState.MOVED))
    plan.note("promise_moved", by, because("promise_moved", when=shown(due_at, plan.policy.calendar)))


def replaced_first_date(plan: Plan, by: str) -> None:
    """A new date takes the place of the one in the acknowledgement: where that has passed, it was broken."""
    if plan.event.affairs.promise:
        return
    told = last_date(plan)
    if told and told < plan.now:
        plan.note("promise_broken", by, because("was_promised", when=shown(told, plan.policy.calendar)))


def _in_time(plan: Plan, by: str) -> datetime | None:
    """The date that stands; None where there is none, or where it has passed and so is broken."""
    due_at = plan.due(DeadlineKind.PROMISE)
    if due_at is None or due_at >= plan.now:
        return due_at
    broken(plan, due_at, by)
    return None


def carry_over(plan: Plan, by: str) -> Promise | None:
    """The ticket becomes part of another one: what stands open is moved, and returned to be made there."""
    due_at, promise = plan.due(DeadlineKind.PROMISE), plan.event.affairs.open_promise
    replaced(plan, by)
    return promise if promise and due_at and due_at >= plan.now else None


def solved(plan: Plan, by: str) -> None:
    """The ticket ends: was that in time? To be asked while the deadline still stands."""
    due_at = _in_time(plan, by)
    if due_at is None:
        return
    plan.effect(SettlePromise(plan.ticket.number, PromiseState.KEPT))
    plan.note("promise_kept", by, because("promise_kept", when=shown(due_at, plan.policy.calendar)))


def dropped(plan: Plan, by: str) -> None:
    """The conversation is ended: nobody waits for the date any more, and nobody is told."""
    due_at = plan.due(DeadlineKind.PROMISE)
    if due_at is None:
        return
    plan.cancel(DeadlineKind.PROMISE, DeadlineKind.PROMISE_REMINDER)
    late = due_at < plan.now
    plan.effect(SettlePromise(plan.ticket.number, PromiseState.BROKEN if late else PromiseState.DROPPED))
    event = "promise_broken" if late else "promise_dropped"
    plan.note(event, by, because("was_promised", when=shown(due_at, plan.policy.calendar)))


def broken(plan: Plan, due_at: datetime, by: str) -> None:
    """1. record, 2. tell the operator and PIC, once."""
    plan.cancel(DeadlineKind.PROMISE, DeadlineKind.PROMISE_REMINDER)
    plan.effect(SettlePromise(plan.ticket.number, PromiseState.BROKEN))
    plan.note("promise_broken", by, because("was_promised", when=shown(due_at, plan.policy.calendar)))
    values = _values(plan, due_at)
    if plan.operator:
        drafts.to_operator(plan, plan.operator, "promise_broken", values)
    drafts.to_pics(plan, "promise_broken", values)


def passed(plan: Plan, deadline: Deadline) -> None:
    """The day is over and the ticket is not solved: it goes back to its operator, unless others have it in hand."""
    broken(plan, deadline.due_at, CLOCK)
    in_hand = plan.ticket.operator is None or plan.ticket.waiting_for is WaitingFor.THIRD_PARTY
    if not in_hand and plan.due(*deadlines.RESPONSE) is None:
        assignment.back_to_work(plan)


def remind(plan: Plan, deadline: Deadline) -> None:
    """The operator is told in time that the date comes near."""
    due_at = plan.due(DeadlineKind.PROMISE)
    plan.note(
        "promise_reminded", CLOCK, because("promise_reminded", number=deadline.step, who=_who(plan.operator))
    )
    if plan.operator and due_at:
        drafts.to_operator(plan, plan.operator, "promise_reminder", _values(plan, due_at))


def _values(plan: Plan, due_at: datetime) -> dict[str, Value]:
    promise = plan.event.affairs.open_promise
    return {"due_at": due_at, "reason": promise.reason if promise else ""}


def _who(person: Person | None) -> str:
    return person.name if person else because("nobody")
