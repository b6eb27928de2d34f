"""The history of a ticket with what each decision changed, as values of the model: for `#why` and `#undo`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from helpdesk.model.commanded import Past
from helpdesk.model.ticket import Status, WaitingFor
from helpdesk.store.columns import UtcTime
from helpdesk.store.schema import JOURNAL, OUTBOX, TICKET

_TUPLES = ("participants", "thread", "tags")
_NAMED: Mapping[str, type] = {"status": Status, "waiting_for": WaitingFor}


def past(connection: Connection, number: int) -> tuple[Past, ...]:
    """All lines of the ticket, oldest first."""
    columns = (
        JOURNAL.c.at,
        JOURNAL.c.event,
        JOURNAL.c.by,
        JOURNAL.c.reason,
        JOURNAL.c.reasons,
        JOURNAL.c.changes,
    )
    query = select(*columns).where(JOURNAL.c.ticket == number).order_by(JOURNAL.c.id)
    return tuple(
        Past(row.at, row.event, row.by, row.reason, tuple(row.reasons), _values(row.changes))
        for row in connection.execute(query)
    )


def letters_to_customer(connection: Connection, number: int, since: datetime) -> tuple[str, ...]:
    """The canned names of what was written to the customer from then on."""
    query = (
        select(OUTBOX.c.letter)
        .where(OUTBOX.c.ticket == number, OUTBOX.c.audience == "c", OUTBOX.c.created_at >= since)
        .order_by(OUTBOX.c.id)
    )
    return tuple(dict.fromkeys(connection.scalars(query)))


def _values(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in (changes or {}).items()}


def _value(name: str, value: Any) -> Any:
    """What `store.chain` wrote down in JSON's words."""
    if name in _NAMED:
        return _NAMED[name](value)
    if name in _TUPLES:
        return tuple(value)
    if isinstance(value, str) and name in TICKET.c and isinstance(TICKET.c[name].type, UtcTime):
        return datetime.fromisoformat(value)
    return value
