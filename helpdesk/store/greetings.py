"""Automatic letters that customers' own mail caused, counted so that the desk is no cannon for spam (F13, T7).

On a server whoever counts holds the domain, and near the cap of all also that one name, until the transaction
ends: two nodes that count at the same instant never write one letter too many.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select

from helpdesk.model.alarms import Flood
from helpdesk.model.effects import ONE_A_DAY, Greet
from helpdesk.model.events import Greetings
from helpdesk.store.holding import hold
from helpdesk.store.schema import GREETING

_NOT_OF_ITS_OWN = "assigned"
"""The letter that comes with an acknowledgement: one occasion, two letters."""

_NEAR = 100
"""More than there are nodes: so many letters may be under way that a count does not see yet."""

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_WRITTEN = GREETING.c.withheld == ""


def add(desk: Connection, greet: Greet, now: datetime) -> None:
    domain = greet.address.partition("@")[2]
    row = {"address": greet.address, "domain": domain, "letter": greet.letter, "at": now}
    desk.execute(insert(GREETING).values(verified=greet.verified, withheld=greet.withheld, **row))


def count(desk: Connection, address: str, letter: str, cap: int, now: datetime) -> Greetings:
    """What has been written so far: this letter to the address, any to its domain, `cap` is that of all in an hour."""
    domain = address.partition("@")[2]
    hold(desk, [f"greetings to {domain}"])
    in_all = _count(desk, GREETING.c.at > now - _HOUR)
    if in_all >= cap - _NEAR:
        hold(desk, ["greetings"])
        in_all = _count(desk, GREETING.c.at > now - _HOUR)
    of_its_own = GREETING.c.letter != _NOT_OF_ITS_OWN
    to_them = (GREETING.c.address == address, GREETING.c.letter == letter)
    return Greetings(
        of_day=_count(desk, *to_them, GREETING.c.at > now - _DAY),
        of_hour=_count(desk, *to_them, GREETING.c.at > now - _HOUR),
        of_domain=_count(desk, GREETING.c.domain == domain, GREETING.c.at > now - _HOUR, of_its_own),
        in_all=in_all,
    )


def flood(desk: Connection, now: datetime) -> Flood | None:
    """What was not written in the last hour but for the everyday cap; None if nothing was."""
    unusual = (
        GREETING.c.at > now - _HOUR,
        GREETING.c.withheld != "",
        GREETING.c.withheld.not_like(f"{ONE_A_DAY}%"),
    )
    number, first = desk.execute(select(func.count(), func.min(GREETING.c.id)).where(*unusual)).one()
    if not number:
        return None
    row = desk.execute(select(GREETING.c.at, GREETING.c.withheld).where(GREETING.c.id == first)).one()
    return Flood(number, row.at, row.withheld)


def _count(desk: Connection, *conditions: object) -> int:
    return desk.scalar(select(func.count()).select_from(GREETING).where(_WRITTEN, *conditions)) or 0  # type: ignore[arg-type]
