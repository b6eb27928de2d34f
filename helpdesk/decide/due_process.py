"""Due process before a yellow card: what the operator was sent and when, and what speaks for them (PROCEDURE A4, B).

Rules in order; the first one that finds a reason spares the card, and the reason stays in the history. It counts
whether a letter was delivered before the deadline, and whether the desk was there: to remind, to read an answer, and
above all when the time was up, for mail waits in front of its door while it is down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from helpdesk.decide.calendar import between, shown
from helpdesk.decide.plan import Plan
from helpdesk.model.affairs import Evidence, Sent
from helpdesk.model.people import Person
from helpdesk.model.policy import WorkCalendar
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Deadline

PUNCTUAL = timedelta(minutes=5)
"""A desk that notices a deadline later than this was not running when it passed."""

NOTABLE = timedelta(minutes=15)
"""A desk that was down for so much of the allowed time gives no card, whenever that was."""

Pardon = Callable[[Plan, Person, Deadline, Evidence], str | None]


def pardon(plan: Plan, late: Person, deadline: Deadline) -> str:
    """Why there is no card for `late`, or '' when nothing speaks against it."""
    known = plan.event.affairs.evidence
    rules = (
        (_was_away,) if known is None else PARDONS
    )  # nobody looked for letters: the rota is known all the same
    return next((why for rule in rules if (why := rule(plan, late, deadline, known or Evidence()))), "")


def evidence(plan: Plan, deadline: Deadline) -> tuple[str, ...]:
    """Every letter to the operator about it with its fate, one a line, in the desk's time."""
    known, rules = plan.event.affairs.evidence, plan.policy.calendar
    if known is None:
        return ()
    began = because("evidence_began", when=shown(deadline.started_at, rules))
    sent = (_fate(letter, rules) for letter in known.sent)
    away = (because("evidence_away", when=shown(since, rules)) for since, _ in known.away)
    down = (
        because("evidence_down", when=shown(since, rules), until=shown(until, rules))
        for since, until in known.down
    )
    return (began, *sent, *away, *down, because("evidence_due", when=shown(deadline.due_at, rules)))


def _was_away(plan: Plan, late: Person, _: Deadline, known: Evidence) -> str | None:
    away_now = any(turn.away for turn in plan.event.rota if turn.operator.address == late.address)
    return because("was_away", who=late.name) if away_now or known.away else None


def _desk_was_down(plan: Plan, _: Person, deadline: Deadline, __: Evidence) -> str | None:
    if plan.now - deadline.due_at <= PUNCTUAL:
        return None
    noticed = shown(plan.now, plan.policy.calendar)
    return because("desk_was_down", when=noticed)


def _desk_was_down_meanwhile(plan: Plan, _: Person, deadline: Deadline, known: Evidence) -> str | None:
    for since, until in known.down:
        begin, end, rules = max(since, deadline.started_at), min(until, deadline.due_at), plan.policy.calendar
        lost = between(begin, end, deadline.clock, rules)
        if lost >= NOTABLE or since <= deadline.due_at <= until:
            return because("desk_was_down_meanwhile", since=shown(since, rules), until=shown(until, rules))
    return None


def _nothing_arrived(_: Plan, late: Person, deadline: Deadline, known: Evidence) -> str | None:
    if any(x.delivered_at and x.delivered_at <= deadline.due_at for x in known.sent):
        return None
    return because("nothing_arrived", who=late.name)


PARDONS: tuple[Pardon, ...] = (_was_away, _desk_was_down_meanwhile, _desk_was_down, _nothing_arrived)


def _fate(letter: Sent, rules: WorkCalendar) -> str:
    when, name = shown(letter.at, rules), letter.letter
    if letter.delivered_at:
        return because("evidence_delivered", when=when, letter=name, until=shown(letter.delivered_at, rules))
    return because("evidence_lost", when=when, letter=name, why=letter.trouble)
