"""The history of a ticket: what happened, by whom, why. Lines are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from helpdesk.store.schema import JOURNAL


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


def write(
    connection: Connection,
    number: int | None,
    at: datetime,
    event: str,
    by: str,
    reason: str,
    reasons: Sequence[str],
    status_before: str | None,
    status_after: str | None,
) -> None:
    row = {"ticket": number, "at": at, "event": event, "by": by, "reason": reason, "reasons": tuple(reasons)}
    connection.execute(insert(JOURNAL).values(row | _states(status_before, status_after)))


def _states(before: str | None, after: str | None) -> dict[str, str | None]:
    return {"status_before": before, "status_after": after}


def of_ticket(connection: Connection, number: int) -> list[Journalled]:
    """The lines of the ticket in the order in which they were written."""
    query = select(JOURNAL).where(JOURNAL.c.ticket == number).order_by(JOURNAL.c.id)
    return [
        Journalled(**{**row._asdict(), "reasons": tuple(row.reasons)}) for row in connection.execute(query)
    ]
