"""Who gets the ticket: the operator whose turn is longest overdue, among those who can take it.

The rota is what happened (turns, open tickets, cards), never a counter; every skipped operator
leaves a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from helpdesk.decide import deadlines, drafts, greeting
from helpdesk.decide.plan import Plan
from helpdesk.model.decision import TurnTaken, Value
from helpdesk.model.events import Rota, Turn
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Person
from helpdesk.model.policy import Announce, Assignment, AssignmentMode
from helpdesk.model.ticket import Claim, DeadlineKind, Status, WaitingFor

_BY_DESK = ("round_robin", "reassigned")
_NEVER = datetime.min.replace(tzinfo=UTC)

Skip = Callable[[Turn, Assignment], str | None]

SKIPS: tuple[Skip, ...] = (
    lambda turn, _: "is away" if turn.away else None,
    lambda turn, _: f"is off the rota with {turn.cards} yellow cards" if turn.suspended else None,
    lambda turn, rules: (
        f"has a full plate ({turn.open_tickets} open)" if 0 < rules.max_open <= turn.open_tickets else None
    ),
)


def next_operator(
    rota: Rota, rules: Assignment, passed_over: Collection[str] = ()
) -> tuple[Person | None, tuple[str, ...]]:
    """Return who is next and why, the skipped ones included. `passed_over` are addresses that had their chance."""
    reasons: list[str] = []
    available: list[Turn] = []
    for turn in rota:
        whys = ["has just had it"] if turn.operator.address in passed_over else []
        whys += [why for skip in SKIPS if (why := skip(turn, rules))]
        if whys:
            reasons.append(f"{turn.operator.name} is skipped: {whys[0]}")
        else:
            available.append(turn)
    if not available:
        return None, (*reasons, "no operator is available")
    first = min(available, key=_overdue)
    return first.operator, (*reasons, f"it is {first.operator.name}'s turn: {_since(first)}")


def fairest_claim(claims: Collection[Claim], rota: Rota) -> tuple[Person | None, tuple[str, ...]]:
    """Among those who claimed, the one whose turn is longest overdue."""
    claimants = [turn for turn in rota if turn.operator.address in {c.operator for c in claims}]
    if not claimants:
        return None, ("nobody who claimed is an operator any more",)
    first = min(claimants, key=_overdue)
    names = ", ".join(sorted(turn.operator.name for turn in claimants))
    return first.operator, (f"claims by {names}; {first.operator.name} comes first: {_since(first)}",)


def _announce(plan: Plan, mail: InboundMail) -> None:
    """Tell the operators that there is a new ticket: on the list, or each by a personal letter."""
    rules = plan.policy.assignment
    values: dict[str, Value] = {
        "text": mail.new_text or mail.text,
        "attachments": attachment_names(mail),
        "mode": str(rules.mode),
        "claim_until": plan.due(DeadlineKind.CLAIM_TIMEOUT),
        "linked_to": plan.ticket.linked_to,
    }
    personally = rules.announce is Announce.EACH or not plan.policy.list_address
    if not personally:
        drafts.to_list(plan, "new_ticket", values)
    elif rules.mode is AssignmentMode.CLAIM:
        for person in plan.policy.operators:
            drafts.to_operator(plan, person, "new_ticket", values)


def offer(plan: Plan, mail: InboundMail) -> None:
    """Tell the operators, and start the way from `new` to one of them as the configuration wants it."""
    if plan.policy.assignment.mode is AssignmentMode.CLAIM:
        deadlines.start_claim_timeout(plan)
        plan.because("operators may claim it with an empty Reply All")
        _announce(plan, mail)
    else:
        _announce(plan, mail)
        hand_to_next(plan, mail)


def hand_to_next(plan: Plan, mail: InboundMail | None = None) -> None:
    """Round robin; when nobody can take it, look again after `claim_timeout`."""
    person, reasons = next_operator(plan.event.rota, plan.policy.assignment)
    plan.because(*reasons)
    if person:
        assign(plan, person, "round_robin", mail=mail)
    else:
        deadlines.start_claim_timeout(plan)


def take(plan: Plan, person: Person, how: str) -> None:
    """Write down who has it; no letters."""
    plan.turn = TurnTaken(person.address, how)
    plan.clear_claims()
    plan.change(status=Status.OPEN, waiting_for=WaitingFor.OPERATOR, operator=person.address)
    plan.note("assigned", person.address, f"{person.name} has the ticket ({how})")


def assign(plan: Plan, person: Person, how: str, *, mail: InboundMail | None = None) -> None:
    """Give it to `person` and tell everybody: operator, list, PIC, customer, those who claimed too."""
    others = _other_claimants(plan, person)
    handed_over = plan.ticket.operator not in (None, person.address)
    take(plan, person, how)
    deadlines.restart_response(plan)
    answer_by = plan.due(*deadlines.RESPONSE)
    values: dict[str, Value] = {"answer_by": answer_by, "how": how}
    if mail:
        values |= {"text": mail.new_text or mail.text, "attachments": attachment_names(mail)}
    drafts.to_operator(plan, person, "assignment", values)
    drafts.copies(plan, "assignment", values)
    letter = "handover" if handed_over else "assigned"
    to_customer: dict[str, Value] = {"operator_name": person.name, "answer_by": answer_by}
    greeting.introduce(plan, letter, to_customer, by_desk=how in _BY_DESK)
    for other in others:
        tell_loser(plan, other)


def take_from_others(plan: Plan, person: Person, how: str) -> None:
    """Words on a free ticket take it at once; those who only claimed are told."""
    others = _other_claimants(plan, person)
    take(plan, person, how)
    for other in others:
        tell_loser(plan, other)


def _other_claimants(plan: Plan, person: Person) -> list[Person]:
    addresses = {c.operator for c in plan.ticket.claims} - {person.address}
    return [p for p in map(plan.policy.operator, sorted(addresses)) if p]


def tell_loser(plan: Plan, person: Person) -> None:
    drafts.to_operator(plan, person, "claim_lost", {"winner_name": plan.operator_name})


def attachment_names(mail: InboundMail) -> tuple[str, ...]:
    return tuple(a.name or a.type for a in mail.attachments if not a.inline)


def _overdue(turn: Turn) -> tuple[datetime, str]:
    return turn.last_turn_at or _NEVER, turn.operator.name


def _since(turn: Turn) -> str:
    return f"last turn {turn.last_turn_at:%Y-%m-%d %H:%M} UTC" if turn.last_turn_at else "has had no turn yet"
