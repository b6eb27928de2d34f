"""The middle of every way: what a mail means to its ticket as it stands, and that what the procedure says is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from helpdesk.decide.desk import decide
from helpdesk.flow.apply import apply
from helpdesk.flow.standing import with_standing
from helpdesk.flow.understanding import Understood, understand
from helpdesk.flow.workshop import Workshop
from helpdesk.model.events import Event
from helpdesk.model.mail import InboundMail, SpooledArrival
from helpdesk.model.ticket import Ticket
from helpdesk.store import tickets
from helpdesk.store.held import HeldMail


def understand_and_hold(
    shop: Workshop,
    desk: Connection,
    spooled: SpooledArrival,
    mail: InboundMail,
    now: datetime,
    released: HeldMail | None = None,
    *,
    by_head: bool = False,
) -> Understood:
    """What the mail means to its ticket as it stands, and will stand until this transaction ends."""
    while True:
        understood = understand(shop, desk, spooled, mail, now, released, by_head=by_head)
        if understood.ticket is None or tickets.hold(desk, understood.ticket):
            return understood


def decide_and_apply(
    shop: Workshop, desk: Connection, event: Event, ticket: Ticket | None, now: datetime
) -> tuple[int | None, tuple[str, ...]]:
    """Return the ticket's number and the reasons."""
    decision = decide(ticket, with_standing(shop, desk, event, ticket, now), shop.policy, now)
    apply(shop, desk, ticket, decision, now)
    return decision.number, decision.reasons
