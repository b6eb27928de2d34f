"""Who gets the ticket: the operator whose turn is longest overdue, among those who can take it.

The rota is what happened (turns, open tickets, cards), never a counter; every skipped operator
leaves a reason.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from helpdesk.decide import breaches, deadlines, drafts, greeting, races
from helpdesk.decide.availability import barriers
from helpdesk.decide.plan import Plan
from helpdesk.model.decision import TurnTaken, Value
from helpdesk.model.events import Rota, Turn
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Person
from helpdesk.model.policy import Announce, Assignment, AssignmentMode
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Claim, DeadlineKind, Status, WaitingFor

BY_DESK = ("round_robin", "reassigned", "lease_over", "out_of_office")
"""How a ticket gets its operator without anybody having asked for it."""

WAITING = (Status.PENDING, Status.ON_HOLD)
"""It is not the operator's turn: who takes such a ticket over owes no answer yet."""

_NEVER = datetime.min.replace(tzinfo=UTC)


def next_operator(
    rota: Rota, rules: Assignment, passed_over: Collection[str] = (), had_it: Collection[str] = ()
) -> tuple[Person | None, tuple[str, ...]]:
    """Return who is next and why, the skipped ones included.

    `passed_over` are addresses that do not get it; those that `had_it` before get it only if nobody else can.
    """
    reasons: list[str] = []
    available: list[Turn] = []
    for turn in rota:
        whys: list[str] = [because("just_had_it")] if turn.operator.address in passed_over else []
        whys += [words(turn) for _, words in barriers(turn, rules)]
        if whys:
            reasons.append(because("skipped", who=turn.operator.name, why=whys[0]))
        else:
            available.append(turn)
    if not available:
        return None, (*reasons, because("nobody_available"))
    first = min(available, key=lambda turn: (turn.operator.address in had_it, *_overdue(turn)))
    return first.operator, (*reasons, because("turn_of", who=first.operator.name, why=_since(first)))


def fairest_claim(
    claims: Collection[Claim], rota: Rota, rules: Assignment
) -> tuple[Person | None, tuple[str, ...]]:
    """Among those who claimed and can still take it, the one whose turn is longest overdue."""
    claimants = [
        turn
        for turn in rota
        if turn.operator.address in {c.operator for c in claims} and not barriers(turn, rules)
    ]
    if not claimants:
        return None, (because("no_claimant"),)
    first = min(claimants, key=_overdue)
    names = ", ".join(sorted(turn.operator.name for turn in claimants))
    return first.operator, (because("claims_by", names=names, who=first.operator.name, why=_since(first)),)


def announce(plan: Plan, mail: InboundMail | None = None, *, given_back_by: str = "") -> None:
    """Tell the operators that there is a ticket: on the list, or each by a personal letter."""
    rules = plan.policy.assignment
    values: dict[str, Value] = {
        **_words_of(mail),
        "mode": str(rules.mode),
        "claim_until": plan.due(DeadlineKind.CLAIM_TIMEOUT),
        "linked_to": plan.ticket.linked_to,
        "given_by": given_back_by,
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
        plan.because(because("may_claim"))
        announce(plan, mail)
    else:
        announce(plan, mail)
        hand_to_next(plan, mail)


def hand_to_next(plan: Plan, mail: InboundMail | None = None) -> None:
    """Round robin; when nobody can take it, look again after `claim_timeout`."""
    person, reasons = next_operator(plan.event.rota, plan.policy.assignment, had_it=had_it(plan))
    plan.because(*reasons)
    if person:
        assign(plan, person, "round_robin", mail=mail)
    else:
        deadlines.start_claim_timeout(plan)


def back_to_work(plan: Plan) -> None:
    """It is the operator's turn again; where they are no operator any more, the rota finds another."""
    plan.change(status=Status.OPEN, waiting_for=WaitingFor.OPERATOR)
    if plan.operator:
        deadlines.start_response(plan)
        return
    person, reasons = next_operator(plan.event.rota, plan.policy.assignment)
    plan.because(because("operator_left"), *reasons)
    if person:
        assign(plan, person, "reassigned")
    else:
        deadlines.start_response(plan)


def take(plan: Plan, person: Person, how: str) -> None:
    """Write down who has it; no letters. What waits for somebody else, or for a day, goes on waiting."""
    plan.turn = TurnTaken(person.address, how)
    plan.clear_claims()
    plan.change(operator=person.address)
    if plan.ticket.status not in WAITING:
        plan.change(status=Status.OPEN, waiting_for=WaitingFor.OPERATOR)
    plan.note("assigned", person.address, because("has_ticket", who=person.name, how=how))


def free(plan: Plan) -> None:
    """Nobody has it: it may be claimed, and the rota looks again after `claim_timeout`. No letters."""
    plan.clear_claims()
    plan.change(status=Status.NEW, waiting_for=WaitingFor.OPERATOR, operator=None)
    deadlines.start_claim_timeout(plan)


def had_it(plan: Plan) -> frozenset[str]:
    """Who has had this ticket before: others come first."""
    return frozenset(turn.operator for turn in plan.event.past_turns)


def assign(
    plan: Plan,
    person: Person,
    how: str,
    *,
    mail: InboundMail | None = None,
    note: str = "",
    given_by: str = "",
) -> None:
    """Give it to `person` and tell everybody: operator, list, PIC, customer, those who claimed too.

    `note` are words for the new operator by `given_by`, who hands it on.
    """
    others = _other_claimants(plan, person)
    handed_over = plan.ticket.operator not in (None, person.address)
    take(plan, person, how)
    if plan.ticket.status not in WAITING:
        deadlines.restart_response(plan)
    if how == "claim":
        deadlines.start_claim_lease(plan)
    answer_by = plan.due(*deadlines.RESPONSE)
    values: dict[str, Value] = {"answer_by": answer_by, "how": how, "note": note, "given_by": given_by}
    values |= _words_of(mail)
    drafts.to_operator(plan, person, "assignment", values)
    drafts.copies(plan, "assignment", values)
    letter = "handover" if handed_over else "assigned"
    to_customer: dict[str, Value] = {"operator_name": person.name, "answer_by": answer_by}
    greeting.introduce(plan, letter, to_customer, by_desk=how in BY_DESK)
    for other in others:
        races.tell_loser(plan, other, races.CHOSEN if how == "claim" else "")


def take_from_others(plan: Plan, person: Person, how: str) -> None:
    """Words on a free ticket take it at once; those who only claimed are told."""
    breaches.settle_overdue(plan)
    others = _other_claimants(plan, person)
    take(plan, person, how)
    for other in others:
        races.tell_loser(plan, other)


def _other_claimants(plan: Plan, person: Person) -> list[Person]:
    addresses = {c.operator for c in plan.ticket.claims} - {person.address}
    return [p for p in map(plan.policy.operator, sorted(addresses)) if p]


def _words_of(mail: InboundMail | None) -> dict[str, Value]:
    """What the mail says; without one, letters show what of the customer's waits for an answer."""
    if mail is None:
        return {}
    return {"text": mail.new_text or mail.text, "attachments": attachment_names(mail)}


def attachment_names(mail: InboundMail) -> tuple[str, ...]:
    return tuple(a.name or a.type for a in mail.attachments if not a.inline)


def _overdue(turn: Turn) -> tuple[datetime, str]:
    return turn.last_turn_at or _NEVER, turn.operator.name


def _since(turn: Turn) -> str:
    last = turn.last_turn_at
    return because("last_turn", when=f"{last:%Y-%m-%d %H:%M}") if last else because("no_turn_yet")
