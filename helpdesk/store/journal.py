"""The history of a ticket: what happened, by whom, why. Lines are only ever added, each chained to the last.

The lines of one decision are written together with the change of the ticket (`store.tickets`), which keeps the
hash of the newest one in `ticket.journal_head`. `changes`, on the first of them, are the columns that the
decision changed: folded in order they give the ticket's row. Lines without a ticket have a chain of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from helpdesk.store.chain import as_stored, link
from helpdesk.store.later import about
from helpdesk.store.schema import JOURNAL, SETTING
from helpdesk.store.statements import add_later, put

HEAD = "journal_head"
"""The setting that holds the newest hash of the lines without a ticket."""

_DESK_CHAIN_LOCK = 0x48454C53


@dataclass(frozen=True, slots=True)
class Journalled:
    """`by` is an address, `desk` or `clock`; `reasons` are the decision's, in order."""

    id: int
    ticket: int | None
    at: datetime
    event: str
    by: str
    reason: str
    reasons: tuple[str, ...]
    status_before: str | None
    status_after: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be written."""

    at: datetime
    event: str
    by: str
    reason: str
    reasons: tuple[str, ...] = ()
    status_before: str | None = None
    status_after: str | None = None


_OF_LINE = tuple(field.name for field in fields(Line))


def chained(
    number: int | None, head: str, lines: Sequence[Line], changes: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The rows of these lines, linked to the line whose hash is `head`; `changes`, as stored, go with the first."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        words = {name: getattr(line, name) for name in _OF_LINE}  # asdict would copy every word
        row = {"ticket": number, **words}
        changed = {} if rows else dict(changes)
        head = link(head, {**as_stored(JOURNAL, row), "changes": changed})
        rows.append({**row, "changes": changed, "hash": head})
    return rows


def append(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of `chained`, in the transaction that stores their last hash as the new head."""
    add_later(connection, JOURNAL, rows)


def write(connection: Connection, line: Line) -> str:
    """Add a line that belongs to no ticket; return its hash."""
    if connection.dialect.name == "postgresql":
        # two nodes must not link to the same line
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _DESK_CHAIN_LOCK})
    rows = chained(None, desk_head(connection), [line], {})
    append(connection, rows)
    put(connection, SETTING, [{"name": HEAD, "value": rows[-1]["hash"]}])
    return str(rows[-1]["hash"])


def desk_head(connection: Connection) -> str:
    """The hash of the newest line without a ticket; '' if there is none."""
    return connection.scalar(select(SETTING.c.value).where(SETTING.c.name == HEAD)) or ""


def count(connection: Connection, number: int, event: str, since: datetime) -> int:
    """How often this happened to the ticket after `since`."""
    return connection.scalar(_COUNT, {"number": number, "event": event, "since": since}) or 0


_COUNT = about(
    select(func.count()).where(
        JOURNAL.c.ticket == bindparam("number"),
        JOURNAL.c.event == bindparam("event"),
        JOURNAL.c.at > bindparam("since"),
    ),
    "number",
)


def of_ticket(connection: Connection, number: int) -> list[Journalled]:
    """The lines of the ticket in the order in which they were written."""
    columns = [JOURNAL.c[field.name] for field in fields(Journalled)]
    query = select(*columns).where(JOURNAL.c.ticket == number).order_by(JOURNAL.c.id)
    return [
        Journalled(**{**row._asdict(), "reasons": tuple(row.reasons)}) for row in connection.execute(query)
    ]
