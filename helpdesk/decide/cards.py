"""Yellow cards: what a missed deadline costs, and who hears of it (PROCEDURE A4, B)."""

from __future__ import annotations

from helpdesk.decide import assignment, deadlines, drafts
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.decision import Card, Value
from helpdesk.model.people import Person
from helpdesk.model.policy import OnBreach
from helpdesk.model.ticket import Deadline


def breach(plan: Plan, deadline: Deadline) -> None:
    """1. record, 2. card, 3. back to the rota, 4. tell the operator and PIC. The clock starts again."""
    late, rules = plan.operator, plan.policy.sla.on_breach
    name = late.name if late else "nobody"
    plan.note(
        "breached",
        CLOCK,
        f"{deadline.kind} was due at {deadline.due_at:%Y-%m-%d %H:%M:%S} UTC; {name} had it",
    )
    cards = (
        _give_card(plan, late, deadline) if late and OnBreach.YELLOW_CARD in rules else _cards_of(plan, late)
    )
    successor = _reassign(plan, late) if OnBreach.REASSIGN in rules else None
    if successor is None:
        deadlines.restart_response(plan)
    _tell(plan, late, deadline, cards, successor)


def _give_card(plan: Plan, late: Person, deadline: Deadline) -> int:
    cards = _cards_of(plan, late) + 1
    plan.card(Card(late.address, f"{deadline.kind} of #{plan.ticket.number} missed"))
    plan.note("yellow_card", CLOCK, f"yellow card {cards} of {plan.policy.cards.limit} for {late.name}")
    return cards


def _reassign(plan: Plan, late: Person | None) -> Person | None:
    passed_over = {late.address} if late else set()
    successor, reasons = assignment.next_operator(plan.event.rota, plan.policy.assignment, passed_over)
    plan.because(*reasons)
    if successor:
        assignment.assign(plan, successor, "reassigned")
    return successor


def _tell(plan: Plan, late: Person | None, deadline: Deadline, cards: int, successor: Person | None) -> None:
    rules, limit = plan.policy.sla.on_breach, plan.policy.cards.limit
    carded = OnBreach.YELLOW_CARD in rules and late is not None
    values: dict[str, Value] = {
        "operator_name": late.name if late else "",
        "due_at": deadline.due_at,
        "card": carded,
        "cards": cards,
        "card_limit": limit,
        "new_operator_name": successor.name if successor else "",
    }
    if late:
        drafts.to_operator(plan, late, "breach", values)
    if OnBreach.NOTIFY_PIC in rules:
        drafts.to_pics(plan, "breach_notice", values)
    if late and carded and cards == limit:
        reason = f"{cards} yellow cards within {plan.policy.cards.period.days} days"
        drafts.to_pics(plan, "card_notice", {**values, "reason": reason})


def _cards_of(plan: Plan, person: Person | None) -> int:
    return next((t.cards for t in plan.event.rota if person and t.operator.address == person.address), 0)
