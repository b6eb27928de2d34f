"""Taking a ticket: `#claim`."""

from __future__ import annotations

from helpdesk.decide import claims
from helpdesk.decide.availability import Barrier
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import VerbRule, no_argument, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because


def _claim(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    person = writer(event)
    found = claims.barrier(plan, person)
    if found:
        barrier, why = found
        problem = because("cannot_take", who=person.name, why=why)
        return Misunderstood(order.line, problem, _REMEDIES[barrier])
    claims.claim(plan, person)
    return None


_REMEDIES = {
    Barrier.AWAY: because("back_first"),
    Barrier.SUSPENDED: because("ask_pic"),
    Barrier.FULL: because("close_one"),
}


CLAIM = VerbRule(
    Verb.CLAIM,
    usage="#claim",
    meaning=because("help_claim"),
    read=no_argument,
    on_ticket=_claim,
    aliases=("take", "mine", "ambil"),
)
