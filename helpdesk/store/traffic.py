"""How many mails came by a road in a span of time, at the price of an index.

Ids grow as mails arrive, so a span of time is a span of ids: its two ends are looked up in the index of times, and
the index of roads, which holds the ids too, is counted between them. No row of the inbox is read.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from helpdesk.store.schema import INBOX


def begun_at(spool: Connection, road: str) -> datetime | None:
    """When the first mail came by this road; None when none ever did."""
    query = select(INBOX.c.received_at).where(INBOX.c.road == road).order_by(INBOX.c.id).limit(1)
    return spool.scalar(query)


def count(spool: Connection, road: str, since: datetime, until: datetime) -> int:
    """Mails from `since` up to and without `until`."""
    first, end = _first_id(spool, since), _first_id(spool, until)
    if first is None:
        return 0
    query = select(func.count()).select_from(INBOX).where(INBOX.c.road == road, INBOX.c.id >= first)
    if end is not None:
        query = query.where(INBOX.c.id < end)
    return spool.scalar(query) or 0


def _first_id(spool: Connection, moment: datetime) -> int | None:
    query = select(INBOX.c.id).where(INBOX.c.received_at >= moment)
    return spool.scalar(query.order_by(INBOX.c.received_at, INBOX.c.id).limit(1))
