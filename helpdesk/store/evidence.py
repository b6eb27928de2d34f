"""What the desk can say about a missed deadline: letters to the operator since it began, and their absences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, or_, select

from helpdesk.model.affairs import Evidence, Sent
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience
from helpdesk.store import downtimes
from helpdesk.store.among import among
from helpdesk.store.schema import ABSENCE, JOURNAL, OUTBOX, OUTBOX_RECIPIENT

_SENT = (
    select(
        OUTBOX.c.ticket,
        OUTBOX.c.letter,
        OUTBOX.c.created_at,
        OUTBOX.c.last_error,
        OUTBOX_RECIPIENT.c.recipient,
        OUTBOX_RECIPIENT.c.state,
        OUTBOX_RECIPIENT.c.reply,
        OUTBOX_RECIPIENT.c.settled_at,
    )
    .join(OUTBOX_RECIPIENT, OUTBOX_RECIPIENT.c.letter_id == OUTBOX.c.id)
    .where(
        among(OUTBOX.c.ticket, "tickets"),
        OUTBOX.c.audience == str(Audience.OPERATOR),
        OUTBOX.c.created_at >= bindparam("since"),
    )
    .order_by(OUTBOX.c.id)
)
_OVER = or_(
    and_(ABSENCE.c.ended_at.is_not(None), ABSENCE.c.ended_at <= bindparam("begin")),
    and_(ABSENCE.c.until.is_not(None), ABSENCE.c.until <= bindparam("begin")),
)
_AWAY = (
    select(ABSENCE.c.operator, ABSENCE.c.since, ABSENCE.c.until, ABSENCE.c.ended_at)
    .where(
        ABSENCE.c.operator.in_(bindparam("operators", expanding=True)),
        ABSENCE.c.since < bindparam("end"),
        ~_OVER,
    )
    .order_by(ABSENCE.c.since)
)
_HELD = (
    select(JOURNAL.c.reason)
    .where(JOURNAL.c.ticket == bindparam("its_ticket"), JOURNAL.c.event == "put_on_hold")
    .order_by(JOURNAL.c.id.desc())
    .limit(1)
)


class Late(NamedTuple):
    """An operator (registered address) who has not answered on the ticket since then."""

    number: int
    operator: str
    since: datetime


def of_operators(connection: Connection, late: Sequence[Late], until: datetime) -> list[Evidence]:
    """For each of them all that bears on whether they could have answered until then."""
    if not late:
        return []
    begin = min(one.since for one in late)
    sent: Sequence[Any] = connection.execute(
        _SENT, {"tickets": [one.number for one in late], "since": begin}
    ).all()
    operators = {one.operator.lower() for one in late}
    away: Sequence[Any] = connection.execute(
        _AWAY, {"operators": list(operators), "begin": begin, "end": until}
    ).all()
    down = downtimes.between(connection, begin, until)
    return [
        Evidence(
            sent=tuple(_letter(row) for row in sent if _is_to(row, one)),
            away=tuple(found for row in away if (found := _absence(row, one))),
            down=tuple(found for found in down if found[1] > one.since),
        )
        for one in late
    ]


def reason_for_hold(connection: Connection, number: int) -> str:
    """The latest line of the history that says why the ticket was put on hold."""
    return connection.scalar(_HELD, {"its_ticket": number}) or ""


def _is_to(row: Row[Any], late: Late) -> bool:
    to = (row.ticket, row.recipient) == (late.number, late.operator.lower())
    return to and row.created_at >= late.since


def _letter(row: Row[Any]) -> Sent:
    if row.state == "accepted":
        return Sent(row.letter, row.created_at, delivered_at=row.settled_at)
    trouble = row.reply if row.state in ("refused", "gave_up") else row.last_error
    return Sent(row.letter, row.created_at, trouble=trouble or because("still_on_its_way"))


def _absence(row: Row[Any], late: Late) -> tuple[datetime, datetime | None] | None:
    """If it reaches into their time; it ends with its day or when they said so."""
    end = min((end for end in (row.until, row.ended_at) if end), default=None)
    if row.operator != late.operator.lower() or (end and end <= late.since):
        return None
    return row.since, end
