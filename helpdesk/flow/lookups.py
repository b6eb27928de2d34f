"""What orders must know from the store, looked up verb by verb before anything is decided. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from helpdesk.decide.forms import form_of
from helpdesk.decide.formwords import missing
from helpdesk.decide.verbs.asking import last_step
from helpdesk.decide.verbs.escalating import READY
from helpdesk.flow.splitting import look_for_origin
from helpdesk.flow.workshop import Workshop
from helpdesk.model.commanded import Conduct, DeskCommanded, Lookups, Section, StaffCommanded
from helpdesk.model.decision import Value
from helpdesk.model.orders import Order, Verb
from helpdesk.model.people import Role
from helpdesk.model.policy import Policy
from helpdesk.model.ticket import Entry, EntryKind, Status, Ticket, merged_into
from helpdesk.store import conduct, entries, past, people, tickets

_IN_HAND = tuple(status for status in Status if status not in (Status.SOLVED, Status.CLOSED))

LookUp = Callable[[Workshop, Connection, Ticket | None, StaffCommanded, Order], Lookups]


def complete(
    shop: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded
) -> StaffCommanded:
    """The event with what its orders ask for."""
    for order in event.orders:
        if look_up := LOOKUPS.get(order.verb):
            event = replace(event, found=look_up(shop, desk, ticket, event, order))
    return event


def complete_sections(shop: Workshop, desk: Connection, event: DeskCommanded) -> DeskCommanded:
    """The tickets of its sections, each with what the orders about it ask for."""
    return replace(event, sections=tuple(_section(shop, desk, event, one) for one in event.sections))


def _section(shop: Workshop, desk: Connection, event: DeskCommanded, section: Section) -> Section:
    ticket = tickets.load(desk, section.number) if section.number else None
    own = StaffCommanded(
        mail=event.mail,
        speaker=event.speaker,
        spool_id=event.spool_id,
        recipients=event.recipients,
        sender=event.sender,
        orders=section.orders,
        text=event.text,
    )
    return replace(section, ticket=ticket, event=complete(shop, desk, ticket, own))


def canned_words(
    shop: Workshop, _: Connection, ticket: Ticket | None, event: StaffCommanded, order: Order
) -> Lookups:
    """The canned reply that the order names, in the customer's language."""
    if not order.name or ticket is None:
        return event.found
    values: dict[str, Value] = {
        "number": ticket.number,
        "customer_name": ticket.customer.name,
        "operator_name": event.speaker.address.name,
        "subject": ticket.subject,
        "missing": _missing(ticket, shop.policy),
    }
    words = shop.library.reply(order.name, ticket.language or shop.policy.language, values) or ""
    return replace(event.found, canned={**event.found.canned, order.name: words})


def _missing(ticket: Ticket, policy: Policy) -> tuple[str, ...]:
    """What the ticket's form still lacks; without a form, what third parties ask for."""
    parties = (policy.form(party.form) for party in policy.third_parties)
    form = form_of(ticket, policy) or next(filter(None, parties), None)
    return tuple(one.wanted for one in missing(form, ticket.fields)) if form else ()


def _escalation(
    shop: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded, order: Order
) -> Lookups:
    """The conversation that the third party gets, and the letter to the customer if it must not go yet."""
    if ticket is None:
        return event.found
    found = canned_words(shop, desk, ticket, event, replace(order, name=READY))
    said = tuple(entries.entries(desk, ticket.number))
    words = {**found.words, ticket.number: said}
    return replace(found, conversation=_conversation(said), words=words)


def _conversation(said: Sequence[Entry]) -> str:
    """What customer and operators said to each other, oldest first; no notes, no commands."""
    parts = []
    for entry in said:
        if entry.kind in (EntryKind.CUSTOMER, EntryKind.OPERATOR) and entry.text.strip():
            lines = [line for line in entry.text.strip().splitlines() if not line.startswith("#")]
            who = entry.sender.name or entry.sender.address
            parts.append("\n".join((f"{who}, {entry.at:%Y-%m-%d %H:%M} UTC:", *lines)))
    return "\n\n".join(parts)


def _split_off(
    shop: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded, _: Order
) -> Lookups:
    if ticket is None:
        return event.found
    return replace(event.found, split=look_for_origin(shop, desk, ticket))


def _history(
    _: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded, __: Order
) -> Lookups:
    return event.found if ticket is None else replace(event.found, history=past.past(desk, ticket.number))


def _last_step(
    shop: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded, order: Order
) -> Lookups:
    """The history, what the last step sent to the customer, and the ticket that this one was merged into."""
    found = _history(shop, desk, ticket, event, order)
    step = last_step(found.history)
    if ticket is None or not step:
        return found
    target = tickets.load(desk, merged_into(ticket) or 0)
    about = {**found.about, target.number: target} if target else found.about
    return replace(found, letters=past.letters_to_customer(desk, ticket.number, step[0].at), about=about)


def _named(_: Workshop, desk: Connection, __: Ticket | None, event: StaffCommanded, order: Order) -> Lookups:
    """The other ticket that the order names."""
    target = tickets.load(desk, order.number or 0)
    return replace(event.found, about={**event.found.about, target.number: target}) if target else event.found


def _standing(
    shop: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded, order: Order
) -> Lookups:
    """The ticket that is asked about with what was said on it; without one, the writer's own."""
    asked = tickets.load(desk, order.number) if order.number else ticket
    if order.number is None and ticket is None:
        return _own_tickets(shop, desk, ticket, event, order)
    if asked is None:
        return event.found
    about = {**event.found.about, asked.number: asked}
    said = {**event.found.words, asked.number: tuple(tickets.entries(desk, asked.number))}
    return replace(event.found, about=about, words=said)


def _own_tickets(
    _: Workshop, desk: Connection, __: Ticket | None, event: StaffCommanded, ___: Order
) -> Lookups:
    """Of an operator those they have; of a PIC those that wait for a PIC."""
    person = event.speaker.person
    if event.speaker.role is Role.PIC:
        mine = tickets.search(desk, status=Status.SOLVED)
    else:
        mine = tickets.search(desk, statuses=_IN_HAND, operator=person.address if person else "")
    return replace(event.found, mine=tuple(mine))


def _pages(shop: Workshop, _: Connection, __: Ticket | None, event: StaffCommanded, order: Order) -> Lookups:
    language = shop.policy.language
    page = shop.library.page(order.name, language) if order.name else None
    pages = {**event.found.pages, order.name: page} if page else event.found.pages
    return replace(event.found, topics=shop.library.topics(language), pages=pages)


def _conduct(
    _: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded, __: Order
) -> Lookups:
    if ticket is None:
        return event.found
    address = ticket.customer.address
    kinds = conduct.kinds(desk, address)
    others = (n for n in conduct.tickets_not_closed(desk, address) if n != ticket.number)
    found = Conduct(
        warned="warning" in kinds,
        blocked="block" in kinds,
        others=tuple(other for n in others if (other := tickets.load(desk, n))),
    )
    return replace(event.found, conduct=found)


def _standing_cards(
    shop: Workshop, desk: Connection, _: Ticket | None, event: StaffCommanded, order: Order
) -> Lookups:
    since = shop.clock() - shop.policy.cards.period
    given = people.cards(desk, order.name, since)
    number = sum(card.lifted_at is None for card in given)
    return replace(event.found, cards={**event.found.cards, order.name: number})


LOOKUPS: Mapping[Verb, LookUp] = {
    Verb.CLOSE: canned_words,
    Verb.CANNED: canned_words,
    Verb.SPLIT: _split_off,
    Verb.ESCALATE: _escalation,
    Verb.STATUS: _standing,
    Verb.MINE: _own_tickets,
    Verb.AWAY: _own_tickets,
    Verb.WHY: _history,
    Verb.HELP: _pages,
    Verb.WARN: _conduct,
    Verb.BLOCK: _conduct,
    Verb.UNBLOCK: _conduct,
    Verb.MERGE: _named,
    Verb.UNDO: _last_step,
    Verb.CANCEL: canned_words,
    Verb.LIFT: _standing_cards,
}
