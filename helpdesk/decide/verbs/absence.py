"""Being away and coming back: `#away [until DATE]` and `#back` (PROCEDURE B). Tickets stay with who has them."""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import deadlines
from helpdesk.decide.availability import turn_of
from helpdesk.decide.notes import Notes
from helpdesk.decide.verbs.phrases import moment
from helpdesk.decide.verbs.rule import VerbRule, no_argument, writer
from helpdesk.decide.verbs.until import perhaps_a_date
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.effects import EndAbsence, StartAbsence
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Ticket


def _away(notes: Notes, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """The rota and claims pass them over; the receipt says which of their tickets will not wait so long."""
    person = writer(event)
    why = "; ".join(filter(None, (order.text, event.text.strip()))) or because("they_said_so")
    notes.effect(StartAbsence(person.address, order.until, why))
    rules, day = notes.policy, moment(notes.policy, order.until) if order.until else ""
    away = because("away_so_long", who=person.name, when=day or "#back", why=why)
    notes.note("away", person.address, away)
    notes.tell(because("told_away_until", when=day) if day else because("told_away"))
    due = _due_meanwhile(event, order.until)
    if not due:
        notes.tell(because("told_none_due"))
        return None
    notes.tell(because("told_due"))
    for ticket, by in due:
        notes.tell(f"- #{ticket.number} {ticket.subject}, {moment(rules, by)}")
    notes.tell(because("told_hand_on"))
    return None


def _back(notes: Notes, _: Order, event: StaffCommanded) -> Misunderstood | None:
    person = writer(event)
    if not turn_of(notes.event.rota, person).away:
        notes.tell(because("told_not_away"))
        notes.because(because("was_not_away", who=person.name))
        return None
    notes.effect(EndAbsence(person.address))
    notes.note("back", person.address, because("is_back", who=person.name))
    notes.tell(because("told_back"))
    return None


def _due_meanwhile(event: StaffCommanded, until: datetime | None) -> list[tuple[Ticket, datetime]]:
    """The writer's tickets whose answer is due before they are back, the most urgent first."""
    due = ((ticket, by) for ticket in event.found.mine if (by := _due(ticket)))
    return sorted((x for x in due if until is None or x[1] < until), key=lambda x: x[1])


def _due(ticket: Ticket) -> datetime | None:
    return min((d.due_at for d in ticket.deadlines if d.kind in deadlines.RESPONSE), default=None)


AWAY = VerbRule(
    Verb.AWAY,
    usage="#away [until DATE]",
    meaning=because("help_away"),
    read=perhaps_a_date,
    on_desk=_away,
    takes_words=True,
)

BACK = VerbRule(
    Verb.BACK,
    usage="#back",
    meaning=because("help_back"),
    read=no_argument,
    on_desk=_back,
)
