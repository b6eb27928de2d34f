"""Inbox rows become events: parse, find ticket and sender, decide, apply (ARCHITECTURE, way 2).

1. take a batch; the attempts are counted and committed before any work begins
2. each row: parse, understand, decide, apply, mark as handled
3. one commit for the batch
4. if any row fails all are undone, and handled again: on SQLite each in a savepoint, with one commit for those that
   succeed; one that must not share its commit with those before it begins another
5. a row that failed is taken again alone, and parked after the third time

On a server that other nodes share each row has a transaction of its own, so that no node holds a ticket for longer
than one mail takes; who loses a race against another node begins the row again.

Savepoints are for what failed, because they cost: SQLite copies every page that is changed in one, a server is asked
twice.

Where the database itself is in trouble (a full disk, a server away) no mail is to blame: nothing is stored, no row
loses an attempt, and the trouble is passed on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.flow import presence
from helpdesk.flow.alarms import tell_parked
from helpdesk.flow.forgetting import NotAlone
from helpdesk.flow.handling import Reading, begin_reading, finish, handle
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import SpooledArrival
from helpdesk.store import handled, inbox, nodes
from helpdesk.store.holding import hold_everything
from helpdesk.store.session import Database, is_our_trouble, lost_a_race, savepoint

_log = structlog.get_logger()

BIG = 1024 * 1024
"""Mails above this are in memory one by one, the others with their batch (T13)."""
AHEAD = 45
"""So many mails are read before their turn, those of the next batch while this one is stored."""
SHARED_BATCH = 10
"""Where other nodes want some, too."""
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
        most = limit if alone else min(limit, SHARED_BATCH)
        taken = handled.take(desk, spool, most, shop.clock(), shop.node)
    shop.forgives = False
    return taken, alone


def _work(
    shop: Workshop, taken: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival], *, alone: bool
) -> dict[int, str]:
    """Handle the rows; return those that failed, with the reason."""
    if alone and len(taken) > 1 and _all_at_once(shop, taken, rows):
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
    shop: Workshop, taken: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival]
) -> bool:
    """All rows in one transaction; False and nothing done if one of them cannot be handled so."""
    in_hand, _ = taken[0]
    try:
        with shop.aside.helping(len(taken)), shop.desk.write("intake") as desk:
            hold_everything(desk)
            if not handled.still_has(desk, [row for row, _ in taken], shop.node):
                return False
            for (in_hand, attempts), mail in _read_ahead(shop, taken, rows):
                shop.alone = in_hand == taken[0][0]
                shop.take_up(in_hand)
                worn_out = attempts > shop.limits.attempts
                handle(shop, desk, rows[in_hand], worn_out=worn_out, mail=mail)
            _begin_next(shop, after=in_hand)
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


def _read_ahead(
    shop: Workshop, taken: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival]
) -> Iterator[tuple[tuple[int, int], Reading | None]]:
    """Each row with its mail, which is being read while the ones before it are handled; a big one is not (T13)."""
    begun: deque[tuple[tuple[int, int], Reading | None]] = deque()
    for row, attempts in taken:
        worn_out = attempts > shop.limits.attempts
        mail = shop.begun.pop(row, None)
        if row in rows and (mail is None or worn_out):
            mail = begin_reading(shop, rows[row], worn_out=worn_out)
        begun.append(((row, attempts), mail))
        if len(begun) > AHEAD:
            yield begun.popleft()
    yield from begun


def _begin_next(shop: Workshop, after: int) -> None:
    """What probably comes next is read while this batch is stored and committed, where somebody else can do it."""
    before, shop.begun = shop.begun, {}
    if not shop.aside.is_at_hand:
        return
    with shop.spool.read() as spool:
        rows = inbox.fetch(spool, inbox.ids_after(spool, after, AHEAD), up_to=BIG)
    for row in rows:
        shop.begun[row.id] = before.get(row.id) or begin_reading(shop, row, worn_out=False)


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
