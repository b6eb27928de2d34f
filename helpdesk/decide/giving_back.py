"""A ticket leaves its operator early: released, claimed but silent, or the operator is out of office (PROCEDURE B).

It goes back to the rota at once, and never to whom it comes from: by round robin to whoever is next, by claims to
everybody. The customer is told that somebody else takes over. It costs no card.
"""

from __future__ import annotations

from helpdesk.decide import assignment, deadlines, drafts, greeting
from helpdesk.decide.plan import Plan
from helpdesk.model.people import Person
from helpdesk.model.policy import AssignmentMode
from helpdesk.model.reasons import because
from helpdesk.model.ticket import DeadlineKind


def give_back(plan: Plan, holder: Person | None, how: str, note: str = "") -> Person | None:
    """Return who has it now; None: nobody yet. `note` are the holder's words, `how` as in TurnTaken."""
    name = holder.name if holder else ""
    if plan.policy.assignment.mode is AssignmentMode.CLAIM and plan.ticket.status not in assignment.WAITING:
        _free(plan, how)
        assignment.announce(plan, given_back_by=name)
        return None
    successor, reasons = next_after(plan)
    plan.because(*reasons)
    if successor:
        assignment.assign(plan, successor, how, note=note, given_by=name)
        return successor
    _free(plan, how)
    claim_until = plan.due(DeadlineKind.CLAIM_TIMEOUT)
    values = {"text": reasons, "claim_until": claim_until, "given_by": name}
    drafts.to_pics(plan, "nobody_free", values)
    return None


def next_after(plan: Plan) -> tuple[Person | None, tuple[str, ...]]:
    """Who gets it if its operator cannot: those who have not had it yet come first."""
    holder = {plan.ticket.operator} if plan.ticket.operator else set()
    rules = plan.policy.assignment
    return assignment.next_operator(plan.event.rota, rules, holder, assignment.had_it(plan))


def tell_former(plan: Plan, former: Person, how: str, successor: Person | None, by: str = "") -> None:
    """The letter to whom had it, where they have not asked for the change themselves."""
    values = {"how": how, "new_operator_name": successor.name if successor else "", "given_by": by}
    drafts.to_operator(plan, former, "taken_back", values)


def _free(plan: Plan, how: str) -> None:
    assignment.free(plan)
    plan.because(because("is_free"))
    expected = deadlines.expected_answer(plan.ticket, plan.policy, plan.now)
    by_desk = how in assignment.BY_DESK
    greeting.introduce(plan, "handover", {"operator_name": "", "answer_by": expected}, by_desk=by_desk)
