"""What the desk can say about a missed deadline: letters to the operator since it began, and their absences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from helpdesk.model.affairs import Evidence, Sent
from helpdesk.model.signing import Audience
from helpdesk.store.schema import ABSENCE, JOURNAL, OUTBOX, OUTBOX_RECIPIENT


def of_operator(
    connection: Connection, number: int, operator: str, since: datetime, until: datetime
) -> Evidence:
    """All that bears on whether `operator` (registered address) could have answered between the two."""
    return Evidence(
        sent=_sent(connection, number, operator.lower(), since),
        away=_away(connection, operator.lower(), since, until),
    )


def reason_for_hold(connection: Connection, number: int) -> str:
    """The latest line of the history that says why the ticket was put on hold."""
    held = select(JOURNAL.c.reason).where(JOURNAL.c.ticket == number, JOURNAL.c.event == "put_on_hold")
    return connection.scalar(held.order_by(JOURNAL.c.id.desc()).limit(1)) or ""


def _sent(connection: Connection, number: int, operator: str, since: datetime) -> tuple[Sent, ...]:
    query = (
        select(OUTBOX.c.letter, OUTBOX.c.created_at, OUTBOX.c.last_error, OUTBOX_RECIPIENT)
        .join(OUTBOX_RECIPIENT, OUTBOX_RECIPIENT.c.letter_id == OUTBOX.c.id)
        .where(
            OUTBOX.c.ticket == number,
            OUTBOX.c.audience == str(Audience.OPERATOR),
            OUTBOX.c.created_at >= since,
            OUTBOX_RECIPIENT.c.recipient == operator,
        )
        .order_by(OUTBOX.c.id)
    )
    return tuple(map(_letter, connection.execute(query)))


def _letter(row: Row[Any]) -> Sent:
    if row.state == "accepted":
        return Sent(row.letter, row.created_at, delivered_at=row.settled_at)
    trouble = row.reply if row.state in ("refused", "gave_up") else row.last_error
    return Sent(row.letter, row.created_at, trouble=trouble or "still on its way")


def _away(
    connection: Connection, operator: str, since: datetime, until: datetime
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Absences that reach into the time between the two; one ends with its day or when they said so."""
    over = or_(
        and_(ABSENCE.c.ended_at.is_not(None), ABSENCE.c.ended_at <= since),
        and_(ABSENCE.c.until.is_not(None), ABSENCE.c.until <= since),
    )
    query = select(ABSENCE.c.since, ABSENCE.c.until, ABSENCE.c.ended_at).where(
        ABSENCE.c.operator == operator, ABSENCE.c.since < until, ~over
    )
    return tuple(
        (row.since, min((end for end in (row.until, row.ended_at) if end), default=None))
        for row in connection.execute(query.order_by(ABSENCE.c.since))
    )
