"""What `#split` would split off: the customer's latest mail on the ticket, read again from the spool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from helpdesk.flow.workshop import Workshop
from helpdesk.model.commanded import SplitOff
from helpdesk.model.events import CustomerWrote
from helpdesk.model.people import Role, Speaker
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Entry, EntryKind, Ticket
from helpdesk.parse.message import read
from helpdesk.store import entries, inbox, journal


def look_for_origin(shop: Workshop, desk: Connection, ticket: Ticket) -> SplitOff:
    """The mail to split off as the question of a ticket that has no number yet, or the reason why there is none."""
    said = entries.entries(desk, ticket.number)
    theirs = [entry for entry in said if entry.kind is EntryKind.CUSTOMER]
    problem = _problem(desk, ticket, theirs)
    if problem:
        return SplitOff(problem=problem)
    origin = _as_question(shop, theirs[-1], ticket.number)
    if origin is None:
        return SplitOff(problem=because("not_kept"))
    return SplitOff(origin=origin, entry_id=theirs[-1].id, unanswered=_unanswered(said, theirs[-1]))


def _problem(desk: Connection, ticket: Ticket, theirs: Sequence[Entry]) -> str:
    if len(theirs) < 2:
        return because("no_second_mail", number=ticket.number)
    splits = [line.at for line in journal.of_ticket(desk, ticket.number) if line.event == "split"]
    if splits and splits[-1] >= theirs[-1].at:
        return because("nothing_since_split", number=ticket.number)
    return ""


def _unanswered(said: Sequence[Entry], leaving: Entry) -> bool:
    """Do other words of the customer wait for an answer?"""
    waits = False
    for entry in said:
        if entry.kind is EntryKind.OPERATOR:
            waits = False
        elif entry.kind is EntryKind.CUSTOMER and entry.id != leaving.id:
            waits = True
    return waits


def _as_question(shop: Workshop, entry: Entry, old: int) -> CustomerWrote | None:
    """The mail as the event that would have opened a ticket."""
    with shop.spool.read() as spool:
        rows = inbox.fetch(spool, [entry.spool_id] if entry.spool_id else [])
    if not rows:
        return None
    arrival = rows[0].arrival
    return CustomerWrote(
        mail=replace(read(arrival.raw, limits=shop.limits.mail), new_text=entry.text),
        speaker=Speaker(Role.CUSTOMER, entry.sender),
        spool_id=rows[0].id,
        recipients=arrival.recipients,
        sender=arrival.sender,
        linked_to=old,
        customer_text=entry.text,
    )
