"""Deadlines where clocks are set, years end and days are missing (MAIL_RULES 5.5): four zones that set them both ways,
and one that has left a day out.

A desk is asked just before the trouble and lives through it. Each reminder comes exactly once, at the instant
that a calendar of single minutes gives; stepping the desk's clock back and forth changes nothing of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.model.policy import Sla, WorkCalendar
from helpdesk.model.ticket import Clock, DeadlineKind
from helpdesk.testing.desk import Desk, policy

MINUTE = timedelta(minutes=1)
TROUBLES = {
    "Berlin, clocks forward": ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    "Berlin, clocks back": ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "New York, clocks forward": ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    "New York, clocks back": ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    "Lord Howe, half an hour forward": ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    "Lord Howe, half an hour back": ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    "Chatham, clocks forward": ("Pacific/Chatham", datetime(2026, 9, 26, 14, tzinfo=UTC)),
    "Chatham, clocks back": ("Pacific/Chatham", datetime(2026, 4, 4, 14, tzinfo=UTC)),
    "Apia, a day that never was": ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    "Apia, year end": ("Pacific/Apia", datetime(2026, 12, 31, 11, tzinfo=UTC)),
    "Berlin, year end": ("Europe/Berlin", datetime(2026, 12, 31, 23, tzinfo=UTC)),
    "New York, leap day": ("America/New_York", datetime(2028, 2, 29, 5, tzinfo=UTC)),
    "Berlin, after the leap day": ("Europe/Berlin", datetime(2028, 2, 29, 23, tzinfo=UTC)),
}
starts = st.integers(-48 * 60, 6 * 60)
ZONES_THAT_CHANGE = {zone for name, (zone, _) in TROUBLES.items() if name.endswith(("forward", "back"))}
steps = st.lists(st.sampled_from([-7200, -3600, -1800, 1800, 3600, 7200, 86400]), max_size=3)


@contextmanager
def desk_in(zone: str, now: datetime, clock: Clock) -> Iterator[Desk]:
    """Every day is a working day, so that the trouble itself lies in counted time."""
    calendar = WorkCalendar(ZoneInfo(zone), frozenset(range(7)), holidays=frozenset({date(2027, 1, 1)}))
    rules = policy(calendar=calendar)
    with TemporaryDirectory() as folder:
        desk = Desk(Path(folder), replace(rules, sla=replace(rules.sla, clock=clock)), now)
        yield desk
        desk.close()


def counted(zone: str, clock: Clock, calendar: WorkCalendar, moment: datetime) -> bool:
    """Does this minute count? Looked up on the wall, minute by minute."""
    wall = moment.astimezone(ZoneInfo(zone))
    if clock is Clock.CALENDAR:
        return True
    works = wall.weekday() in calendar.working_days and wall.date() not in calendar.holidays
    return works and (clock is Clock.WORKING_DAYS or calendar.opens <= wall.time() < calendar.closes)


def after(desk: Desk, start: datetime, amount: timedelta) -> datetime:
    """The instant at which so many minutes have counted."""
    sla, calendar, moment = desk.policy.sla, desk.policy.calendar, start
    while amount > timedelta():
        if counted(str(calendar.timezone), sla.clock, calendar, moment):
            amount -= MINUTE
        moment += MINUTE
    return moment


def expected(desk: Desk, start: datetime) -> list[datetime]:
    sla: Sla = desk.policy.sla
    return [after(desk, start, sla.first_response * fraction) for fraction in sla.remind_at]


def reminded(desk: Desk) -> list[datetime]:
    """When the ticket's operator was reminded, before it was given to somebody else."""
    lines = desk.lines()
    end = next((n for n, line in enumerate(lines) if line.event == "breached"), len(lines))
    return [line.at for line in lines[:end] if line.event == "reminded"]


@pytest.mark.parametrize("name", [name for name in TROUBLES if name.endswith(("forward", "back"))])
def test_clocks_do_change_where_a_trouble_says_so(name: str) -> None:
    """The test of the test: in four zones, both ways, at this very instant."""
    zone, trouble = TROUBLES[name]
    before, after = ((trouble + step).astimezone(ZoneInfo(zone)).utcoffset() for step in (-MINUTE, MINUTE))

    assert before is not None
    assert after is not None
    assert (before < after) is name.endswith("forward")
    assert before != after
    assert len(ZONES_THAT_CHANGE) == 4


@pytest.mark.parametrize("clock", list(Clock))
@pytest.mark.parametrize("name", TROUBLES)
def test_each_reminder_comes_once_and_to_the_minute(name: str, clock: Clock) -> None:
    zone, trouble = TROUBLES[name]
    start = trouble + Random(f"{name}{clock}").randrange(-30 * 60, 0) * MINUTE
    with desk_in(zone, start, clock) as desk:
        desk.anne.asks("Where is my order?", "I ordered a lamp.")
        due = expected(desk, start)
        for _ in range(10):
            if "breached" not in desk.history():
                desk.passes(hours=12)

        assert reminded(desk) == due
        first = next(line.at for line in desk.lines() if line.event == "breached")
        assert first == after(desk, start, desk.policy.sla.first_response)


@settings(max_examples=6, deadline=None)
@given(name=st.sampled_from(sorted(TROUBLES)), minutes=starts, jumps=steps)
def test_steps_of_the_clock_neither_double_nor_skip_a_reminder(
    name: str, minutes: int, jumps: list[int]
) -> None:
    """P11: the desk looks after every step; what was said is said, what stands is said at its time."""
    zone, trouble = TROUBLES[name]
    with desk_in(zone, trouble + minutes * MINUTE, Clock.CALENDAR) as desk:
        desk.anne.asks("Where is my order?", "I ordered a lamp.")
        ticket = desk.ticket()
        due = [d.due_at for d in ticket.deadlines if d.kind is DeadlineKind.REMINDER]
        furthest = desk.clock()
        for jump in jumps:
            desk.passes(hours=4)
            furthest = max(furthest, desk.clock())
            desk.clock.move(timedelta(seconds=jump))
            desk.run()
            furthest = max(furthest, desk.clock())
            assert len(reminded(desk)) == sum(moment <= furthest for moment in due)
        desk.passes(days=1, hours=6)

        assert len(reminded(desk)) == len(due)
        assert all(at >= moment for at, moment in zip(reminded(desk), due, strict=True))
