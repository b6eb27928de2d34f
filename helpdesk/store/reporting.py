"""What reports are counted from: the lines of history of a span, by the index on (event, at), one at a time.

The span is one of time, or all lines after one that was told already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from helpdesk.model.report import Beside, Step
from helpdesk.model.ticket import Status
from helpdesk.store.schema import CARD, JOURNAL, PROMISE, TICKET, TURN

EVENTS = ("created", "split", "customer_wrote", "reopened", "answered", "solved", "breached", "rated")
_ANSWERS = ("answered", "solved")
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Since:
    """All lines after the one with this id."""

    line: int


@dataclass(frozen=True, slots=True)
class Between:
    """All lines written in [since, until)."""

    since: datetime
    until: datetime


Span = Since | Between


def steps(connection: Connection, span: Span) -> Iterator[Step]:
    """The lines that a report counts, oldest first."""
    holder = (
        select(TURN.c.operator)
        .where(TURN.c.ticket == JOURNAL.c.ticket, TURN.c.at < JOURNAL.c.at)
        .order_by(TURN.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            JOURNAL.c.ticket,
            JOURNAL.c.at,
            JOURNAL.c.event,
            JOURNAL.c.by,
            JOURNAL.c.status_before,
            JOURNAL.c.status_after,
            TICKET.c.created_at,
            TICKET.c.first_response_at,
            TICKET.c.operator,
            TICKET.c.rating_score,
            case((JOURNAL.c.event == "breached", holder)).label("late"),
        )
        .join(TICKET, TICKET.c.number == JOURNAL.c.ticket)
        .where(JOURNAL.c.event.in_(EVENTS), _within(span))
        .order_by(JOURNAL.c.id)
    )
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield _step(*row)


def late_before(connection: Connection, span: Span) -> set[int]:
    """Tickets that waited for an answer too late already when the span began."""
    later = JOURNAL.alias()
    answered = (
        select(later.c.id)
        .where(later.c.ticket == JOURNAL.c.ticket, later.c.event.in_(_ANSWERS), later.c.id > JOURNAL.c.id)
        .where(_before(span, later))
        .exists()
    )
    query = select(JOURNAL.c.ticket).where(JOURNAL.c.event == "breached", _before(span, JOURNAL), ~answered)
    return set(connection.scalars(query))


def beside(connection: Connection, span: Between, operators: Sequence[str]) -> Beside:
    """Turns of these operators (registered addresses), everybody's cards, and how promises ended."""
    promises = _counted(connection, PROMISE.c.state, PROMISE.c.settled_at, span)
    open_now = connection.scalar(select(func.count()).where(PROMISE.c.state == "open")) or 0
    known = TURN.c.operator.in_([address.lower() for address in operators])
    return Beside(
        turns=_counted(connection, TURN.c.operator, TURN.c.at, span, known),
        cards=_counted(connection, CARD.c.operator, CARD.c.at, span),
        promises={**promises, "open": open_now},
    )


def _counted(
    connection: Connection,
    what: ColumnElement[Any],
    at: ColumnElement[Any],
    span: Between,
    *conditions: ColumnElement[bool],
) -> dict[str, int]:
    query = select(what, func.count()).where(at >= span.since, at < span.until, *conditions)
    return {row[0]: row[1] for row in connection.execute(query.group_by(what))}


def _within(span: Span) -> ColumnElement[bool]:
    if isinstance(span, Since):
        return JOURNAL.c.id > span.line
    return and_(JOURNAL.c.at >= span.since, JOURNAL.c.at < span.until)


def _before(span: Span, lines: Any) -> ColumnElement[bool]:
    before: ColumnElement[bool] = (
        lines.c.id <= span.line if isinstance(span, Since) else lines.c.at < span.since
    )
    return before


def _step(ticket: int, at: datetime, event: str, by: str, *rest: Any) -> Step:
    before, after, created_at, first_response_at, operator, score, late = rest
    return Step(
        ticket=ticket,
        at=at,
        event=event,
        by=by,
        before=Status(before) if before else None,
        after=Status(after) if after else None,
        created_at=created_at,
        first_response_at=first_response_at,
        operator=operator,
        score=score,
        late=late,
    )
