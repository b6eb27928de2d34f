"""How customers behaved and what was decided about it; lines are only added, the latest decision stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from helpdesk.model.effects import NoteConduct
from helpdesk.model.people import folded
from helpdesk.store.schema import CONDUCT, TICKET
from helpdesk.store.tickets import is_customer

_KINDS = select(CONDUCT.c.kind).where(CONDUCT.c.address == bindparam("who")).order_by(CONDUCT.c.id)


def add(desk: Connection, note: NoteConduct, now: datetime) -> None:
    row = {"kind": note.kind, "by": note.by, "reason": note.reason, "ticket": note.ticket, "at": now}
    desk.execute(insert(CONDUCT).values(address=folded(note.address), **row))


def kinds(desk: Connection, address: str) -> list[str]:
    """What was noted about this customer since they were last unblocked, oldest first."""
    found = list(desk.scalars(_KINDS, {"who": folded(address)}))
    ends = [index for index, kind in enumerate(found) if kind == "unblock"]
    return found[ends[-1] + 1 :] if ends else found


def is_blocked(desk: Connection, address: str) -> bool:
    return "block" in kinds(desk, address)


def tickets_not_closed(desk: Connection, address: str) -> Sequence[int]:
    """Their numbers, in order."""
    query = select(TICKET.c.number).where(is_customer(address), TICKET.c.status != "closed")
    return desk.scalars(query.order_by(TICKET.c.number)).all()
