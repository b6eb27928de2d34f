"""What became of each row of the spool: taken (with the attempts so far), done, or parked with its reason.

`take` counts an attempt before the work begins, in the transaction that the caller commits first; so a mail
that kills its worker is known by its count (P6). Ids above the highest one here are new (the watermark).
A row in work names its node; what a node that lives no more had in work is free for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, case, func, insert, or_, select, update

from helpdesk.store import earlier, inbox
from helpdesk.store.among import among
from helpdesk.store.holding import hold_arrivals
from helpdesk.store.later import put_off
from helpdesk.store.nodes import is_free
from helpdesk.store.schema import HANDLED
from helpdesk.store.session import is_server
from helpdesk.store.statements import insert_unless_there, run

DISMISSED = "ignored:dismissed"
"""The outcome of a parked row that somebody has looked at."""


@dataclass(frozen=True, slots=True)
class Handled:
    """`at` is when the row got this state; `date` is the mail's own date."""

    spool_id: int
    state: str
    attempts: int
    outcome: str
    reason: str
    ticket: int | None
    message_id: str | None
    dedupe_key: str
    sender: str
    date: datetime | None
    road: str
    at: datetime


def take(desk: Connection, spool: Connection, limit: int, now: datetime, node: str) -> list[tuple[int, int]]:
    """Take work for `node`: (spool id, attempts including this one), oldest first.

    1. A row that was tried before comes alone: what killed a worker once takes nobody with it (P6). First come those
       before it, for what was said first is heard first.
    2. Else rows taken but given back their attempt, then new rows of the spool.
    The node has nothing in work when it asks, so all rows in its name are its own to take again.
    """
    hold_arrivals(desk, alone=True)
    batch = (desk.scalar(_LAST_BATCH) or 0) + 1
    suspect = desk.scalar(_SUSPECT, {"node": node})
    again = list(desk.scalars(_GIVEN_BACK, {"node": node, "most": limit}))
    if suspect is not None:
        before = [spool_id for spool_id in again if spool_id < suspect]
        return [_count_attempt(desk, spool_id, batch, now, node) for spool_id in before or [suspect]]
    fresh = inbox.ids_after(spool, _watermark(desk), limit - len(again))
    work = [_count_attempt(desk, spool_id, batch, now, node) for spool_id in again]
    if fresh:
        desk.execute(_TAKE, [_blank(spool_id, batch, now, node) for spool_id in fresh])
    return [*work, *((spool_id, 1) for spool_id in fresh)]


_LAST_BATCH = select(func.max(HANDLED.c.batch))
_WATERMARK = select(func.max(HANDLED.c.spool_id))
_TAKEN = (
    select(HANDLED.c.spool_id)
    .where(HANDLED.c.state == "taken", or_(HANDLED.c.owner.is_(None), HANDLED.c.owner == bindparam("node")))
    .order_by(HANDLED.c.spool_id)
)
_SUSPECT = _TAKEN.where(HANDLED.c.attempts > 0).limit(1)
_GIVEN_BACK = _TAKEN.limit(bindparam("most"))
_TAKE = insert(HANDLED)


def still_has(desk: Connection, spool_ids: Sequence[int], node: str) -> bool:
    """Are all of these rows in work by `node`? On a server nobody else can take them until this transaction ends."""
    if not is_server(desk):
        return True  # nobody else is there
    mine = desk.scalars(_IN_WORK, {"rows": list(spool_ids), "node": node}).all()
    return len(mine) == len(spool_ids)


_IN_WORK = (
    select(HANDLED.c.spool_id)
    .where(
        among(HANDLED.c.spool_id, "rows"),
        HANDLED.c.state == "taken",
        HANDLED.c.owner == bindparam("node"),
    )
    .order_by(HANDLED.c.spool_id)
    .with_for_update()
)


def free(desk: Connection, node: str) -> int:
    """Rows in work by nodes that live no more are free, and get back their attempt; return how many."""
    theirs = select(HANDLED.c.spool_id).where(
        HANDLED.c.state == "taken", is_free(desk, HANDLED.c.owner, node)
    )
    # a node that is frozen in mid-transaction holds its row a little longer: the next look finds it
    found = list(desk.scalars(theirs.with_for_update(skip_locked=True)))
    fewer = case((HANDLED.c.attempts > 0, HANDLED.c.attempts - 1), else_=0)
    for spool_id in found:
        row = update(HANDLED).where(HANDLED.c.spool_id == spool_id)
        desk.execute(row.values(owner=None, attempts=fewer))
    return len(found)


def _watermark(desk: Connection) -> int:
    return desk.scalar(_WATERMARK) or 0


def _count_attempt(desk: Connection, spool_id: int, batch: int, now: datetime, node: str) -> tuple[int, int]:
    statement = (
        update(HANDLED)
        .where(HANDLED.c.spool_id == spool_id)
        .values(attempts=HANDLED.c.attempts + 1, batch=batch, at=now, owner=node)
    )
    desk.execute(statement)
    attempts = desk.scalar(select(HANDLED.c.attempts).where(HANDLED.c.spool_id == spool_id))
    return spool_id, attempts or 1


def _blank(spool_id: int, batch: int, now: datetime, node: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(("outcome", "reason", "dedupe_key", "sender", "road"), "")
    work = {"state": "taken", "attempts": 1, "batch": batch, "owner": node}
    return {"spool_id": spool_id, "at": now, **work, **empty}


def forgive(desk: Connection, except_id: int | None, node: str) -> None:
    """The worker of `node` was killed: the rest of its batch gets back the attempt it did not use."""
    in_work = and_(HANDLED.c.state == "taken", HANDLED.c.owner == node)
    last_batch = select(func.max(HANDLED.c.batch)).where(in_work).scalar_subquery()
    statement = (
        update(HANDLED)
        .where(in_work, HANDLED.c.attempts > 0, HANDLED.c.batch == last_batch)
        .values(attempts=HANDLED.c.attempts - 1)
    )
    if except_id is not None:
        statement = statement.where(HANDLED.c.spool_id != except_id)
    desk.execute(statement)


def finish(
    desk: Connection,
    spool_id: int,
    *,
    state: str,
    outcome: str,
    reason: str,
    ticket: int | None = None,
    message_id: str | None = None,
    dedupe_key: str = "",
    sender: str = "",
    date: datetime | None = None,
    road: str = "",
    now: datetime,
) -> None:
    """Say what became of the row: `done` or `parked`, in the transaction that holds its effects."""
    values = {
        "state": state,
        "outcome": outcome,
        "reason": reason,
        "ticket": ticket,
        "message_id": message_id,
        "dedupe_key": dedupe_key,
        "sender": sender.lower(),
        "date": date,
        "road": road,
        "at": now,
        "owner": None,
    }
    row = {"row": spool_id, **values}
    if earlier.finishes(desk, spool_id, values):
        put_off(desk, _finish_all, [row], _FINISHED)
    elif desk.execute(_FINISH, row).rowcount == 0:
        desk.execute(insert(HANDLED), {**_blank(spool_id, 0, now, None), "attempts": 0, **values})


def _finish_all(desk: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows that are in work."""
    run(desk, _FINISH, rows)


_FINISHED = frozenset({HANDLED.name})
_FINISH = update(HANDLED).where(HANDLED.c.spool_id == bindparam("row"))


def _finished() -> Select[Any]:
    columns = [HANDLED.c[field.name] for field in fields(Handled)]
    return select(*columns).where(HANDLED.c.state != "taken").order_by(HANDLED.c.spool_id)


def load(desk: Connection, spool_id: int) -> Handled | None:
    """What became of this row; None while it waits or is in work."""
    row = desk.execute(_ONE, {"row": spool_id}).first()
    return None if row is None else _handled(row)


_ONE = _finished().where(HANDLED.c.spool_id == bindparam("row"))


def parked(desk: Connection) -> list[Handled]:
    return [_handled(row) for row in desk.execute(_finished().where(HANDLED.c.state == "parked"))]


def latest(desk: Connection, limit: int, *, parked_only: bool = False) -> list[Handled]:
    """The newest rows, those in work included."""
    columns = [HANDLED.c[field.name] for field in fields(Handled)]
    query = select(*columns).order_by(HANDLED.c.spool_id.desc()).limit(limit)
    if parked_only:
        query = query.where(HANDLED.c.state == "parked")
    return [_handled(row) for row in desk.execute(query)]


def release(desk: Connection, spool_id: int, now: datetime) -> None:
    """Replay a row: forget what became of it, so that `take` gives it again as if it were new.

    Parked rows, and rows below the watermark of which nothing is known (what `audit` calls unaccounted).
    """
    if spool_id < _watermark(desk):
        lost = {**_blank(spool_id, 0, now, None), "attempts": 0}
        insert_unless_there(desk, HANDLED, lost)
    statement = update(HANDLED).where(HANDLED.c.spool_id == spool_id, HANDLED.c.state == "parked")
    # an empty key: the row must not be found to be a duplicate of itself
    desk.execute(
        statement.values(
            state="taken", attempts=0, outcome="", reason="", ticket=None, dedupe_key="", owner=None
        )
    )


def is_lost(desk: Connection, spool_id: int) -> bool:
    """Below the watermark, and nothing is known of it."""
    known = desk.scalar(select(HANDLED.c.spool_id).where(HANDLED.c.spool_id == spool_id))
    return known is None and spool_id < _watermark(desk)


def dismiss(desk: Connection, spool_id: int, now: datetime) -> None:
    """Somebody has looked at a parked row and nothing more is to be done: it is kept, under a rule of its own."""
    statement = update(HANDLED).where(HANDLED.c.spool_id == spool_id, HANDLED.c.state == "parked")
    why = "dismissed by hand; parked for: " + HANDLED.c.reason
    desk.execute(statement.values(state="done", outcome=DISMISSED, reason=why, at=now))


def parked_count(connection: Connection) -> int:
    """How many rows are set aside and wait for somebody to replay or dismiss them."""
    return connection.scalar(select(func.count()).where(HANDLED.c.state == "parked")) or 0


def oldest_waiting(desk: Connection, spool: Connection) -> tuple[int, datetime] | None:
    """The first row that is not finished, and when it was received; ids grow with time."""
    in_work = desk.scalar(select(func.min(HANDLED.c.spool_id)).where(HANDLED.c.state == "taken"))
    fresh = inbox.ids_after(spool, _watermark(desk), 1)
    ids = [*fresh, *([] if in_work is None else [in_work])]
    return (min(ids), inbox.received_at(spool, min(ids))) if ids else None


def waiting_count(desk: Connection, spool: Connection) -> int:
    """Rows not finished: those in work and those nobody has taken."""
    in_work = desk.scalar(select(func.count()).where(HANDLED.c.state == "taken")) or 0
    return in_work + inbox.count_after(spool, _watermark(desk))


def _handled(row: Row[Any]) -> Handled:
    return Handled(**row._asdict())
