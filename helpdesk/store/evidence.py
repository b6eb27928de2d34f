"""What the desk can say about a missed deadline: letters to the operator since it began, and their absences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, or_, select

from helpdesk.model.affairs import Evidence, Sent
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience
from helpdesk.store import downtimes
from helpdesk.store.schema import ABSENCE, JOURNAL, OUTBOX, OUTBOX_RECIPIENT

_SENT = (
    select(OUTBOX.c.letter, OUTBOX.c.created_at, OUTBOX.c.last_error, OUTBOX_RECIPIENT)
    .join(OUTBOX_RECIPIENT, OUTBOX_RECIPIENT.c.letter_id == OUTBOX.c.id)
    .where(
        OUTBOX.c.ticket == bindparam("its_ticket"),
        OUTBOX.c.audience == str(Audience.OPERATOR),
        OUTBOX.c.created_at >= bindparam("since"),
        OUTBOX_RECIPIENT.c.recipient == bindparam("operator"),
    )
    .order_by(OUTBOX.c.id)
)
_OVER = or_(
    and_(ABSENCE.c.ended_at.is_not(None), ABSENCE.c.ended_at <= bindparam("begin")),
    and_(ABSENCE.c.until.is_not(None), ABSENCE.c.until <= bindparam("begin")),
)
_AWAY = (
    select(ABSENCE.c.since, ABSENCE.c.until, ABSENCE.c.ended_at)
    .where(ABSENCE.c.operator == bindparam("its_operator"), ABSENCE.c.since < bindparam("end"), ~_OVER)
    .order_by(ABSENCE.c.since)
)
_HELD = (
    select(JOURNAL.c.reason)
    .where(JOURNAL.c.ticket == bindparam("its_ticket"), JOURNAL.c.event == "put_on_hold")
    .order_by(JOURNAL.c.id.desc())
    .limit(1)
)


def of_operator(
    connection: Connection, number: int, operator: str, since: datetime, until: datetime
) -> Evidence:
    """All that bears on whether `operator` (registered address) could have answered between the two."""
    return Evidence(
        sent=_sent(connection, number, operator.lower(), since),
        away=_away(connection, operator.lower(), since, until),
        down=downtimes.between(connection, since, until),
    )


def reason_for_hold(connection: Connection, number: int) -> str:
    """The latest line of the history that says why the ticket was put on hold."""
    return connection.scalar(_HELD, {"its_ticket": number}) or ""


def _sent(connection: Connection, number: int, operator: str, since: datetime) -> tuple[Sent, ...]:
    asked = {"its_ticket": number, "operator": operator, "since": since}
    return tuple(map(_letter, connection.execute(_SENT, asked)))


def _letter(row: Row[Any]) -> Sent:
    if row.state == "accepted":
        return Sent(row.letter, row.created_at, delivered_at=row.settled_at)
    trouble = row.reply if row.state in ("refused", "gave_up") else row.last_error
    return Sent(row.letter, row.created_at, trouble=trouble or because("still_on_its_way"))


def _away(
    connection: Connection, operator: str, since: datetime, until: datetime
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Absences that reach into the time between the two; one ends with its day or when they said so."""
    asked = {"its_operator": operator, "begin": since, "end": until}
    return tuple(
        (row.since, min((end for end in (row.until, row.ended_at) if end), default=None))
        for row in connection.execute(_AWAY, asked)
    )
