"""How customers behaved and what was decided about it; lines are only added, the latest decision stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from helpdesk.model.effects import NoteConduct
from helpdesk.model.people import folded
from helpdesk.store.among import one_of
from helpdesk.store.schema import CONDUCT, HANDLED, TICKET
from helpdesk.store.tickets import is_customer

_OF_ADDRESS = select(CONDUCT.c.kind).where(CONDUCT.c.address == bindparam("who"))
_KINDS = _OF_ADDRESS.order_by(CONDUCT.c.id)
_MAILS = select(func.count()).where(
    HANDLED.c.sender == bindparam("from"), HANDLED.c.at >= bindparam("since"), HANDLED.c.state != "taken"
)
_LATEST = _OF_ADDRESS.where(one_of(CONDUCT.c.kind, "block", "unblock")).order_by(CONDUCT.c.id.desc()).limit(1)
_OF_WRITER = select(_MAILS.scalar_subquery(), _LATEST.scalar_subquery())


def add(desk: Connection, note: NoteConduct, now: datetime) -> None:
    row = {"kind": note.kind, "by": note.by, "reason": note.reason, "ticket": note.ticket, "at": now}
    desk.execute(insert(CONDUCT).values(address=folded(note.address), **row))


def kinds(desk: Connection, address: str) -> list[str]:
    """What was noted about this customer since they were last unblocked, oldest first."""
    found = list(desk.scalars(_KINDS, {"who": folded(address)}))
    ends = [index for index, kind in enumerate(found) if kind == "unblock"]
    return found[ends[-1] + 1 :] if ends else found


def of_writer(desk: Connection, address: str, since: datetime) -> tuple[int, bool]:
    """How many mails of this address were finished at `since` or later, and whether it is blocked."""
    asked = {"from": address.lower(), "since": since, "who": folded(address)}
    number, latest = desk.execute(_OF_WRITER, asked).one()
    return number, latest == "block"


def tickets_not_closed(desk: Connection, address: str) -> Sequence[int]:
    """Their numbers, in order."""
    query = select(TICKET.c.number).where(is_customer(address), TICKET.c.status != "closed")
    return desk.scalars(query.order_by(TICKET.c.number)).all()
