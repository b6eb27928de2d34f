"""A deadline is due: decide, apply, remove it.

Some dozens in one transaction, and where one of them fails each in one of its own; on a server that other nodes share
always, so that no node holds a ticket for longer than one deadline takes. If computing fails the deadline is moved on
before the failure is reported, so that it can neither be lost nor spin (STYLE 16).

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
from helpdesk.flow.known import Known, known_of
from helpdesk.flow.standing import with_standing
from helpdesk.flow.workshop import Waits, Workshop
from helpdesk.model.events import DeadlinePassed
from helpdesk.model.ticket import Deadline, Ticket
from helpdesk.store import alarms, deadlines, handled, nodes, tickets
from helpdesk.store.later import do_now
from helpdesk.store.session import is_our_trouble, lost_a_race

_log = structlog.get_logger()

POSTPONED_FOR = timedelta(minutes=5)
LOOK_AGAIN = timedelta(seconds=1)
STUCK = timedelta(minutes=5)
"""Intake that has not finished its oldest mail for so long will not: no deadline waits for it any more."""
_AT_ONCE = 100
_TOGETHER = 50
"""So many share a commit: their letters wait for it no longer than people notice."""


class _FailedError(Exception):
    """Something in the transaction of some deadlines could not be carried out."""

    def __init__(self, why: Exception) -> None:
        super().__init__(str(why))
        self.why = why


class _Group:
    """Deadlines of one transaction: their tickets are read together.

    What is changed here is taken out, so that it is read again where another deadline needs it.
    """

    def __init__(self, shop: Workshop, desk: Connection, due: Sequence[tuple[int, Deadline]]) -> None:
        self.shop, self.desk = shop, desk
        self._tickets = tickets.load_unless_held(desk, [number for number, _ in due])
        first = {number: deadline for number, deadline in reversed(due) if number in self._tickets}
        passed = [(self._tickets[number], deadline) for number, deadline in first.items()]
        self._known = known_of(desk, passed, shop.clock())

    def take(self, number: int) -> tuple[Ticket | None, Known | None]:
        """The ticket as it stands now, and what is known of it; None if another node has it in hand."""
        if ticket := self._tickets.pop(number, None):
            return ticket, self._known.get(number)
        return tickets.load_unless_held(self.desk, [number]).get(number), None

    def forget(self) -> None:
        """Other tickets than those that were taken may change."""
        self._tickets.clear()


def ring(shop: Workshop) -> int:
    """Carry out what is due now, oldest first; return how many deadlines that were."""
    with shop.desk.read() as desk:
        found = deadlines.due(desk, shop.clock(), _AT_ONCE)
        alone = nodes.is_alone(desk, shop.node)
    if found:
        presence.show(shop)
    due = _heard(shop, found)
    together = _TOGETHER if alone else 1
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
    """One transaction; if anything in it fails, each gets one of its own, and what fails there is put off."""
    try:
        return _ring_together(shop, due)
    except _FailedError as failed:
        if len(due) == 1:
            _put_off(shop, *due[0], failed.why)
            return 1
    return sum(_ring_some(shop, [one]) for one in due)


def _ring_together(shop: Workshop, due: Sequence[tuple[int, Deadline]]) -> int:
    with shop.aside.helping(len(due)), shop.desk.write("ring") as desk:
        try:
            group = _Group(shop, desk, due)
            rung = sum(_ring_one(group, number, deadline) for number, deadline in due)
            do_now(desk)
        except BrokenPipeError:  # nobody hears our beats: the front has gone
            raise
        except Exception as error:
            race = lost_a_race(error)
            if (is_our_trouble(error) or race) and not (race and len(due) > 1):
                raise
            raise _FailedError(error) from error
    return rung


def _put_off(shop: Workshop, number: int, deadline: Deadline, why: Exception) -> None:
    what = {"action": "deadline_failed", "ticket": number, "kind": deadline.kind}
    _log.error("deadline_failed", **what, exc_info=why)
    with shop.desk.write("postpone") as desk:
        deadlines.postpone(desk, deadline.id, shop.clock() + POSTPONED_FOR)
        alarms.deadline_failed(desk, number, deadline, type(why).__name__, shop.clock())


def _ring_one(group: _Group, number: int, deadline: Deadline) -> bool:
    """Return whether that was done: another node may have the ticket in hand, with this deadline or a mail."""
    shop, desk, now = group.shop, group.desk, group.shop.clock()
    shop.take_up(None)  # each has a right to its own time
    ticket, known = group.take(number)
    if ticket is None:
        return False
    # cancelled since, or rung by another: then its id may be that of another deadline by now
    if deadline not in ticket.deadlines:
        return True
    event = with_standing(shop, desk, DeadlinePassed(deadline=deadline), ticket, now, known)
    decision = decide(_without(ticket, deadline), event, shop.policy, now)
    if not (decision.allowed and deadline.kind in decision.cancel):
        deadlines.remove(desk, deadline.id)
    if decision.also:
        group.forget()
    apply(shop, desk, ticket, decision, now)
    return True


def _without(ticket: Ticket, deadline: Deadline) -> Ticket:
    """The deadline that has just passed stands no more."""
    return replace(ticket, deadlines=tuple(d for d in ticket.deadlines if d.id != deadline.id))
