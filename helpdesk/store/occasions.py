"""What is done once, whatever happens: a row is the proof, stored in the transaction that does it.

The daily report also remembers how far it has told: rows, not times, so that a clock that jumps can neither
hide a mail from it nor tell one twice.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from helpdesk.store import accounts
from helpdesk.store.letters import counts
from helpdesk.store.schema import JOURNAL, OCCASION, SETTING
from helpdesk.store.statements import insert_unless_there, put

_TOLD = "daily_report"


@dataclass(frozen=True, slots=True)
class Told:
    """The last daily report: for which day, when, and up to which rows and totals."""

    day: date
    at: datetime
    inbox: int
    line: int
    card: int
    sent: int
    failed: int


def first_time(connection: Connection, name: str, now: datetime) -> bool:
    """Is this the first time? Then it is so no more, from the end of this transaction on, for every node."""
    return insert_unless_there(connection, OCCASION, {"name": name, "at": now})


def told(connection: Connection) -> Told | None:
    """The last daily report; None before the first."""
    value = connection.scalar(select(SETTING.c.value).where(SETTING.c.name == _TOLD))
    if value is None:
        return None
    facts = json.loads(value)
    times = {"day": date.fromisoformat(facts["day"]), "at": datetime.fromisoformat(facts["at"])}
    return Told(**{**facts, **times})


def remember(connection: Connection, told: Told) -> None:
    facts = {**asdict(told), "day": told.day.isoformat(), "at": told.at.isoformat()}
    put(connection, SETTING, [{"name": _TOLD, "value": json.dumps(facts)}])


def as_of_now(desk: Connection, spool: Connection, day: date, now: datetime) -> Told:
    """How far a report for `day` tells if it is written now."""
    letters = counts(desk)
    return Told(
        day=day,
        at=now,
        inbox=accounts.newest_id(spool),
        line=desk.scalar(select(func.max(JOURNAL.c.id))) or 0,
        card=accounts.newest_card(desk),
        sent=letters["sent"],
        failed=letters["failed"],
    )
