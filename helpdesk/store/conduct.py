"""How customers behaved and what was decided about it; lines are only added, the latest decision stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from helpdesk.model.effects import NoteConduct
from helpdesk.model.people import folded
from helpdesk.store.among import among, one_of
from helpdesk.store.columns import as_key
from helpdesk.store.foreseen import foreseen, keep
from helpdesk.store.schema import CONDUCT, TICKET
from helpdesk.store.tickets import is_customer

_OF_ADDRESS = select(CONDUCT.c.kind).where(CONDUCT.c.address == bindparam("who"))
_KINDS = _OF_ADDRESS.order_by(CONDUCT.c.id)
_DECIDES = one_of(CONDUCT.c.kind, "block", "unblock")
_LATEST = _OF_ADDRESS.where(_DECIDES).order_by(CONDUCT.c.id.desc()).limit(1)
_OF_ALL = (
    select(CONDUCT.c.address, CONDUCT.c.kind)
    .where(among(CONDUCT.c.address, "who"), _DECIDES)
    .order_by(CONDUCT.c.id)
)


class _Known(dict[str, bool]):
    """Who is blocked, of all that were asked for."""


def add(desk: Connection, note: NoteConduct, now: datetime) -> None:
    row = {"kind": note.kind, "by": note.by, "reason": note.reason, "ticket": note.ticket, "at": now}
    desk.execute(insert(CONDUCT).values(address=folded(note.address), **row))


def kinds(desk: Connection, address: str) -> list[str]:
    """What was noted about this customer since they were last unblocked, oldest first."""
    found = list(desk.scalars(_KINDS, {"who": folded(address)}))
    ends = [index for index, kind in enumerate(found) if kind == "unblock"]
    return found[ends[-1] + 1 :] if ends else found


def is_blocked(desk: Connection, address: str) -> bool:
    who, known = folded(address), foreseen(desk, _Known)
    if known and (name := as_key(who)) in known:
        return known[name]
    return desk.scalar(_LATEST, {"who": who}) == "block"


def foresee(desk: Connection, addresses: Iterable[str]) -> None:
    """Ask for all of a batch at once who is blocked."""
    who = {folded(address) for address in addresses}
    known = _Known(dict.fromkeys(map(as_key, who), False))
    for address, kind in desk.execute(_OF_ALL, {"who": who}):
        known[address] = kind == "block"
    keep(desk, known, [CONDUCT])


def tickets_not_closed(desk: Connection, address: str) -> Sequence[int]:
    """Their numbers, in order."""
    query = select(TICKET.c.number).where(is_customer(address), TICKET.c.status != "closed")
    return desk.scalars(query.order_by(TICKET.c.number)).all()
