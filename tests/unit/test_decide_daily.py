"""When the next daily report is due: a function of now, the calendar and the last one."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.decide.daily import day_of, due_day, next_at
from helpdesk.model.policy import WorkCalendar

BERLIN = WorkCalendar(ZoneInfo("Europe/Berlin"), opens=time(8), holidays=frozenset({date(2026, 4, 3)}))
THURSDAY = date(2026, 4, 2)
AT = datetime(2026, 4, 2, 6, 0, tzinfo=UTC)  # 08:00 summer time


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 4, 3, 12, tzinfo=UTC), None),  # a holiday
        (datetime(2026, 4, 4, 12, tzinfo=UTC), None),  # Saturday
        (datetime(2026, 4, 6, 5, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 4, 6, 6, 0, tzinfo=UTC), date(2026, 4, 6)),
        (datetime(2026, 4, 30, 5, 0, tzinfo=UTC), date(2026, 4, 29)),  # one for the whole gap
        (AT - timedelta(hours=2), None),  # the clock went back over the opening
        (AT - timedelta(days=60), date(2026, 1, 30)),  # the last clock was wrong
    ],
)
def test_a_report_is_due_when_a_working_day_has_opened_since_the_last(now, day):
    assert due_day(now, BERLIN, THURSDAY, AT) == day


@pytest.mark.parametrize(
    ("month", "day", "opens"),
    [
        (3, 27, 7),
        (3, 30, 6),
        (10, 23, 6),
        (10, 26, 7),
    ],  # Fridays and Mondays around both changes of the clock
)
def test_it_falls_due_at_the_opening_on_the_wall(month, day, opens):
    before = datetime(2026, month, day, 1, tzinfo=UTC)

    assert next_at(before, BERLIN) == datetime(2026, month, day, opens, tzinfo=UTC)
    assert day_of(datetime(2026, month, day, opens, tzinfo=UTC), BERLIN) == date(2026, month, day)


def test_a_desk_that_never_works_never_reports():
    never = WorkCalendar(ZoneInfo("UTC"), working_days=frozenset())

    assert next_at(AT, never) is None
    assert due_day(AT + timedelta(days=9), never, AT.date(), AT) is None
