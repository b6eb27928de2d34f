"""Inbox rows become events: parse, find ticket and sender, decide, apply (ARCHITECTURE, way 2).

1. take a batch; the attempts are counted and committed before any work begins
2. each row inside a savepoint: parse, understand, decide, apply, mark as handled
3. one commit for the batch; a row that failed is taken again alone, and parked after the third time

Where the database itself is in trouble (a full disk) no mail is to blame: nothing is stored, no row loses an
attempt, and the trouble is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.flow.handling import finish, handle, tell_pics
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import SpooledArrival
from helpdesk.store import handled, inbox
from helpdesk.store.session import is_our_trouble, savepoint

_log = structlog.get_logger()

ATTEMPTS = 3
"""So often a mail may fail; then it is parked (P6). One that killed the worker that often is read by its head only."""


def take_in(shop: Workshop, limit: int = 50) -> int:
    """Handle up to `limit` waiting rows; return how many were taken."""
    now = shop.clock()
    with shop.desk.write() as desk, shop.spool.read() as spool:
        taken = handled.take(desk, spool, limit, now)
    if not taken:
        return 0
    with shop.spool.read() as spool:
        rows = {row.id: row for row in inbox.fetch(spool, [spool_id for spool_id, _ in taken])}
    try:
        failed = _work(shop, taken, rows)
    except Exception as error:
        if is_our_trouble(error):
            with shop.desk.write() as desk:
                handled.forgive(desk, None)
        raise
    shop.beat(None)
    attempts_of = dict(taken)
    for spool_id, reason in failed.items():
        if attempts_of[spool_id] >= ATTEMPTS:
            _park(shop, rows[spool_id], reason)
    return len(taken)


def _work(
    shop: Workshop, taken: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival]
) -> dict[int, str]:
    """Handle the rows in one transaction; return those that failed, with the reason."""
    failed: dict[int, str] = {}
    with shop.desk.write() as desk:
        for spool_id, attempts in taken:
            shop.beat(spool_id)
            reason = _handle_safely(shop, desk, rows[spool_id], attempts)
            if reason is not None:
                failed[spool_id] = reason
    return failed


def _handle_safely(shop: Workshop, desk: Connection, spooled: SpooledArrival, attempts: int) -> str | None:
    try:
        with savepoint(desk):
            handle(shop, desk, spooled, worn_out=attempts > ATTEMPTS)
    except Exception as error:
        if is_our_trouble(error):
            raise
        _log.exception("intake_failed", action="intake_failed", spool_id=spooled.id, attempt=attempts)
        return f"{type(error).__name__}: {error}"
    return None


def _park(shop: Workshop, spooled: SpooledArrival, reason: str) -> None:
    """Set it aside with its reason and tell PIC; its raw bytes stay, `inbox replay` tries again."""
    now = shop.clock()
    with shop.desk.write() as desk:
        finish(desk, spooled, "parked", reason, now, state="parked")
        _tell_pics_safely(shop, desk, spooled.id, reason, now)


def _tell_pics_safely(shop: Workshop, desk: Connection, spool_id: int, reason: str, now: datetime) -> None:
    """A notice that cannot be written must not keep the row from being parked: it would stop all that wait."""
    try:
        with savepoint(desk):
            tell_pics(shop, desk, spool_id, reason, now)
    except Exception as error:
        if is_our_trouble(error):
            raise
        _log.exception("notice_failed", action="notice_failed", spool_id=spool_id)
