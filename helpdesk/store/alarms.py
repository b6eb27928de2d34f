"""Alarms that were told, and the few facts of the desk that alarms are judged by.

Whoever inserts an alarm's row writes its letters in the same transaction; so it is told once, by whichever node,
whatever dies. Looks come often: each query here reads a bounded number of rows by an index.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from helpdesk.model.alarms import Alarm, AlarmName, Raised
from helpdesk.model.ticket import Deadline
from helpdesk.store.schema import ALARM, DEADLINE, HANDLED, NODE, OCCASION, OUTBOX
from helpdesk.store.statements import insert_unless_there

_AT_EACH_END = 500
_FAILED = "deadline_failed "


def put_up(desk: Connection, alarm: Alarm, now: datetime) -> bool:
    """Raise an alarm. False: it stands already, and PIC know."""
    detail = {"name": alarm.name, "about": alarm.about, "text": alarm.text, "host": alarm.host}
    row = {"name": alarm.key, "detail": json.dumps(detail, ensure_ascii=False), "raised_at": now}
    return insert_unless_there(desk, ALARM, row)


def take_down(desk: Connection, keys: Iterable[str]) -> None:
    """These alarms are over; what is raised again later is told again."""
    desk.execute(delete(ALARM).where(ALARM.c.name.in_(list(keys))))


def raised(desk: Connection) -> list[Raised]:
    """The alarms that stand, by name."""
    return [_raised(row) for row in desk.execute(select(ALARM).order_by(ALARM.c.name))]


def _raised(row: Row[Any]) -> Raised:
    detail = json.loads(row.detail)
    lines = tuple(detail["text"].split("\n"))
    alarm = Alarm(AlarmName(detail["name"]), detail["about"], lines, detail["host"])
    return Raised(alarm, row.raised_at)


def names(desk: Connection) -> list[str]:
    """The names of the alarms that stand, each once, in alphabetical order."""
    return sorted({one.alarm.name.value for one in raised(desk)})


def parked(desk: Connection, limit: int) -> list[tuple[int, str]]:
    """(inbox row, reason) of what could not be handled, the newest first."""
    query = select(HANDLED.c.spool_id, HANDLED.c.reason).where(HANDLED.c.state == "parked")
    rows = desk.execute(query.order_by(HANDLED.c.spool_id.desc()).limit(limit))
    return [(row.spool_id, row.reason) for row in rows]


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    id: int
    since: datetime
    error: str


def longest_waiting(desk: Connection) -> WaitingLetter | None:
    """The letter on its way that was first due the longest ago.

    Where more than a thousand wait: of those whose next attempt is nearest or furthest. What was never tried is
    among the nearest, what failed most often among the furthest.
    """
    found: list[Row[Any]] = []
    for state in ("queued", "sending"):
        for order in (OUTBOX.c.next_attempt_at, OUTBOX.c.next_attempt_at.desc()):
            letters = select(OUTBOX.c.id, OUTBOX.c.tried_since).where(OUTBOX.c.state == state)
            end = letters.order_by(order).limit(_AT_EACH_END).subquery()
            oldest = desk.execute(select(end).order_by(end.c.tried_since, end.c.id).limit(1)).first()
            found += [oldest] if oldest else []
    if not found:
        return None
    first = min(found, key=lambda row: (row.tried_since, row.id))
    error = desk.scalar(select(OUTBOX.c.last_error).where(OUTBOX.c.id == first.id))
    return WaitingLetter(first.id, first.tried_since, error or "")


@dataclass(frozen=True, slots=True)
class Failure:
    """A deadline whose decision has failed and that still stands."""

    key: str
    ticket: int
    kind: str
    error: str
    since: datetime


def deadline_failed(desk: Connection, ticket: int, deadline: Deadline, error: str, now: datetime) -> None:
    """Remember when the decision of this deadline failed for the first time."""
    began = deadline.started_at.isoformat()  # ids are given again when their deadline is gone
    name = f"{_FAILED}{deadline.id} {ticket} {deadline.kind} {began} {error}"
    insert_unless_there(desk, OCCASION, {"name": name, "at": now})


def failed_deadlines(desk: Connection, limit: int) -> tuple[list[Failure], list[str]]:
    """Deadlines that have failed and still stand, and the keys of failures whose deadline is gone."""
    query = select(OCCASION.c.name, OCCASION.c.at).where(OCCASION.c.name.like(f"{_FAILED}%"))
    rows = [(row.name, row.at, row.name.split(" ", 5)) for row in desk.execute(query.limit(limit))]
    standing = _standing(desk, [int(parts[1]) for _, _, parts in rows])
    failures, gone = [], []
    for key, at, (_, deadline_id, ticket, kind, began, error) in rows:
        if (int(deadline_id), int(ticket), kind, began) in standing:
            failures.append(Failure(key, int(ticket), kind, error, at))
        else:
            gone.append(key)
    return failures, gone


def _standing(desk: Connection, ids: Sequence[int]) -> set[tuple[int, int, str, str]]:
    if not ids:
        return set()
    columns = select(DEADLINE.c.id, DEADLINE.c.ticket, DEADLINE.c.kind, DEADLINE.c.started_at)
    rows = desk.execute(columns.where(DEADLINE.c.id.in_(ids)))
    return {(row.id, row.ticket, row.kind, row.started_at.isoformat()) for row in rows}


def forget_failures(desk: Connection, keys: Sequence[str]) -> None:
    desk.execute(delete(OCCASION).where(OCCASION.c.name.in_(keys)))


def hosts(spool: Connection) -> set[str]:
    """The computers of the nodes that are registered; the dead ones among them are buried within a minute."""
    return {name.partition(" ")[0] for name in spool.scalars(select(NODE.c.name))}
