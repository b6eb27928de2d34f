"""Yellow cards: what a missed deadline costs, and who hears of it (PROCEDURE A4, B)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.decide import assignment, breaches, deadlines, drafts, due_process, operators
from helpdesk.decide.customers import entry_of
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.decision import Card, Decision, Value
from helpdesk.model.effects import AppealCard
from helpdesk.model.events import CardAppealed
from helpdesk.model.people import Person
from helpdesk.model.policy import OnBreach, Policy
from helpdesk.model.reasons import because, recognised
from helpdesk.model.ticket import Deadline, EntryKind, Ticket


def breach(plan: Plan, deadline: Deadline) -> None:
    """1. record, 2. card, 3. back to the rota, 4. tell the operator and PIC. The clock starts again."""
    late, rules = plan.operator, plan.policy.sla.on_breach
    breaches.record(plan, deadline)
    pardon = due_process.pardon(plan, late, deadline) if late and OnBreach.YELLOW_CARD in rules else ""
    carded = late if OnBreach.YELLOW_CARD in rules and not pardon else None
    cards = _give_card(plan, carded, deadline) if carded else _cards_of(plan, late)
    if pardon:
        plan.note("no_card", CLOCK, because("no_card_for", who=plan.operator_name, why=pardon))
    successor = _reassign(plan, late) if OnBreach.REASSIGN in rules else None
    if successor is None:
        deadlines.restart_response(plan)
    _tell(plan, late, deadline, _Verdict(carded is not None, cards, pardon), successor)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Was there a card, how many stand now, and why there was none."""

    carded: bool
    cards: int
    pardon: str


def _give_card(plan: Plan, late: Person, deadline: Deadline) -> int:
    cards = _cards_of(plan, late) + 1
    evidence = due_process.evidence(plan, deadline)
    missed = because("missed", what=deadline.kind, number=plan.ticket.number)
    plan.card(Card(late.address, missed, "\n".join(evidence)))
    limit = plan.policy.cards.limit
    plan.note("yellow_card", CLOCK, because("card_number", number=cards, limit=limit, who=late.name))
    return cards


def _reassign(plan: Plan, late: Person | None) -> Person | None:
    passed_over = {late.address} if late else set()
    successor, reasons = assignment.next_operator(plan.event.rota, plan.policy.assignment, passed_over)
    plan.because(*reasons)
    if successor:
        assignment.assign(plan, successor, "reassigned")
    return successor


def _tell(
    plan: Plan, late: Person | None, deadline: Deadline, verdict: _Verdict, successor: Person | None
) -> None:
    rules, limit, cards = plan.policy.sla.on_breach, plan.policy.cards.limit, verdict.cards
    values = breaches.told(
        plan,
        late,
        deadline,
        verdict.pardon,
        card=verdict.carded,
        cards=cards,
        evidence=due_process.evidence(plan, deadline),
        new_operator_name=successor.name if successor else "",
    )
    if late:
        drafts.to_operator(plan, late, "breach", values)
    if OnBreach.NOTIFY_PIC in rules:
        drafts.to_pics(plan, "breach_notice", values)
    if late and verdict.carded and cards == limit:
        reason = because("cards_within", number=cards, days=plan.policy.cards.period.days)
        drafts.to_pics(plan, "card_notice", {**values, "reason": reason})


def appealed(ticket: Ticket | None, event: CardAppealed, policy: Policy, now: datetime) -> Decision:
    """The operator's words against a card go to PIC with the evidence; the customer never sees them."""
    assert ticket is not None
    plan, card, words = Plan(ticket, event, policy, now), event.card, event.mail.new_text
    person = operators.writer(event)
    plan.record(entry_of(event, EntryKind.NOTE, now))
    plan.effect(AppealCard(card.id, words))
    plan.note(
        "card_appealed", person.address, because("appeals", who=person.name, why=recognised(card.reason))
    )
    values: dict[str, Value] = {
        "operator_name": person.name,
        "reason": recognised(card.reason),
        "evidence": tuple(map(recognised, (card.evidence or "").split("\n"))),
        "text": words,
        "cards": _cards_of(plan, person),
        "card_limit": policy.cards.limit,
    }
    drafts.to_pics(plan, "card_appeal", values)
    plan.write(operators.sent_back(ticket, event, "receipt", {"text": because("told_appealed")}))
    return plan.decision()


def _cards_of(plan: Plan, person: Person | None) -> int:
    return next((t.cards for t in plan.event.rota if person and t.operator.address == person.address), 0)
