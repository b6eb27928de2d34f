"""Being away and coming back: `#away [until DATE]` and `#back` (PROCEDURE B). Tickets stay with who has them."""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import deadlines
from helpdesk.decide.availability import turn_of
from helpdesk.decide.notes import Notes
from helpdesk.decide.verbs.phrases import moment, say
from helpdesk.decide.verbs.rule import VerbRule, no_argument, writer
from helpdesk.decide.verbs.until import perhaps_a_date
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.effects import EndAbsence, StartAbsence
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.ticket import Ticket


def _away(notes: Notes, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """The rota and claims pass them over; the receipt says which of their tickets will not wait so long."""
    person = writer(event)
    why = "; ".join(filter(None, (order.text, event.text.strip()))) or "they said so"
    notes.effect(StartAbsence(person.address, order.until, why))
    rules, day = notes.policy, moment(notes.policy, order.until) if order.until else ""
    until = f"until {day}" if day else "until #back"
    notes.note("away", person.address, f"{person.name} is away {until}: {why}")
    notes.tell(say(rules, "away_until", day=day) if day else say(rules, "away"))
    due = _due_meanwhile(event, order.until)
    if not due:
        notes.tell(say(rules, "none_due_meanwhile"))
        return None
    notes.tell(say(rules, "due_meanwhile"))
    for ticket, by in due:
        notes.tell(f"- #{ticket.number} {ticket.subject}, {moment(rules, by)}")
    notes.tell(say(rules, "hand_on"))
    return None


def _back(notes: Notes, _: Order, event: StaffCommanded) -> Misunderstood | None:
    person = writer(event)
    if not turn_of(notes.event.rota, person).away:
        notes.tell(say(notes.policy, "not_away"))
        notes.because(f"{person.name} was not away")
        return None
    notes.effect(EndAbsence(person.address))
    notes.note("back", person.address, f"{person.name} is back")
    notes.tell(say(notes.policy, "back"))
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
    meaning="get no new tickets until then; words below say why and go to nobody",
    read=perhaps_a_date,
    on_desk=_away,
    takes_words=True,
)

BACK = VerbRule(
    Verb.BACK,
    usage="#back",
    meaning="get tickets again",
    read=no_argument,
    on_desk=_back,
)
