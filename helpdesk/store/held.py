"""Mails of staff that wait for their word: a reply from the registered address releases them, or takes their place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from helpdesk.store.schema import HELD
from helpdesk.store.statements import new_id

UNPROVEN = "unproven"
"""Nothing proves that this person wrote it."""
LINKS = "links"
"""An answer that holds nothing but links (PROCEDURE A5)."""


@dataclass(frozen=True, slots=True)
class HeldMail:
    """`person` is the registered address that the mail's From names; `state` waiting, released or dropped."""

    id: int
    spool_id: int
    person: str
    role: str
    ticket: int | None
    state: str
    at: datetime
    why: str


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
