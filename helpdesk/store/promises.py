"""Dates that customers were told, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from helpdesk.model.affairs import Promise, PromiseState
from helpdesk.store.among import among
from helpdesk.store.schema import PROMISE

_LATEST = (
    select(PROMISE).where(PROMISE.c.ticket == bindparam("number")).order_by(PROMISE.c.id.desc()).limit(1)
)
_OF_TICKETS = select(PROMISE).where(among(PROMISE.c.ticket, "numbers")).order_by(PROMISE.c.id)


def add(connection: Connection, number: int, promise: Promise) -> None:
    """Store a new promise of the ticket; its id is given here."""
    row = {
        "ticket": number,
        "due_at": promise.due_at,
        "made_at": promise.made_at,
        "by": promise.by,
        "reason": promise.reason,
        "state": promise.state,
    }
    connection.execute(insert(PROMISE).values(row))


def settle(connection: Connection, number: int, state: PromiseState, now: datetime) -> None:
    """The open promise of the ticket ends in `state`; one that has ended stays as it is."""
    still_open = (PROMISE.c.ticket == number, PROMISE.c.state == PromiseState.OPEN)
    connection.execute(update(PROMISE).where(*still_open).values(state=state, settled_at=now))


def latest(connection: Connection, number: int) -> Promise | None:
    row = connection.execute(_LATEST, {"number": number}).first()
    return _promise(row) if row else None


def of_tickets(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Promise]]:
    """The promises of several tickets, oldest first; tickets without any are left out."""
    found: dict[int, list[Promise]] = {}
    for row in connection.execute(_OF_TICKETS, {"numbers": list(numbers)}):
        found.setdefault(row.ticket, []).append(_promise(row))
    return found


def _promise(row: Row[Any]) -> Promise:
    return Promise(
        due_at=row.due_at,
        made_at=row.made_at,
        by=row.by,
        reason=row.reason,
        state=PromiseState(row.state),
        settled_at=row.settled_at,
        id=row.id,
    )
