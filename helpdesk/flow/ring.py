"""A deadline is due: decide, apply, remove it.

Each in a savepoint, a few in one transaction; on a server each has a transaction of its own, so that no node holds
a ticket for longer than one deadline takes. If computing fails the deadline is moved on before the failure is
reported, so that it can neither be lost nor spin (STYLE 16).

What has been received counts before what has not happened: while a mail waits that came before a deadline passed,
that deadline waits, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from helpdesk.decide.desk import decide
from helpdesk.flow import presence
from helpdesk.flow.apply import apply
from helpdesk.flow.standing import with_standing
from helpdesk.flow.workshop import Waits, Workshop
from helpdesk.model.events import DeadlinePassed
from helpdesk.model.ticket import Deadline, Ticket
from helpdesk.store import alarms, deadlines, handled, tickets
from helpdesk.store.session import is_our_trouble, lost_a_race, savepoint

_log = structlog.get_logger()

POSTPONED_FOR = timedelta(minutes=5)
LOOK_AGAIN = timedelta(seconds=1)
STUCK = timedelta(minutes=5)
"""Intake that has not finished its oldest mail for so long will not: no deadline waits for it any more."""
_AT_ONCE = 100
_TOGETHER = 20
"""So many share a commit: their letters wait for it no longer than people notice."""


def ring(shop: Workshop) -> int:
    """Carry out what is due now, oldest first; return how many deadlines that were."""
    with shop.desk.read() as desk:
        found = deadlines.due(desk, shop.clock(), _AT_ONCE)
    if found:
        presence.show(shop)
    due = _heard(shop, found)
    together = _TOGETHER if shop.desk.is_sqlite else 1
    return sum(_ring_some(shop, due[first : first + together]) for first in range(0, len(due), together))


def _heard(shop: Workshop, due: Sequence[tuple[int, Deadline]]) -> Sequence[tuple[int, Deadline]]:
    """Those whose time was up before any of the mails arrived that still wait: one of these may be the answer.

    The others wait, as long as intake gets on: what was received in time counts as in time.
    """
    waiting = _oldest_mail(shop) if due else None
    if waiting is None or waiting[1] > due[-1][1].due_at:
        shop.waits = None
        return due
    (spool_id, received_at), now = waiting, shop.clock()
    same = shop.waits and shop.waits.spool_id == spool_id
    since = shop.waits.since if shop.waits and same else now
    shop.waits = Waits(spool_id, since, now + LOOK_AGAIN)
    if now - since >= STUCK:
        return due
    return [one for one in due if one[1].due_at < received_at]


def _oldest_mail(shop: Workshop) -> tuple[int, datetime] | None:
    with shop.desk.read() as desk, shop.spool.read() as spool:
        return handled.oldest_waiting(desk, spool)


def _ring_some(shop: Workshop, due: Sequence[tuple[int, Deadline]]) -> int:
    """One transaction; what fails in it is undone alone, and put off when the others are safe."""
    rung, failed = 0, []
    with shop.desk.write("ring") as desk:
        loaded = tickets.load_unless_held(desk, [number for number, _ in due])
        for number, deadline in due:
            shop.beat(None)  # each has a right to its own time
            try:
                with savepoint(desk):
                    rung += _ring_one(shop, desk, loaded, number, deadline)
            except Exception as error:
                if is_our_trouble(error) or lost_a_race(error):
                    raise
                _log.exception("deadline_failed", action="deadline_failed", ticket=number, kind=deadline.kind)
                failed.append((number, deadline, type(error).__name__))
    for number, deadline, reason in failed:
        _put_off(shop, number, deadline, reason)
    return rung + len(failed)


def _put_off(shop: Workshop, number: int, deadline: Deadline, reason: str) -> None:
    with shop.desk.write("postpone") as desk:
        deadlines.postpone(desk, deadline.id, shop.clock() + POSTPONED_FOR)
        alarms.deadline_failed(desk, number, deadline, reason, shop.clock())


def _ring_one(
    shop: Workshop, desk: Connection, loaded: dict[int, Ticket], number: int, deadline: Deadline
) -> bool:
    """Return whether that was done: another node may have the ticket in hand, with this deadline or a mail.

    `loaded`: tickets as they stand now. What is changed here is taken out, so that it is read again.
    """
    now = shop.clock()
    ticket = loaded.pop(number, None) or tickets.load_unless_held(desk, [number]).get(number)
    if ticket is None:
        return False
    deadlines.remove(desk, deadline.id)
    if not any(d.id == deadline.id for d in ticket.deadlines):  # cancelled since, or rung by another
        return True
    event = with_standing(shop, desk, DeadlinePassed(deadline=deadline), ticket, now)
    decision = decide(_without(ticket, deadline), event, shop.policy, now)
    if decision.also:
        loaded.clear()
    apply(shop, desk, ticket, decision, now)
    return True


def _without(ticket: Ticket, deadline: Deadline) -> Ticket:
    """The deadline that has just passed stands no more."""
    return replace(ticket, deadlines=tuple(d for d in ticket.deadlines if d.id != deadline.id))
