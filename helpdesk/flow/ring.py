"""A deadline is due: decide, apply, remove it. One deadline, one transaction.

If computing fails the deadline is moved on before the failure is reported, so that it can neither
be lost nor spin (STYLE 16).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from helpdesk.decide.desk import decide
from helpdesk.flow.apply import apply
from helpdesk.flow.standing import with_standing
from helpdesk.flow.workshop import Workshop
from helpdesk.model.events import DeadlinePassed
from helpdesk.model.ticket import Deadline, Ticket
from helpdesk.store import alarms, deadlines, tickets
from helpdesk.store.session import is_our_trouble, lost_a_race

_log = structlog.get_logger()

POSTPONED_FOR = timedelta(minutes=5)
_AT_ONCE = 100


def ring(shop: Workshop) -> int:
    """Carry out what is due now, oldest first; return how many deadlines that were."""
    with shop.desk.read() as desk:
        due = deadlines.due(desk, shop.clock(), _AT_ONCE)
    rung = 0
    for number, deadline in due:
        shop.beat(None)  # each has a right to its own time
        rung += _ring_safely(shop, number, deadline)
    return rung


def _ring_safely(shop: Workshop, number: int, deadline: Deadline) -> bool:
    try:
        return _ring_one(shop, number, deadline)
    except Exception as error:
        if is_our_trouble(error) or lost_a_race(error):
            raise
        _log.exception("deadline_failed", action="deadline_failed", ticket=number, kind=deadline.kind)
        with shop.desk.write("postpone") as desk:
            deadlines.postpone(desk, deadline.id, shop.clock() + POSTPONED_FOR)
            alarms.deadline_failed(desk, number, deadline, type(error).__name__, shop.clock())
        return True


def _ring_one(shop: Workshop, number: int, deadline: Deadline) -> bool:
    """Return whether that was done: another node may have the ticket in hand, with this deadline or a mail."""
    now: datetime = shop.clock()
    with shop.desk.write("ring") as desk:
        ticket = tickets.load_unless_held(desk, number)
        if ticket is None:
            return False
        deadlines.remove(desk, deadline.id)
        if not any(d.id == deadline.id for d in ticket.deadlines):  # cancelled since, or rung by another
            return True
        event = with_standing(shop, desk, DeadlinePassed(deadline=deadline), ticket, now)
        apply(shop, desk, ticket, decide(_without(ticket, deadline), event, shop.policy, now), now)
    return True


def _without(ticket: Ticket, deadline: Deadline) -> Ticket:
    """The deadline that has just passed stands no more."""
    return replace(ticket, deadlines=tuple(d for d in ticket.deadlines if d.id != deadline.id))
