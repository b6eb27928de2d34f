"""Inbox rows become events: parse, find ticket and sender, decide, apply (ARCHITECTURE, way 2).

1. take a batch; the attempts are counted and committed before any work begins
2. each row: parse, understand, decide, apply, mark as handled
3. one commit for the batch
4. if any row fails all are undone, and handled again: on SQLite each in a savepoint, with one commit for those that
   succeed; one that must not share its commit with those before it begins another
5. a row that failed is taken again alone, after those before it, and parked after the third time

On a server a batch holds everything, and other nodes wait for it: two batches that hold a part each would deadlock.
Where others are at work a few rows have a transaction each, so that nobody waits for longer than one mail takes; who
loses a race against another node begins the row again.

Savepoints are for what failed, because they cost: SQLite copies every page that is changed in one, a server is asked
twice.

Where the database itself is in trouble (a full disk, a server away) no mail is to blame: nothing is stored, no row
loses an attempt, and the trouble is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.flow import presence
from helpdesk.flow.ahead import AHEAD, BIG, SOME, begin_next, collect, fetch_next
from helpdesk.flow.alarms import tell_parked
from helpdesk.flow.foreseeing import foresee
from helpdesk.flow.forgetting import NotAlone
from helpdesk.flow.handling import finish, handle
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import SpooledArrival
from helpdesk.store import handled, inbox, nodes
from helpdesk.store.holding import hold_everything
from helpdesk.store.session import Database, is_our_trouble, lost_a_race, savepoint

_log = structlog.get_logger()

MANY = 8
"""Among other nodes so many mails are handled in one transaction, for which the others wait."""
RACES = 5


def take_in(shop: Workshop, limit: int = 50) -> int:
    """Handle up to `limit` waiting rows; return how many were taken."""
    try:
        # a server that goes away here may have counted the attempts or not
        taken, alone = _take(shop, limit)
        if not taken:
            return 0
        presence.show(shop)
        rows = _Rows(shop.spool, [spool_id for spool_id, _ in taken])
        failed = _work(shop, taken, rows, alone=alone)
    except Exception as error:
        shop.forgives = is_our_trouble(error) or lost_a_race(error)
        raise
    shop.take_up(None)
    attempts_of = dict(taken)
    for spool_id, reason in failed.items():
        if attempts_of[spool_id] >= shop.limits.attempts:
            _park(shop, rows[spool_id], reason)
    return len(taken)


class _Rows(dict[int, SpooledArrival]):
    """The rows of a batch; a big one is fetched when it is wanted, and not kept."""

    def __init__(self, spool: Database, ids: Sequence[int]) -> None:
        self._spool = spool
        with spool.read() as connection:
            super().__init__({row.id: row for row in inbox.fetch(connection, ids, up_to=BIG)})

    def __missing__(self, spool_id: int) -> SpooledArrival:
        with self._spool.read() as connection:
            return inbox.fetch(connection, [spool_id])[0]


def _take(shop: Workshop, limit: int) -> tuple[list[tuple[int, int]], bool]:
    """Rows with their attempts, and whether no other node works here."""
    with shop.desk.write("take") as desk, shop.spool.read() as spool:
        alone = nodes.is_alone(desk, shop.node)
        if shop.forgives:
            handled.forgive(desk, None, shop.node)
        taken = handled.take(desk, spool, limit, shop.clock(), shop.node)
    shop.forgives = False
    return taken, alone


def _work(
    shop: Workshop, taken: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival], *, alone: bool
) -> dict[int, str]:
    """Handle the rows; return those that failed, with the reason."""
    if len(taken) >= (2 if alone else MANY) and _all_at_once(shop, taken, rows, alone=alone):
        return {}
    if not shop.desk.is_sqlite:
        reasons = {row: _handle_alone(shop, rows[row], attempts) for row, attempts in taken}
    else:
        reasons, left = {}, list(taken)
        while left:
            some = _together(shop, left, rows)
            reasons |= some
            left = left[len(some) :]
    return {row: reason for row, reason in reasons.items() if reason is not None}


def _all_at_once(
    shop: Workshop, taken: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival], *, alone: bool
) -> bool:
    """All rows in one transaction; False and nothing done if one of them cannot be handled so."""
    in_hand, last = taken[0][0], max(taken)[0]
    try:
        with ExitStack() as stack:
            stack.enter_context(shop.aside.helping(len(taken)))
            mails = collect(shop, taken, rows)
            fetch_next(shop, last, alone=alone)
            desk = stack.enter_context(shop.desk.write("intake"))
            hold_everything(desk)
            if not handled.still_has(desk, [row for row, _ in taken], shop.node):
                return False
            foresee(desk, [(rows[row], mail) for row, mail in mails.items()], shop.policy, shop.clock())
            for in_hand, attempts in taken:
                shop.alone = in_hand == taken[0][0]
                shop.take_up(in_hand)
                worn_out = attempts > shop.limits.attempts
                handle(shop, desk, rows[in_hand], worn_out=worn_out, mail=mails.pop(in_hand, None))
                if shop.aside.is_idle:
                    begin_next(shop, SOME)
            if not shop.coming:
                fetch_next(shop, last, alone=alone)
            begin_next(shop, AHEAD)
    except BrokenPipeError:  # nobody hears our beats: the front has gone
        raise
    except Exception as error:
        if is_our_trouble(error) and not lost_a_race(error):
            raise
        _log.info("batch_undone", action="batch_undone", spool_id=in_hand, why=type(error).__name__)
        return False
    finally:
        shop.alone = True
    return True


def _together(
    shop: Workshop, left: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival]
) -> dict[int, str | None]:
    """One transaction: the rows up to one that must begin the next; the reason of each that failed."""
    reasons: dict[int, str | None] = {}
    with shop.desk.write("intake") as desk:
        for row, attempts in left:
            shop.alone = not reasons
            try:
                reasons[row] = _handle_safely(shop, desk, rows[row], attempts)
            except NotAlone:
                break
    return reasons


def _handle_safely(shop: Workshop, desk: Connection, spooled: SpooledArrival, attempts: int) -> str | None:
    """Inside the batch's transaction; return the reason of a failure."""
    shop.take_up(spooled.id)
    try:
        with savepoint(desk):
            handle(shop, desk, spooled, worn_out=attempts > shop.limits.attempts)
    except NotAlone:
        raise
    except Exception as error:
        if is_our_trouble(error):
            raise
        return _reason(error, spooled, attempts)
    return None


def _handle_alone(shop: Workshop, spooled: SpooledArrival, attempts: int) -> str | None:
    """In a transaction of its own; return the reason of a failure."""
    for races_left in reversed(range(RACES)):
        shop.take_up(spooled.id)
        try:
            with shop.desk.write("intake") as desk:
                # a node that was away for too long has lost its rows to others
                if handled.still_has(desk, [spooled.id], shop.node):
                    handle(shop, desk, spooled, worn_out=attempts > shop.limits.attempts)
        except Exception as error:
            if lost_a_race(error) and races_left:
                _log.info("race_lost", action="race_lost", spool_id=spooled.id)
                continue
            if lost_a_race(error) or is_our_trouble(error):
                raise
            return _reason(error, spooled, attempts)
        return None
    return None


def _reason(error: Exception, spooled: SpooledArrival, attempts: int) -> str:
    _log.exception("intake_failed", action="intake_failed", spool_id=spooled.id, attempt=attempts)
    return f"{type(error).__name__}: {error}"


def _park(shop: Workshop, spooled: SpooledArrival, reason: str) -> None:
    """Set it aside with its reason and tell PIC; its raw bytes stay, `inbox replay` tries again."""
    now = shop.clock()
    with shop.desk.write("park") as desk:
        if not handled.still_has(desk, [spooled.id], shop.node):
            return
        finish(desk, spooled, "parked", reason, now, state="parked")
        _tell_pics_safely(shop, desk, spooled.id, reason, now)


def _tell_pics_safely(shop: Workshop, desk: Connection, spool_id: int, reason: str, now: datetime) -> None:
    """A notice that cannot be written must not keep the row from being parked: it would stop all that wait."""
    try:
        with savepoint(desk):
            tell_parked(shop, desk, spool_id, reason, now)
    except Exception as error:
        if is_our_trouble(error):
            raise
        _log.exception("notice_failed", action="notice_failed", spool_id=spool_id)
