"""Handing a ticket on: `#release [reason]` and `#assign NAME|me` (PROCEDURE B)."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide import assignment, breaches, customers, giving_back
from helpdesk.decide.availability import Barrier, barriers, turn_of
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.naming import find_person
from helpdesk.decide.verbs.rule import STAFF, Reading, VerbRule, a_reason, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.people import Person
from helpdesk.model.reasons import because
from helpdesk.model.ticket import EntryKind

ME = ("me", "myself", "saya")


def _release(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """Early and polite: a note with the reason, then back to the rota."""
    person = writer(event)
    if plan.ticket.operator != person.address:
        problem = because("not_yours", who=plan.operator_name or because("somebody_else"))
        return Misunderstood(order.line, problem, because("take_over"))
    if plan.ticket.status in assignment.WAITING and giving_back.next_after(plan)[0] is None:
        return Misunderstood(order.line, because("nobody_else"), because("keep_it"))
    breaches.settle_overdue(plan)
    words = "\n\n".join(filter(None, (order.text, event.text.strip())))
    _note_down(plan, event, words)
    gave = "gave_back_because" if order.text else "gave_back"
    plan.note("released", person.address, because(gave, who=person.name, reason=order.text))
    successor = giving_back.give_back(plan, person, "released", words)
    name, who = ("told_released", successor.name) if successor else ("told_released_free", "")
    plan.tell(because(name, number=plan.ticket.number, who=who))
    return None


def _whom(order: Order, reading: Reading) -> Order | Misunderstood:
    people, word = reading.policy.operators, order.line.split()[0]
    names = ", ".join(person.name for person in people)
    if not order.argument:
        remedy = because("me_or_one_of", word=word, names=names)
        return Misunderstood(order.line, because("needs_name", word=word), remedy)
    if order.argument.casefold() in ME:
        return order
    found = find_person(order.argument, people)
    if isinstance(found, Person):
        return replace(order, name=found.address)
    return Misunderstood(order.line, because("no_operator", said=order.argument), f"{word} {found}")


def _assign(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    by = writer(event)
    person = plan.policy.operator(order.name or by.address)
    if person is None:
        return Misunderstood(order.line, because("only_operator_has"), _suggested(plan))
    if person.address == plan.ticket.operator:
        return Misunderstood(order.line, because("has_it", who=person.name), _suggested(plan))
    if person.address != by.address and (why := _why_not(plan, person)):
        return Misunderstood(order.line, because("is_so", who=person.name, why=why), _suggested(plan))
    breaches.settle_overdue(plan)
    former = plan.operator
    _note_down(plan, event, event.text.strip())
    plan.note("given", by.address, because("gave_to", by=by.name, who=person.name))
    assignment.assign(plan, person, "assigned", note=event.text.strip(), given_by=by.name)
    if former and former.address != by.address:
        giving_back.tell_former(plan, former, "assigned", person, by.name)
    if person.address != by.address:
        plan.tell(because("told_assigned", number=plan.ticket.number, who=person.name))
    return None


def _why_not(plan: Plan, person: Person) -> str:
    """An absence and a suspension keep them from it; a full plate is for people to judge."""
    turn = turn_of(plan.event.rota, person)
    found = barriers(turn, plan.policy.assignment)
    return next((words(turn) for barrier, words in found if barrier is not Barrier.FULL), "")


def _suggested(plan: Plan) -> str:
    person, _ = giving_back.next_after(plan)
    return f"#assign {person.name}" if person else because("nobody_now")


def _note_down(plan: Plan, event: StaffCommanded, words: str) -> None:
    """An internal note: nothing of it goes to the customer (T31)."""
    if words:
        plan.record(customers.entry_of(event, EntryKind.NOTE, plan.now, words))


RELEASE = VerbRule(
    Verb.RELEASE,
    usage="#release [REASON]",
    meaning=because("help_release"),
    read=a_reason,
    on_ticket=_release,
    takes_words=True,
    moves=True,
)

ASSIGN = VerbRule(
    Verb.ASSIGN,
    usage="#assign NAME|me",
    meaning=because("help_assign"),
    read=_whom,
    on_ticket=_assign,
    roles=STAFF,
    takes_words=True,
    moves=True,
)
