"""What an event must know of how things stand: the rota, who had the ticket, and the customer's latest words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from helpdesk.decide.assignment import next_operator
from helpdesk.decide.deadlines import ASKS_NOT_WHO_HAD_IT, GIVES_NOBODY_A_TURN
from helpdesk.flow.affairs import affairs_of
from helpdesk.flow.known import Known, look_up, unanswered
from helpdesk.flow.workshop import Workshop
from helpdesk.model.asks import Ask, CustomerAsked
from helpdesk.model.commanded import DeskCommanded, Section
from helpdesk.model.decision import File
from helpdesk.model.effects import ON_TICKETS
from helpdesk.model.events import CustomerWrote, DeadlinePassed, Event, InHand, OperatorAway, PastTurn, Rota
from helpdesk.model.forms import ESCALATED
from helpdesk.model.people import folded
from helpdesk.model.ticket import Status, Ticket
from helpdesk.store import escalations, greetings, journal, people, personal, tickets
from helpdesk.store.holding import holds, try_hold
from helpdesk.store.session import is_server

REOPENINGS_COUNT = timedelta(hours=1)

E = TypeVar("E", bound=Event)


def with_standing(
    shop: Workshop,
    desk: Connection,
    event: E,
    ticket: Ticket | None,
    now: datetime,
    known: Known | None = None,
) -> E:
    """The event with rota and customer's words as they are inside this transaction; `known` of them already."""
    rota, turns = _turns(shop, desk, event, ticket, now)
    standing: dict[str, Any] = {"rota": rota, "past_turns": turns}
    if ticket:
        known = known or look_up(desk, ticket.number)
        affairs = affairs_of(desk, event, ticket, known, now)
        standing |= {"customer_text": known.text, "affairs": affairs}
    if ticket and any(tag.startswith(ESCALATED) for tag in ticket.tags):
        addresses = {party.name: party.address for party in shop.policy.third_parties}
        standing["escalations"] = escalations.standing(desk, ticket.number, addresses)
    match event:
        case CustomerWrote():
            standing |= _counts(shop, desk, event, ticket, now)
        case DeskCommanded():
            standing["sections"] = tuple(_of_section(shop, desk, one, now) for one in event.sections)
        case CustomerAsked():
            standing |= _of_customer(shop, desk, event, now)
        case OperatorAway():
            standing["held"] = _in_hand(desk, event.speaker.address.address, ticket)
    return replace(event, **standing)


def _turns(
    shop: Workshop, desk: Connection, event: Event, ticket: Ticket | None, now: datetime
) -> tuple[Rota, tuple[PastTurn, ...]]:
    """Who is next, and who has had the ticket; nothing where neither can matter."""
    passed = event.deadline.kind if isinstance(event, DeadlinePassed) else None
    if passed in GIVES_NOBODY_A_TURN:
        return (), ()
    limit = shop.policy.assignment.max_open  # without one nobody asks how many they have
    most = max(people.MOST_COUNTED, limit) if limit else 0
    rota = people.rota(desk, shop.policy.operators, now, shop.policy.cards, most)
    if ticket is None or ticket.operator is None:
        rota = _in_turn(shop, desk, rota, now)
    if ticket is None or passed in ASKS_NOT_WHO_HAD_IT:
        return rota, ()
    return rota, people.turns_of(desk, ticket.number)


def _in_hand(desk: Connection, operator: str, first: Ticket | None) -> tuple[InHand, ...]:
    """What waits for this operator, `first` first; nobody else changes it until this transaction ends."""
    numbers = sorted(t.number for t in tickets.search(desk, status=Status.OPEN, operator=operator))
    if first and first.number in numbers:
        numbers = [first.number, *(n for n in numbers if n != first.number)]
    loaded = (tickets.load(desk, number, lock=True) for number in numbers)
    return tuple(
        InHand(t, unanswered(desk, t.number), people.turns_of(desk, t.number))
        for t in loaded
        if t and t.operator == operator and t.status is Status.OPEN
    )


def _counts(
    shop: Workshop, desk: Connection, event: CustomerWrote, ticket: Ticket | None, now: datetime
) -> dict[str, Any]:
    """The automatic letters and reopenings so far, which have caps."""
    address = folded(event.speaker.address.address)
    greeted, wish = greetings.of_customer(desk, address, ON_TICKETS, shop.policy.caps.in_all, now)
    reopened = journal.count(desk, ticket.number, "reopened", now - REOPENINGS_COUNT) if ticket else 0
    return {"greetings": greeted, "reopened": reopened, "preferred": wish}


def _of_customer(shop: Workshop, desk: Connection, event: CustomerAsked, now: datetime) -> dict[str, Any]:
    """What the desk knows of the customer who asked for it."""
    address = event.speaker.address.address
    greeted, _ = greetings.of_customer(desk, folded(address), (event.ask,), shop.policy.caps.in_all, now)
    files: tuple[File, ...] = ()
    if event.ask is Ask.DATA and event.confirmed:
        everything = personal.kept(desk, address)
        as_json = json.dumps(everything, ensure_ascii=False, indent=2)
        files = (
            File("data.json", "application/json", as_json.encode()),
            File("data.txt", "text/plain", personal.in_words(everything).encode()),
        )
    return {
        "greetings": greeted,
        "tickets": personal.tickets_of(desk, address),
        "files": files,
    }


def _of_section(shop: Workshop, desk: Connection, section: Section, now: datetime) -> Section:
    """Each ticket of the mail has a standing of its own."""
    if section.event is None:
        return section
    return replace(section, event=with_standing(shop, desk, section.event, section.ticket, now))


def _in_turn(shop: Workshop, desk: Connection, rota: Rota, now: datetime) -> Rota:
    """Other nodes may be giving somebody a turn at this instant: whoever is being given one has had it.

    The one who comes next is held until this transaction ends. If that had to wait, their last turn is looked
    up again: the other transaction may have ended between our two looks.
    """
    while is_server(desk):
        person, _ = next_operator(rota, shop.policy.assignment)
        if person is None:
            return rota
        name = f"turn of {person.address.lower()}"
        if holds(desk, name):
            return rota
        known = next(turn.last_turn_at for turn in rota if turn.operator == person)
        free = try_hold(desk, name)
        latest = people.last_turn_at(desk, person) if free else now
        if latest == known:
            return rota
        rota = tuple(replace(t, last_turn_at=latest) if t.operator == person else t for t in rota)
    return rota
