"""Count a span of the desk's life, on one snapshot of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from helpdesk.decide import reporting
from helpdesk.model.people import Person
from helpdesk.model.report import Report
from helpdesk.store import reporting as counted


def report(
    desk: Connection, since: datetime, until: datetime, operators: Sequence[Person], zone: ZoneInfo
) -> Report:
    """The figures of [since, until); days are those of `zone`."""
    span = counted.Between(since, until)
    counting = count(desk, span, zone)
    around = counted.beside(desk, span, [person.address for person in operators])
    return reporting.report(since, until, counting, around, operators, zone)


def count(desk: Connection, span: counted.Span, zone: ZoneInfo) -> reporting.Counting:
    counting = reporting.Counting(counted.late_before(desk, span), zone)
    for step in counted.steps(desk, span):
        counting.add(step)
    return counting
