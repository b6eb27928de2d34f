"""What orders must know from the store, looked up verb by verb before anything is decided. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from helpdesk.flow.splitting import look_for_origin
from helpdesk.flow.workshop import Workshop
from helpdesk.model.commanded import Lookups, StaffCommanded
from helpdesk.model.decision import Value
from helpdesk.model.orders import Order, Verb
from helpdesk.model.ticket import Ticket

LookUp = Callable[[Workshop, Connection, Ticket | None, StaffCommanded, Order], Lookups]


def complete(
    shop: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded
) -> StaffCommanded:
    """The event with what its orders ask for."""
    for order in event.orders:
        if look_up := LOOKUPS.get(order.verb):
            event = replace(event, found=look_up(shop, desk, ticket, event, order))
    return event


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
    }
    words = shop.library.reply(order.name, ticket.language or shop.policy.language, values) or ""
    return replace(event.found, canned={**event.found.canned, order.name: words})


def _split_off(
    shop: Workshop, desk: Connection, ticket: Ticket | None, event: StaffCommanded, _: Order
) -> Lookups:
    if ticket is None:
        return event.found
    return replace(event.found, split=look_for_origin(shop, desk, ticket, event.number))


LOOKUPS: Mapping[Verb, LookUp] = {
    Verb.CLOSE: canned_words,
    Verb.SPLIT: _split_off,
}
