"""Taking a ticket: `#claim`."""

from __future__ import annotations

from helpdesk.decide import operators
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import VerbRule, no_argument, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb


def _claim(plan: Plan, _: Order, event: StaffCommanded) -> Misunderstood | None:
    operators.claim(plan, writer(event))
    return None


CLAIM = VerbRule(
    Verb.CLAIM,
    usage="#claim",
    meaning="take the ticket, as an empty Reply All does",
    read=no_argument,
    on_ticket=_claim,
    aliases=("take", "mine"),
)
