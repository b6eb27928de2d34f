"""PIC forgive yellow cards: `#lift OPERATOR`."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide.notes import Notes
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import PICS, Reading, VerbRule, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Draft
from helpdesk.model.effects import LiftCards
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.people import Person
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience


def _whose(order: Order, reading: Reading) -> Order | Misunderstood:
    """An operator by name or by any of their addresses; `name` is the registered one."""
    said = order.argument.strip("<> ").lower()
    people = reading.policy.operators
    found = next((p for p in people if said == p.name.lower() or p.writes_from(said)), None)
    if found:
        return replace(order, name=found.address)
    problem = because("none_of_operators", said=order.argument) if said else because("whose_cards")
    names = ", ".join(p.name for p in people) or because("none")
    return Misunderstood(order.line, problem, because("and_one_of", word="#lift", names=names))


def _lift(notes: Notes, order: Order, event: StaffCommanded) -> Misunderstood | None:
    person, pic, number = (
        notes.policy.operator(order.name),
        writer(event),
        event.found.cards.get(order.name, 0),
    )
    if person is None or number == 0:
        name = person.name if person else order.name
        return Misunderstood(order.line, because("no_card", who=name), because("nothing_needed"))
    lifted = "lifted_one" if number == 1 else "lifted_several"
    notes.effect(LiftCards(person.address, pic.address))
    notes.note("cards_lifted", pic.address, because(lifted, by=pic.name, number=number, who=person.name))
    notes.tell(because("told_lifted", number=number, who=person.name))
    notes.write(_to_operator(notes, person, pic, number))
    return None


def _to_operator(notes: Notes, person: Person, pic: Person, number: int) -> Draft:
    ticket = notes.ticket.number if isinstance(notes, Plan) else None
    return Draft(
        letter="cards_lifted",
        to=person.mailbox,
        audience=Audience.OPERATOR,
        number=ticket or 0,
        ticket=ticket,
        values={"number": ticket or 0, "operator_name": person.name, "pic_name": pic.name, "cards": number},
        person=person.address,
    )


LIFT = VerbRule(
    Verb.LIFT,
    usage="#lift OPERATOR",
    meaning=because("help_lift"),
    read=_whose,
    on_desk=_lift,
    roles=PICS,
)
