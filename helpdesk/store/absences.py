"""Who is away, until when and why; nobody needs to bring them back, the date does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from helpdesk.model.effects import EndAbsence, StartAbsence
from helpdesk.store.schema import ABSENCE


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
    connection.execute(insert(ABSENCE).values(row))


def end(connection: Connection, absence: EndAbsence, now: datetime) -> None:
    """The operator is back, if they were away."""
    theirs = update(ABSENCE).where(ABSENCE.c.operator == absence.operator.lower(), _standing(now))
    connection.execute(theirs.values(ended_at=now))


def standing(connection: Connection, now: datetime) -> dict[str, Absence]:
    """Who is away at this instant, by registered address; the newest word of each counts."""
    query = select(ABSENCE.c.operator, ABSENCE.c.since, ABSENCE.c.until, ABSENCE.c.why)
    rows = connection.execute(query.where(_standing(now)).order_by(ABSENCE.c.since, ABSENCE.c.id))
    return {row.operator: Absence(row.since, row.until, row.why) for row in rows}


def _standing(now: datetime) -> ColumnElement[bool]:
    not_over = or_(ABSENCE.c.until.is_(None), ABSENCE.c.until > now)
    return and_(ABSENCE.c.ended_at.is_(None), not_over)
