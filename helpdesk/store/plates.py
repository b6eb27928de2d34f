"""The open tickets of operators with what falls due on them, for the digest of the morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from helpdesk.model.plates import OnPlate
from helpdesk.model.ticket import Status
from helpdesk.store.schema import DEADLINE, JOURNAL, PROMISE, TICKET

_OPEN = (Status.OPEN, Status.PENDING, Status.ON_HOLD)
_ANSWERS = ("first_response", "next_response")
_HOLD = ("hold",)


def plates(connection: Connection, operators: Sequence[str]) -> list[OnPlate]:
    """The open tickets of these operators (registered addresses), oldest first."""
    if not operators:
        return []
    late = (
        select(JOURNAL.c.id)
        .where(JOURNAL.c.ticket == TICKET.c.number, JOURNAL.c.event == "breached")
        .where(or_(TICKET.c.answered_at.is_(None), JOURNAL.c.at > TICKET.c.answered_at))
        .exists()
    )
    promised = (
        select(func.min(PROMISE.c.due_at))
        .where(PROMISE.c.ticket == TICKET.c.number, PROMISE.c.state == "open")
        .scalar_subquery()
    )
    query = (
        select(
            TICKET, and_(TICKET.c.status == str(Status.OPEN), late).label("late"), promised.label("promised")
        )
        .where(TICKET.c.operator.in_(operators), TICKET.c.status.in_(_OPEN))
        .order_by(TICKET.c.number)
    )
    rows = connection.execute(query).all()
    numbers = [row.number for row in rows]
    due, back = _earliest(connection, numbers, _ANSWERS), _earliest(connection, numbers, _HOLD)
    return [
        OnPlate(
            operator=row.operator.lower(),
            number=row.number,
            subject=row.subject,
            customer=row.customer_name or row.customer_address,
            status=Status(row.status),
            tags=tuple(row.tags),
            created_at=row.created_at,
            due_at=due.get(row.number),
            late=bool(row.late),
            back_at=back.get(row.number),
            promised_at=row.promised,
        )
        for row in rows
    ]


def _earliest(connection: Connection, numbers: Sequence[int], kinds: Sequence[str]) -> dict[int, datetime]:
    query = select(DEADLINE.c.ticket, func.min(DEADLINE.c.due_at)).group_by(DEADLINE.c.ticket)
    wanted = query.where(DEADLINE.c.ticket.in_(numbers), DEADLINE.c.kind.in_(kinds))
    return {row[0]: row[1] for row in connection.execute(wanted)}
