"""Count a span of the desk's life, on one snapshot of the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from helpdesk.decide import reporting
from helpdesk.flow.workshop import Workshop
from helpdesk.model.asked import ReportAsked
from helpdesk.model.people import Person
from helpdesk.model.report import Report
from helpdesk.render.report_files import files
from helpdesk.store import reporting as counted

_BEAT_EVERY = 2000


def _nobody() -> None:
    """Nobody watches this count's heart."""


def report(
    desk: Connection,
    since: datetime,
    until: datetime,
    operators: Sequence[Person],
    zone: ZoneInfo,
    beat: Callable[[], None] = _nobody,
) -> Report:
    """The figures of [since, until); days are those of `zone`."""
    span = counted.Between(since, until)
    counting = count(desk, span, zone, beat)
    around = counted.beside(desk, span, [person.address for person in operators])
    return reporting.report(since, until, counting, around, operators, zone)


def count(
    desk: Connection, span: counted.Span, zone: ZoneInfo, beat: Callable[[], None] = _nobody
) -> reporting.Counting:
    """The history of the span, folded; `beat` is called while that goes on."""
    counting = reporting.Counting(counted.late_before(desk, span), zone)
    for number, step in enumerate(counted.steps(desk, span)):
        counting.add(step)
        if number % _BEAT_EVERY == 0:
            beat()
    return counting


def look_up(shop: Workshop, desk: Connection, asked: ReportAsked) -> ReportAsked:
    """The wish for a report with its figures and the files that go with them."""
    rules = shop.policy

    def beat() -> None:
        """A long count is no hanging worker."""
        shop.beat(asked.spool_id)

    zone = rules.calendar.timezone
    figures = report(desk, asked.since, asked.until, rules.operators, zone, beat)
    return replace(asked, figures=figures, files=files(figures, rules.language))
