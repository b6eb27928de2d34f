"""Who asked for a ticket and did not get it is told politely: who has it, and by how much they were first."""

from __future__ import annotations

from datetime import timedelta

from helpdesk.decide import drafts
from helpdesk.decide.plan import Plan
from helpdesk.model.decision import Value
from helpdesk.model.people import Person

RACE = timedelta(minutes=10)
"""Who comes so soon after the winner has run a race; who comes later learns when the ticket was taken."""

CHOSEN = "chosen"
"""Several asked within the window, and it went to whoever's turn was longer overdue."""

_NOTICEABLE = timedelta(seconds=1)


def tell_loser(plan: Plan, person: Person, how: str = "") -> None:
    """The letter `claim_lost`; `how` is CHOSEN, or '' when the others had no time to claim."""
    drafts.to_operator(plan, person, "claim_lost", {"winner_name": plan.operator_name, "how": how})


def tell_late(plan: Plan, person: Person) -> None:
    """They asked for what somebody has already: 14 seconds before them, or since Thursday."""
    values: dict[str, Value] = {"winner_name": plan.operator_name}
    turns = plan.event.past_turns
    if turns and turns[-1].operator == plan.ticket.operator:
        taken_at = turns[-1].at
        before = plan.now - taken_at
        if before >= RACE:
            values |= {"how": "earlier", "won_at": taken_at}
        else:  # clocks of two nodes may differ: less than nothing is a moment, too
            values |= {"how": "race", "won_before": before if before >= _NOTICEABLE else None}
    drafts.to_operator(plan, person, "claim_lost", values)
