"""Passing a question on to a third party: `#escalate`."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide import escalating
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import Reading, VerbRule, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because

READY = "ask_for_details"
"""The canned reply that asks the customer for what is missing."""


def _third_party(order: Order, reading: Reading) -> Order | Misunderstood:
    """The argument names a third party of the configuration."""
    party = reading.policy.third_party(order.argument)
    if party:
        return replace(order, name=party.name)
    names = ", ".join(one.name for one in reading.policy.third_parties)
    there = because("one_of", word="#escalate", names=names) if names else because("no_parties")
    problem = because("no_party", said=order.argument) if order.argument else because("to_whom")
    return Misunderstood(order.line, problem, there)


def _escalate(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """Refused until all that the third party must know is there; the refusal brings a reply that asks for it."""
    party = plan.policy.third_party(order.name)
    if party is None:
        return Misunderstood(order.line, because("no_party", said=order.name), "#help")
    if lacking := escalating.lacking(plan.ticket, party, plan.policy):
        problem = because("lacking", who=party.name, names=", ".join(lacking))
        remedy = because("ready_below" if party.form else "ready_below_only", what=READY, said=party.form)
        return Misunderstood(order.line, problem, remedy, event.found.canned.get(READY, ""))
    left_out = escalating.escalate(plan, event, party, writer(event))
    plan.tell(because("told_passed_on", who=party.name))
    if left_out:
        plan.tell(because("told_left_out", names=", ".join(left_out)))
    return None


ESCALATE = VerbRule(
    Verb.ESCALATE,
    usage="#escalate THIRD_PARTY",
    meaning=because("help_escalate"),
    read=_third_party,
    on_ticket=_escalate,
    takes_words=True,
    moves=True,
)
