"""Carry out a Decision inside the caller's transaction: all of it or none of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.decide.notes import DESK
from helpdesk.flow import effects
from helpdesk.flow.letters import add_entries, write_letters
from helpdesk.flow.workshop import Workshop
from helpdesk.model.decision import Decision, JournalLine
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Ticket
from helpdesk.store import deadlines, journal, people, search, tickets

_log = structlog.get_logger()


def apply(shop: Workshop, desk: Connection, ticket: Ticket | None, decision: Decision, now: datetime) -> None:
    """Store what `decision` says about `ticket` and queue its letters. `now` is when it was decided."""
    if decision.number is not None:
        _change_ticket(desk, ticket, decision, decision.number, now)
    else:
        _tell_history_of_desk(desk, decision, now)
    effects.carry_out(desk, decision.effects, now)
    write_letters(shop, desk, decision.drafts, now)
    search.note(desk, *_written_on(decision))
    for beside in decision.also:
        apply(shop, desk, beside.ticket, beside.decision, now)


def _written_on(decision: Decision) -> set[int]:
    """Tickets that may have more words than before: by new entries, or by letters that make one."""
    own = decision.number if decision.create or decision.entries else None
    told = (draft.ticket for draft in decision.drafts if draft.audience is Audience.CUSTOMER)
    return {number for number in (own, *told) if number}


def _change_ticket(
    desk: Connection, ticket: Ticket | None, decision: Decision, number: int, now: datetime
) -> None:
    """The ticket's row and its history are one: what changes a column is told by a line (T29)."""
    lines = _history(ticket, decision, now)
    changes = dict(decision.changes)
    if decision.rating:
        changes["rating"] = decision.rating
    if decision.create:
        tickets.create(desk, number, changes, now, lines)
    elif ticket is not None:
        if not decision.allowed:
            changes = {"updated_at": ticket.updated_at}  # nothing but the line
        tickets.update(desk, number, ticket.version, changes, now, lines, ticket.journal_head)
    for line in lines:
        _log.info(line.event, action=line.event, ticket=number, status=line.status_after)
    if decision.allowed:
        _change_what_is_around(desk, decision, number, ticket.thread if ticket else (), now)


def _tell_history_of_desk(desk: Connection, decision: Decision, now: datetime) -> None:
    """Lines that belong to no ticket have a chain of their own."""
    for line in decision.journal:
        journal.write(desk, journal.Line(now, line.event, line.by, line.reason, decision.reasons))
        _log.info(line.event, action=line.event)


def _history(ticket: Ticket | None, decision: Decision, now: datetime) -> list[journal.Line]:
    """The lines of a decision, all of its reasons once, on the first; one that planned no line gets one."""
    before = ticket.status if ticket else None
    after = decision.changes.get("status", before)
    noted = decision.journal or (
        JournalLine("noted", DESK, decision.reasons[-1] if decision.reasons else ""),
    )
    return [
        journal.Line(
            at=now,
            event=line.event,
            by=line.by,
            reason=line.reason,
            reasons=decision.reasons if index == 0 else (),
            status_before=before,
            status_after=after,
        )
        for index, line in enumerate(noted)
    ]


def _change_what_is_around(
    desk: Connection, decision: Decision, number: int, thread: Sequence[str], now: datetime
) -> None:
    """`thread`: the ticket's so far, which is recorded."""
    if not decision.create:
        deadlines.cancel(desk, number, decision.cancel)
    deadlines.set(desk, number, decision.set_deadlines)
    add_entries(desk, number, decision.entries)
    own = [entry.message_id for entry in decision.entries if entry.message_id]
    for message_id in own:
        tickets.record_mail(desk, message_id, number)
    for entry_id in decision.moves:
        tickets.move_entry(desk, entry_id, number)
    for message_id in decision.changes.get("thread", ()):
        if message_id not in own and message_id not in thread:
            tickets.record_message_id(desk, message_id, number)
    _change_people(desk, decision, number, now)


def _change_people(desk: Connection, decision: Decision, number: int, now: datetime) -> None:
    if decision.clear_claims and not decision.create:
        tickets.clear_claims(desk, number)
    elif decision.add_claim:
        tickets.add_claim(desk, number, decision.add_claim)
    if decision.turn:
        people.record_turn(desk, number, decision.turn.operator, decision.turn.how, now)
    if decision.card:
        card = decision.card
        people.add_card(desk, number, card.operator, card.reason, now, card.evidence)
