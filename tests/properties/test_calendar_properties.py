"""Working-time arithmetic equals a counter that looks at every single minute (MAIL_RULES 5.5)."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate, pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.decide.calendar import add, between, intervals
from helpdesk.model.policy import WorkCalendar
from helpdesk.model.ticket import Clock

MINUTE = timedelta(minutes=1)
WINDOW = timedelta(days=50)
SPANS = 70

WINDOWS = [  # each 50 days: clocks forward, clocks back, year end, leap day, a day that never was
    ("Asia/Jakarta", datetime(2027, 12, 10, tzinfo=UTC)),
    ("Asia/Jakarta", datetime(2028, 2, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 10, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 5, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 2, 20, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 10, 20, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 3, 20, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 9, 15, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 10, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2012, 3, 15, tzinfo=UTC)),
]
SHIFTS = [(time(8), time(16)), (time(22), time(6)), (time(8, 17), time(0)), (time(9), time(9))]
DAYS = [{0, 1, 2, 3, 4}, set(range(7)), {6}, {1, 5}]


def calendar_of(zone: str, start: datetime, number: int) -> WorkCalendar:
    chance = Random(f"{zone}{start}{number}")
    off = {(start + timedelta(days=chance.randrange(60))).date() for _ in range(5)}
    opens, closes = SHIFTS[number]
    return WorkCalendar(ZoneInfo(zone), frozenset(DAYS[number]), opens, closes, frozenset(off))


@cache
def minutes_of(zone: str, start: datetime) -> list[datetime]:
    """What the clock on the wall shows at each minute of the window."""
    moments = (start + number * MINUTE for number in range(WINDOW // MINUTE))
    return [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]


def counts(shown: datetime, clock: Clock, calendar: WorkCalendar) -> bool:
    def works(day: date) -> bool:
        return day.weekday() in calendar.working_days and day not in calendar.holidays

    if clock is Clock.WORKING_DAYS:
        return works(shown.date())
    if calendar.opens < calendar.closes:
        return works(shown.date()) and calendar.opens <= shown.time() < calendar.closes
    tonight = works(shown.date()) and shown.time() >= calendar.opens
    return tonight or (works(shown.date() - timedelta(days=1)) and shown.time() < calendar.closes)


@pytest.mark.parametrize("clock", [Clock.WORKING_DAYS, Clock.WORKING_HOURS])
@pytest.mark.parametrize("number", range(len(SHIFTS)))
@pytest.mark.parametrize(("zone", "start"), WINDOWS)
def test_it_equals_a_brute_force_minute_counter(zone, start, number, clock):
    """5,600 random spans (10 windows, 4 calendars, 2 clocks), each both measured and added."""
    calendar = calendar_of(zone, start, number)
    flags = [counts(shown, clock, calendar) for shown in minutes_of(zone, start)]
    total = [0, *accumulate(flags)]
    chance = Random(f"{zone}{start}{number}{clock}")

    for _ in range(SPANS):
        first, last = sorted(chance.sample(range(len(total)), 2))
        begin, end = start + first * MINUTE, start + last * MINUTE
        amount = total[last] - total[first]
        assert between(begin, end, clock, calendar) == amount * MINUTE, (begin, end)
        reached = bisect_left(total, total[first] + amount, lo=first)
        assert add(begin, amount * MINUTE, clock, calendar) == start + reached * MINUTE, (begin, end)


ZONES = sorted({zone for zone, _ in WINDOWS})
hours = st.tuples(st.times(), st.integers(1, 24)).map(  # one hour at least, or ten years do not suffice
    lambda pair: (pair[0], pair[0].replace(hour=(pair[0].hour + pair[1]) % 24))
)
calendars = st.builds(
    lambda zone, days, shift, holidays: WorkCalendar(ZoneInfo(zone), days, *shift, holidays),
    zone=st.sampled_from(ZONES),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    shift=hours,
    holidays=st.frozensets(st.dates(date(2025, 12, 1), date(2028, 12, 31)), max_size=20),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 (naive bounds)
amounts = st.timedeltas(timedelta(), timedelta(days=10))
clocks = st.sampled_from(Clock)


@given(moments, amounts, clocks, calendars)
def test_measuring_undoes_adding(start, amount, clock, calendar):
    end = add(start, amount, clock, calendar)

    assert end.tzinfo is UTC
    assert end >= start
    assert between(start, end, clock, calendar) == amount


@given(moments, amounts, clocks, calendars)
def test_adding_undoes_measuring_up_to_the_last_counted_instant(start, length, clock, calendar):
    end = start + length
    counted = intervals(start, end, clock, calendar)

    assert add(start, between(start, end, clock, calendar), clock, calendar) == (
        counted[-1].end if counted else start
    )


@given(moments, amounts, clocks, calendars)
def test_intervals_are_ordered_apart_inside_and_sum_up(start, length, clock, calendar):
    found = intervals(start, start + length, clock, calendar)

    edges = [edge for interval in found for edge in (interval.start, interval.end)]
    assert all(one < two for one, two in pairwise(edges))
    assert not found or (start <= edges[0] and edges[-1] <= start + length)
    assert sum((i.length for i in found), timedelta()) == between(start, start + length, clock, calendar)


@given(moments, amounts, amounts, clocks, calendars)
def test_a_span_cut_in_two_counts_the_same(start, one, two, clock, calendar):
    middle, end = start + one, start + one + two

    parts = between(start, middle, clock, calendar) + between(middle, end, clock, calendar)

    assert between(start, end, clock, calendar) == parts
