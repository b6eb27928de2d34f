"""When the desk was down: its worker shows that it lives, and a gap in that is kept as a row of `occasion`.

A worker that cannot be woken is down, too, whatever the front does: nobody reads what is answered. Where several
nodes work on one desk, it is down when none of them works.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from helpdesk.store.schema import OCCASION, SETTING
from helpdesk.store.statements import insert_unless_there, put

_SIGN = "sign_of_life"
_DOWN = "desk_down "
_LAST = select(SETTING.c.value).where(SETTING.c.name == _SIGN)
_ENDED_LATER = (
    select(OCCASION.c.name, OCCASION.c.at)
    .where(OCCASION.c.name.like(f"{_DOWN}%"), OCCASION.c.at > bindparam("since"))
    .order_by(OCCASION.c.at)
)


def show(desk: Connection, now: datetime) -> None:
    """The desk works at this instant."""
    put(desk, SETTING, [{"name": _SIGN, "value": now.isoformat()}])


def last_sign(desk: Connection) -> datetime | None:
    """When it was last known to work; None before the first time."""
    value = desk.scalar(_LAST)
    return None if value is None else datetime.fromisoformat(value)


def add(desk: Connection, since: datetime, until: datetime) -> None:
    """It was down between the two; `since` is its last sign of life."""
    insert_unless_there(desk, OCCASION, {"name": f"{_DOWN}{since.isoformat()}", "at": until})


def between(desk: Connection, since: datetime, until: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The downtimes that reach into the time between the two, whole, oldest first."""
    rows = desk.execute(_ENDED_LATER, {"since": since})
    found = ((datetime.fromisoformat(row.name.removeprefix(_DOWN)), row.at) for row in rows)
    return tuple((began, ended) for began, ended in found if began < until)
