"""Mails of staff that wait for their word: a reply from the registered address releases them, or takes their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from helpdesk.store.schema import HELD
from helpdesk.store.statements import new_id

UNPROVEN = "unproven"
"""Nothing proves that this person wrote it."""
LINKS = "links"
"""An answer that holds nothing but links (PROCEDURE A5)."""


@dataclass(frozen=True, slots=True)
class HeldMail:
    """`person` is the registered address that the mail's From names; `state` waiting, released or dropped.

    `asked_at` is None while its person has not been asked.
    """

    id: int
    spool_id: int
    person: str
    role: str
    ticket: int | None
    state: str
    at: datetime
    why: str
    asked_at: datetime | None = None


def hold(
    connection: Connection,
    spool_id: int,
    person: str,
    role: str,
    ticket: int | None,
    now: datetime,
    why: str = UNPROVEN,
) -> int:
    row = {"spool_id": spool_id, "person": person, "role": role, "ticket": ticket, "at": now, "why": why}
    return new_id(connection.execute(insert(HELD).values(state="waiting", **row)))


def load(connection: Connection, held_id: int) -> HeldMail | None:
    row = connection.execute(select(HELD).where(HELD.c.id == held_id)).first()
    return None if row is None else HeldMail(**row._asdict())


def settle(connection: Connection, held_id: int, state: str) -> bool:
    """Release or drop a waiting mail; False if it does not wait (any more): it takes effect once."""
    waiting = update(HELD).where(HELD.c.id == held_id, HELD.c.state == "waiting")
    return connection.execute(waiting.values(state=state)).rowcount == 1


def _unproven(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return HELD.c.state == "waiting", HELD.c.why == UNPROVEN, HELD.c.at >= since


def waiting_of(connection: Connection, person: str, since: datetime) -> list[HeldMail]:
    """What of this person's has come since then and waits, oldest first."""
    theirs = select(HELD).where(*_unproven(since), HELD.c.person == person)
    return [HeldMail(**row._asdict()) for row in connection.execute(theirs.order_by(HELD.c.id))]


def unasked(connection: Connection, since: datetime) -> list[str]:
    """The persons with mail that waits to be asked about."""
    silent = select(HELD.c.person).where(*_unproven(since), HELD.c.asked_at.is_(None))
    return sorted(set(connection.scalars(silent)))


def ask(connection: Connection, held_id: int, now: datetime) -> bool:
    """Its person is asked now; False if they were already, by another node perhaps."""
    silent = update(HELD).where(HELD.c.id == held_id, HELD.c.asked_at.is_(None), HELD.c.state == "waiting")
    return connection.execute(silent.values(asked_at=now)).rowcount == 1
