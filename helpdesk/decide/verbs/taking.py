"""Taking a ticket: `#claim`."""

from __future__ import annotations

from helpdesk.decide import claims
from helpdesk.decide.availability import Barrier
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import VerbRule, no_argument, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb


def _claim(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    person = writer(event)
    found = claims.barrier(plan, person)
    if found:
        barrier, why = found
        problem = f"{person.name} {why}, so cannot take it"
        return Misunderstood(order.line, problem, _REMEDIES[barrier])
    claims.claim(plan, person)
    return None


_REMEDIES = {
    Barrier.AWAY: "#back first, if you are back",
    Barrier.SUSPENDED: "ask PIC: they lift cards with #lift",
    Barrier.FULL: "close one of your tickets first, or give one back with #release",
}


CLAIM = VerbRule(
    Verb.CLAIM,
    usage="#claim",
    meaning="take the ticket, as an empty Reply All does",
    read=no_argument,
    on_ticket=_claim,
    aliases=("take", "mine", "ambil"),
)
