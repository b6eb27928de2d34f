"""Somebody asks for a ticket: by an empty Reply All or by `#claim` (PROCEDURE A2, A3)."""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import assignment, deadlines, drafts, races
from helpdesk.decide.availability import Barrier, barriers, turn_of
from helpdesk.decide.plan import Plan
from helpdesk.model.decision import Decision
from helpdesk.model.events import OUT_OF_OFFICE, OperatorClaimed
from helpdesk.model.people import Person
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Claim, Status, Ticket


def claimed(ticket: Ticket | None, event: OperatorClaimed, policy: Policy, now: datetime) -> Decision:
    """An empty reply. What keeps them from taking it comes back as a letter with the reason."""
    assert ticket is not None
    assert event.speaker.person is not None, "only operators claim"
    plan, person = Plan(ticket, event, policy, now), event.speaker.person
    found = barrier(plan, person)
    if found:
        _refuse(plan, person, *found)
    else:
        claim(plan, person)
    return plan.decision()


def claim(plan: Plan, person: Person) -> None:
    """Give it, put it on the list of claims, or tell who has it."""
    if plan.ticket.operator == person.address:
        plan.because(because("has_it", who=person.name))
    elif plan.ticket.status is not Status.NEW:
        who = plan.operator_name or because("somebody_else")
        plan.note("claim_lost", person.address, because("has_it", who=who))
        races.tell_late(plan, person)
    else:
        _claim_free_ticket(plan, person)


def barrier(plan: Plan, person: Person) -> tuple[Barrier, str] | None:
    """Why this operator may not take this ticket, which is free; None if they may.

    Whose mail program said that they are out, and who claims by hand, is back.
    """
    if plan.ticket.status is not Status.NEW:
        return None
    turn = turn_of(plan.event.rota, person)
    for found, words in barriers(turn, plan.policy.assignment):
        if not (found is Barrier.AWAY and turn.away_why == OUT_OF_OFFICE):
            return found, words(turn)
    return None


def _claim_free_ticket(plan: Plan, person: Person) -> None:
    plan.claim(Claim(person.address, plan.now))
    plan.note("claimed", person.address, because("claimed_empty", who=person.name))
    if not plan.policy.assignment.claim_window:
        assignment.assign(plan, person, "claim")
    elif not plan.ticket.claims:
        deadlines.start_claim_window(plan)


def _refuse(plan: Plan, person: Person, found: Barrier, why: str) -> None:
    turn = turn_of(plan.event.rota, person)
    plan.note("claim_refused", person.address, because("claim_void", who=person.name, why=why))
    values = {
        "how": str(found),
        "until": turn.away_until,
        "cards": turn.cards,
        "open_tickets": turn.open_tickets,
        "max_open": plan.policy.assignment.max_open,
    }
    drafts.to_operator(plan, person, "claim_refused", values)
