"""Who is away, until when and why; nobody needs to bring them back, the date does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, insert, or_, select, update

from helpdesk.model.effects import EndAbsence, StartAbsence
from helpdesk.store.schema import ABSENCE

_STANDING = and_(
    ABSENCE.c.ended_at.is_(None), or_(ABSENCE.c.until.is_(None), ABSENCE.c.until > bindparam("now"))
)
ANYBODY = exists().where(_STANDING)
"""Is anybody away at `now`?"""
_ALL = (
    select(ABSENCE.c.operator, ABSENCE.c.since, ABSENCE.c.until, ABSENCE.c.why)
    .where(_STANDING)
    .order_by(ABSENCE.c.since, ABSENCE.c.id)
)
_END = update(ABSENCE).where(ABSENCE.c.operator == bindparam("who"), _STANDING)


@dataclass(frozen=True, slots=True)
class Absence:
    """`until` None: until they say that they are back."""

    since: datetime
    until: datetime | None
    why: str


def start(connection: Connection, absence: StartAbsence, now: datetime) -> None:
    """The operator is away from now on; it takes the place of what stood before."""
    end(connection, EndAbsence(absence.operator), now)
    who = absence.operator.lower()
    row = {"operator": who, "since": now, "until": absence.until, "why": absence.why}
    connection.execute(insert(ABSENCE), row)


def end(connection: Connection, absence: EndAbsence, now: datetime) -> None:
    """The operator is back, if they were away."""
    connection.execute(_END, {"who": absence.operator.lower(), "now": now, "ended_at": now})


def standing(connection: Connection, now: datetime) -> dict[str, Absence]:
    """Who is away at this instant, by registered address; the newest word of each counts."""
    rows = connection.execute(_ALL, {"now": now})
    return {row.operator: Absence(row.since, row.until, row.why) for row in rows}
