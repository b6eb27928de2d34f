"""Working time on days one can check by hand: weekends, holidays, nights, changes of the clocks (P11)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.decide.calendar import CalendarError, add, between, intervals
from helpdesk.model.events import Interval
from helpdesk.model.policy import WorkCalendar
from helpdesk.model.ticket import Clock

HOUR = timedelta(hours=1)


def week(zone: str = "Asia/Jakarta", **changes) -> WorkCalendar:
    return WorkCalendar(ZoneInfo(zone), **changes)


def local(text: str, zone: str = "Asia/Jakarta", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def test_the_calendar_clock_counts_every_hour():
    saturday = local("2026-01-03T10:00")

    assert add(saturday, 24 * HOUR, Clock.CALENDAR, week()) == local("2026-01-04T10:00")
    assert between(saturday, local("2026-01-05T10:00"), Clock.CALENDAR, week()) == 48 * HOUR


def test_two_working_days_after_thursday_morning_are_over_on_monday_morning():
    """PROCEDURE A9: each working day counts 24 hours; the weekend counts nothing."""
    thursday = local("2026-01-08T10:00")

    assert add(thursday, 48 * HOUR, Clock.WORKING_DAYS, week()) == local("2026-01-12T10:00")


def test_a_holiday_counts_nothing():
    calendar = week(holidays=frozenset({date(2026, 1, 12)}))

    assert add(local("2026-01-08T10:00"), 48 * HOUR, Clock.WORKING_DAYS, calendar) == local(
        "2026-01-13T10:00"
    )


def test_time_that_starts_at_the_weekend_counts_from_monday():
    assert add(local("2026-01-10T15:00"), HOUR, Clock.WORKING_DAYS, week()) == local("2026-01-12T01:00")
    assert add(local("2026-01-10T15:00"), HOUR, Clock.WORKING_HOURS, week()) == local("2026-01-12T09:00")


def test_adding_nothing_changes_nothing_even_at_the_weekend():
    saturday = local("2026-01-10T15:00")

    assert add(saturday, timedelta(), Clock.WORKING_HOURS, week()) == saturday


def test_the_earliest_instant_is_meant_where_several_would_do():
    """Friday's last counted moment, not Monday's first."""
    assert add(local("2026-01-09T15:00"), HOUR, Clock.WORKING_HOURS, week()) == local("2026-01-09T16:00")
    assert add(local("2026-01-09T00:00"), 24 * HOUR, Clock.WORKING_DAYS, week()) == local("2026-01-10T00:00")


def test_opening_hours_are_listed_day_by_day():
    found = intervals(local("2026-01-09T12:00"), local("2026-01-12T09:30"), Clock.WORKING_HOURS, week())

    assert found == [
        Interval(local("2026-01-09T12:00"), local("2026-01-09T16:00")),
        Interval(local("2026-01-12T08:00"), local("2026-01-12T09:30")),
    ]


def test_working_days_in_a_row_are_one_stretch():
    found = intervals(local("2026-01-07T12:00"), local("2026-01-13T12:00"), Clock.WORKING_DAYS, week())

    assert found == [
        Interval(local("2026-01-07T12:00"), local("2026-01-10T00:00")),
        Interval(local("2026-01-12T00:00"), local("2026-01-13T12:00")),
    ]


def test_nothing_counts_backwards():
    late, early = local("2026-01-08T10:00"), local("2026-01-07T10:00")

    assert intervals(late, early, Clock.CALENDAR, week()) == []
    assert between(late, early, Clock.WORKING_DAYS, week()) == timedelta()
    with pytest.raises(ValueError, match="forward only"):
        add(early, -HOUR, Clock.CALENDAR, week())


def test_a_night_shift_belongs_to_the_day_on_which_it_opens():
    """Friday's shift runs into Saturday; Sunday's midnight opens nothing for Monday."""
    calendar = week(opens=time(22), closes=time(6))

    found = intervals(local("2026-01-09T12:00"), local("2026-01-12T23:00"), Clock.WORKING_HOURS, calendar)

    assert found == [
        Interval(local("2026-01-09T22:00"), local("2026-01-10T06:00")),
        Interval(local("2026-01-12T22:00"), local("2026-01-12T23:00")),
    ]


@pytest.mark.parametrize("opens", [time(0), time(9)])
def test_equal_opening_and_closing_is_round_the_clock(opens):
    calendar = week(working_days=frozenset({0}), opens=opens, closes=opens)

    counted = between(local("2026-01-05T00:00"), local("2026-01-12T00:00"), Clock.WORKING_HOURS, calendar)

    assert counted == 24 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Pacific/Apia", "2011-12-30", 0),
        ("Pacific/Apia", "2011-12-31", 24),
        ("Asia/Jakarta", "2028-02-29", 24),
    ],
)
def test_a_working_day_counts_the_hours_it_really_has(zone, day, hours):
    """P11: 23 or 25 hours when the clocks change, half an hour's change, a day Apia never had."""
    calendar = week(zone, working_days=frozenset(range(7)))
    start = local(f"{day}T00:00", zone)
    end = local(f"{date.fromisoformat(day) + timedelta(days=1)}T00:00", zone)

    assert between(start, end, Clock.WORKING_DAYS, calendar) == hours * HOUR


def test_a_day_whose_midnight_is_skipped_begins_when_the_clocks_jump():
    """Beirut's clocks go from 24:00 to 01:00: the day has 23 hours and begins at 01:00."""
    calendar = week("Asia/Beirut", working_days=frozenset({6}))

    found = intervals(
        datetime(2024, 3, 30, tzinfo=UTC), datetime(2024, 4, 2, tzinfo=UTC), Clock.WORKING_DAYS, calendar
    )

    assert found == [Interval(datetime(2024, 3, 30, 22, tzinfo=UTC), datetime(2024, 3, 31, 21, tzinfo=UTC))]


def test_an_opening_time_that_is_skipped_is_reached_when_the_clocks_jump():
    calendar = week("Europe/Berlin", working_days=frozenset({6}), opens=time(2, 30), closes=time(10))

    found = intervals(
        datetime(2026, 3, 28, 12, tzinfo=UTC),
        datetime(2026, 3, 30, tzinfo=UTC),
        Clock.WORKING_HOURS,
        calendar,
    )

    assert found == [Interval(datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC))]


def test_an_opening_time_shown_twice_counts_from_its_first_showing():
    calendar = week("Europe/Berlin", working_days=frozenset({6}), opens=time(2, 30), closes=time(10))

    found = intervals(
        datetime(2026, 10, 24, 12, tzinfo=UTC),
        datetime(2026, 10, 26, tzinfo=UTC),
        Clock.WORKING_HOURS,
        calendar,
    )

    assert found == [
        Interval(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 9, tzinfo=UTC))
    ]


def test_fractions_of_seconds_count():
    """The demo shrinks hours to seconds."""
    start = local("2026-01-09T15:59:59.5")

    end = add(start, timedelta(seconds=0.75), Clock.WORKING_HOURS, week())

    assert end == local("2026-01-12T08:00:00.25")


@pytest.mark.parametrize("clock", [Clock.WORKING_DAYS, Clock.WORKING_HOURS])
def test_a_calendar_without_working_days_is_refused_instead_of_searched_for_ever(clock):
    calendar = week(working_days=frozenset())

    with pytest.raises(CalendarError, match="working_days"):
        add(local("2026-01-09T15:00"), HOUR, clock, calendar)
    assert intervals(local("2026-01-01T00:00"), local("2027-01-01T00:00"), clock, calendar) == []


def test_what_takes_more_than_ten_years_is_refused():
    calendar = week(opens=time(8), closes=time(8, 0, 1))

    with pytest.raises(CalendarError, match="ten years"):
        add(local("2026-01-09T15:00"), HOUR, Clock.WORKING_HOURS, calendar)
    with pytest.raises(CalendarError, match="ten years"):
        add(local("2026-01-09T15:00"), timedelta(days=3654), Clock.CALENDAR, calendar)


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        between(datetime(2026, 1, 1), datetime(2026, 1, 2), Clock.CALENDAR, week())  # noqa: DTZ001 (what is refused)
