"""Deadlines are rows with a due time, set and cancelled in the transaction that changes their ticket (F10)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from helpdesk.model.ticket import Clock, Deadline, DeadlineKind
from helpdesk.store.among import among
from helpdesk.store.later import about, put_off
from helpdesk.store.schema import DEADLINE
from helpdesk.store.statements import add, run

_CHANGED = frozenset({DEADLINE.name})
_REMOVE = delete(DEADLINE).where(DEADLINE.c.id == bindparam("its_id"))
_CANCEL = delete(DEADLINE).where(
    DEADLINE.c.ticket == bindparam("number"), DEADLINE.c.kind == bindparam("its_kind")
)
_BY_DUE = select(DEADLINE).order_by(DEADLINE.c.due_at, DEADLINE.c.id)
_DUE = _BY_DUE.where(DEADLINE.c.due_at <= bindparam("now")).limit(bindparam("most"))
_OF_TICKETS = about(_BY_DUE.where(among(DEADLINE.c.ticket, "numbers")), "numbers")
_NEXT = select(DEADLINE.c.due_at).order_by(DEADLINE.c.due_at).limit(1)


class _Set(NamedTuple):
    number: int
    deadline: Deadline


class _Cancelled(NamedTuple):
    number: int
    kinds: Collection[DeadlineKind]


class _Removed(NamedTuple):
    id: int


def set(connection: Connection, number: int, new: Sequence[Deadline]) -> None:  # noqa: A001 - deadlines.set reads well
    """Store deadlines of the ticket."""
    put_off(connection, _change, [_Set(number, deadline) for deadline in new], _CHANGED, [number])


def cancel(connection: Connection, number: int, kinds: Collection[DeadlineKind]) -> None:
    """These kinds of deadlines of the ticket no longer stand."""
    if kinds:
        put_off(connection, _change, [_Cancelled(number, kinds)], _CHANGED, [number])


def remove(connection: Connection, deadline_id: int) -> None:
    """The deadline has been acted on."""
    put_off(connection, _change, [_Removed(deadline_id)], _CHANGED)


def _change(connection: Connection, changes: Sequence[_Set | _Cancelled | _Removed]) -> None:
    """All of them in their order; what was set and then cancelled is never stored."""
    fresh: list[_Set] = []
    removed: list[dict[str, Any]] = []
    cancelled: list[dict[str, Any]] = []
    for one in changes:
        match one:
            case _Set():
                fresh.append(one)
            case _Removed(its_id):
                removed.append({"its_id": its_id})
            case _Cancelled(number, kinds):
                cancelled += [{"number": number, "its_kind": kind} for kind in kinds]
                fresh = [new for new in fresh if new.number != number or new.deadline.kind not in kinds]
    run(connection, _REMOVE, removed)
    run(connection, _CANCEL, cancelled)
    add(connection, DEADLINE, [_row(*new) for new in fresh])


def _row(number: int, deadline: Deadline) -> dict[str, Any]:
    return {
        "ticket": number,
        "kind": deadline.kind,
        "due_at": deadline.due_at,
        "started_at": deadline.started_at,
        "allowed": deadline.allowed,
        "clock": deadline.clock,
        "step": deadline.step,
    }


def due(connection: Connection, now: datetime, limit: int) -> list[tuple[int, Deadline]]:
    """(ticket number, deadline) of what is due, oldest first."""
    found = connection.execute(_DUE, {"now": now, "most": limit})
    return [(row.ticket, _deadline(row)) for row in found]


def of_ticket(connection: Connection, number: int) -> list[Deadline]:
    """All deadlines of the ticket, earliest first."""
    return of_tickets(connection, [number]).get(number, [])


def of_tickets(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Deadline]]:
    """The deadlines of several tickets, earliest first; tickets without any are left out."""
    found: dict[int, list[Deadline]] = {}
    for row in connection.execute(_OF_TICKETS, {"numbers": list(numbers)}):
        found.setdefault(row.ticket, []).append(_deadline(row))
    return found


def next_due_at(connection: Connection) -> datetime | None:
    """When the earliest deadline is due; may be past."""
    return connection.scalar(_NEXT)


def postpone(connection: Connection, deadline_id: int, to: datetime) -> None:
    """Move a deadline whose handling failed, so that it is not tried in a circle."""
    connection.execute(update(DEADLINE).where(DEADLINE.c.id == deadline_id).values(due_at=to))


def counts(connection: Connection, now: datetime) -> tuple[int, int]:
    """(waiting: all that stand, overdue: those of them whose time has passed)."""
    waiting = connection.scalar(select(func.count()).select_from(DEADLINE)) or 0
    overdue = connection.scalar(select(func.count()).where(DEADLINE.c.due_at < now)) or 0
    return waiting, overdue


def _deadline(row: Row[Any]) -> Deadline:
    return Deadline(
        kind=DeadlineKind(row.kind),
        due_at=row.due_at,
        started_at=row.started_at,
        allowed=row.allowed,
        clock=Clock(row.clock),
        step=row.step,
        id=row.id,
    )
