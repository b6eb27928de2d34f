"""`#undo`: the last step of staff or of the clock on this ticket is taken back, as far as it can be.

Fields go back to what the history says they were; deadlines are set anew. Facts stay: what was said, what was
sent, when the customer was answered, cards. Whatever a customer or the outside did since is no step to take back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from helpdesk.decide import deadlines, holding
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.decide.verbs.asking import SAYS_NOTHING, last_step, steps_of
from helpdesk.decide.verbs.merging import part
from helpdesk.decide.verbs.phrases import by_word, moment, status_word
from helpdesk.decide.verbs.rule import STAFF, VerbRule, no_argument, writer
from helpdesk.model.commanded import Past, StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.policy import Policy, SurveyMode
from helpdesk.model.reasons import because, recognised
from helpdesk.model.ticket import DeadlineKind, Status

RESTORED = (
    "status", "waiting_for", "operator", "queue", "language", "solved_at", "closed_at", "linked_to", "tags",
    "fields",
)  # fmt: skip
"""The fields that go back. The others are facts."""

_ON_HOLD = frozenset({holding.HELD, "promised", "escalated"})
_WAKES = (DeadlineKind.HOLD, DeadlineKind.PROMISE, *deadlines.THIRD_PARTY)
_NOT_TAKEN_BACK: Mapping[str, str] = {
    "created": because("came"),
    "escalated": because("letter_is_out"),
    "split": because("ticket_is_there"),
    "merged_in": because("undo_there"),
}


def _undo(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    history = event.found.history
    step = last_step(history)
    back = _earlier_values(history, step)
    back = {name: value for name, value in back.items() if getattr(plan.ticket, name) != value}
    until = _held_until(plan, _earlier(history, step))
    problem = _problem(plan, step, back, event) or _sleeps_for_ever(plan, back, until)
    if problem:
        return Misunderstood(order.line, problem, because("why_last"))
    if any(past.event == "merged" for past in step):
        part(plan, event)
    plan.change(**back, updated_at=plan.now)
    _set_deadlines_right(plan, until)
    first = _telling(step)
    when = moment(plan.policy, first.at)
    plan.note(
        "undone",
        writer(event).address,
        because("taken_back", what=first.event, when=when, why=recognised(first.reason)),
    )
    _tell(plan, first, when, event, step)
    return None


def _earlier_values(history: Sequence[Past], step: Sequence[Past]) -> dict[str, Any]:
    """What the fields that the step changed held before it."""
    before: dict[str, Any] = {}
    for one in _earlier(history, step):
        for past in one:
            before.update(past.changes)
    changed = {name for past in step for name in past.changes}
    return {name: before[name] for name in RESTORED if name in changed and name in before}


def _earlier(history: Sequence[Past], step: Sequence[Past]) -> list[list[Past]]:
    return list(takewhile(lambda one: list(one) != list(step), steps_of(history)))


def _held_until(plan: Plan, earlier: Sequence[Sequence[Past]]) -> datetime | None:
    """The day that it was on hold for before the step; None if that has come, or it waited for something else."""
    put = next((one for one in reversed(earlier) if _ON_HOLD & {past.event for past in one}), [])
    if not any(past.event == holding.HELD for past in put):
        return None
    until = holding.until_of(reason for past in put for reason in past.reasons)
    return until if until and until > plan.now else None


def _problem(plan: Plan, step: Sequence[Past], back: Mapping[str, Any], event: StaffCommanded) -> str:
    """Why the step stays, or ''."""
    if not step:
        return because("nothing_yet")
    first, rules = _telling(step), plan.policy
    for past in step:
        if past.event in _NOT_TAKEN_BACK:
            return because("stays", what=past.event, why=_NOT_TAKEN_BACK[past.event])
    if not _by_us(step[0].by, rules):
        return because("since_then", what=first.event, who=by_word(first.by))
    if first.at + rules.commands.undo_for < plan.now:
        return because("too_long_ago", what=first.event, when=moment(rules, first.at))
    if not back:
        sent = ", ".join(event.found.letters)
        return because("changed_nothing_sent" if sent else "changed_nothing", what=first.event, names=sent)
    return ""


def _sleeps_for_ever(plan: Plan, back: Mapping[str, Any], until: datetime | None) -> str:
    """On hold again, with nothing that would wake it?"""
    if back.get("status") is not Status.ON_HOLD or until or plan.due(*_WAKES):
        return ""
    return because("hold_is_gone")


def _by_us(by: str, policy: Policy) -> bool:
    return by == CLOCK or bool(policy.operator(by) or policy.pic(by))


def _telling(step: Sequence[Past]) -> Past:
    """The line that names the step."""
    return next((past for past in step if past.event not in SAYS_NOTHING), step[0])


def _set_deadlines_right(plan: Plan, until: datetime | None) -> None:
    """Whoever has the ball again has the full time again, from now; what slept until a day sleeps until it."""
    running = {deadline.kind for deadline in plan.ticket.deadlines}
    match plan.ticket.status:
        case Status.NEW if not running & {DeadlineKind.CLAIM_TIMEOUT, DeadlineKind.CLAIM_WINDOW}:
            deadlines.start_claim_timeout(plan)
        case Status.OPEN:
            deadlines.start_response(plan)
        case Status.ON_HOLD if until:
            deadlines.start_hold(plan, until)
        case Status.PENDING if DeadlineKind.AUTO_CLOSE not in running:
            deadlines.start_follow_up(plan)
        case Status.SOLVED if DeadlineKind.PIC_TIMEOUT not in running:
            if plan.policy.closing.survey is SurveyMode.AFTER_TIMEOUT:
                deadlines.start_pic_timeout(plan)


def _tell(plan: Plan, first: Past, when: str, event: StaffCommanded, step: Sequence[Past]) -> None:
    who = plan.operator_name or because("nobody")
    plan.tell(because("told_undone", what=first.event, when=when, why=recognised(first.reason)))
    plan.tell(because("told_restored", status=status_word(plan.ticket.status), who=who))
    if event.found.letters:
        plan.tell(because("told_letters_stay", names=", ".join(event.found.letters)))
    if any(past.event == "yellow_card" for past in step):
        plan.tell(because("told_card_stays"))


UNDO = VerbRule(
    Verb.UNDO,
    usage="#undo",
    meaning=because("help_undo"),
    read=no_argument,
    on_ticket=_undo,
    aliases=("urungkan",),
    roles=STAFF,
    moves=True,
)
