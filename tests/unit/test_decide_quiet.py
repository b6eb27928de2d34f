"""The quiet inbox: seldom a false alarm, a dead road within a day. Seeded histories of mail with days and weeks."""

import math
import random
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.decide import quiet
from helpdesk.decide.quiet import Span, decides, is_abandoned, is_lively, is_quiet, periods, tail
from helpdesk.model.policy import WorkCalendar

JAKARTA = WorkCalendar(ZoneInfo("Asia/Jakarta"))
START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
RHYTHM = [0.2] * 6 + [1, 2, 3, 3, 2.5, 2, 2, 2.5, 2.5, 2, 1.5, 1, 1, 0.8, 0.6, 0.4, 0.3, 0.2]
WEEKDAYS = [1.3, 1.2, 1.1, 1.1, 1.0, 0.3, 0.2]


def rate(hour, per_day):
    """Mails in this hour of the simulated time, by the clock and the weekday of Jakarta."""
    local = (START + hour * HOUR).astimezone(JAKARTA.timezone)
    return per_day * RHYTHM[local.hour] / sum(RHYTHM) * WEEKDAYS[local.weekday()] / (sum(WEEKDAYS) / 7)


def poisson(chance, mean):
    """Knuth's way: how many exponential waits fit."""
    count, left, bound = -1, 1.0, math.exp(-mean)
    while left > bound:
        left *= chance.random()
        count += 1
    return count


def arrivals(chance, hours, per_day, alive=lambda hour: True):
    """Moments of mails in hours since START, sorted."""
    found = []
    for hour in range(hours):
        if alive(hour):
            found += sorted(hour + chance.random() for _ in range(poisson(chance, rate(hour % 168, per_day))))
    return found


def spans_at(moments, now):
    """As flow.alarms gathers them: from the shortest to one that decides."""
    spans = []
    for length in quiet.LENGTHS:
        found = periods(length, JAKARTA, START, START + now * HOUR)
        counts = [
            bisect_left(moments, (until - START) / HOUR) - bisect_left(moments, (since - START) / HOUR)
            for since, until in found
        ]
        spans.append(Span(length, counts[0], tuple(counts[1:])))
        if decides(spans[-1]):
            break
    return spans


def is_alarmed(moments, now):
    return any(is_quiet(span) for span in spans_at(moments, now))


@pytest.mark.parametrize(("per_day", "seed"), [(2, 1), (12, 2), (60, 3), (400, 4)])
def test_mail_by_chance_raises_less_than_one_false_alarm_a_year(per_day, seed):
    """A simulated year each, looked at every two hours: nights, weekends and chance raise nothing."""
    moments = arrivals(random.Random(seed), 366 * 24, per_day)

    alarms = [now for now in range(4 * 168, 366 * 24, 2) if is_alarmed(moments, now)]

    assert alarms == []


@pytest.mark.parametrize("weekday", range(4))
@pytest.mark.parametrize("per_day", [40, 150, 1000])
def test_a_road_that_dies_on_a_working_day_is_noticed_within_a_day(per_day, weekday):
    dies = 10 * 168 + weekday * 24 + 4  # 11 in the morning there
    moments = arrivals(random.Random(per_day + weekday), dies, per_day)

    noticed = next(now for now in range(dies, dies + 169) if is_alarmed(moments, now))

    assert noticed - dies <= 24


def test_a_road_of_three_mails_a_day_that_dies_is_noticed_within_a_week():
    dies = 20 * 168
    moments = arrivals(random.Random(7), dies, 3)

    assert any(is_alarmed(moments, now) for now in range(dies, dies + 8 * 24))


def test_three_weeks_of_history_are_needed():
    dies = 168 * 2 + 60
    moments = arrivals(random.Random(5), dies, 400)

    assert not any(is_alarmed(moments, now) for now in range(dies, 168 * 3))
    assert any(is_alarmed(moments, now) for now in range(168 * 3, 168 * 3 + 60))


TABLE = [
    # count, the weeks before, is it quiet?
    (0, (20,) * 8, True),
    (0, (20,) * 2, False),  # too few weeks
    (0, (2,) * 8, False),  # that may be chance
    (0, (0,) * 8, False),
    (0, (), False),
    (6, (20,) * 8, False),  # less than usual, but not by so much
    (20, (60,) * 8, True),
    (21, (60,) * 8, False),  # more than a third
    (0, (40, 40, 0, 40, 0, 40, 40, 40), True),  # two outages do not hide a third
    (500, (500,) * 8, False),
    (900, (500,) * 8, False),
]


@pytest.mark.parametrize(("count", "usual", "expected"), TABLE)
def test_a_span_is_quiet_when_few_came_and_chance_cannot_explain_it(count, usual, expected):
    assert is_quiet(Span(DAY, count, usual)) is expected


@pytest.mark.parametrize(
    ("count", "usual", "lively"),
    [(5, (10,) * 4, True), (4, (10,) * 4, False), (0, (0,) * 4, False), (1, (1,) * 4, False)],
)
def test_half_of_the_usual_mail_is_life(count, usual, lively):
    assert is_lively(Span(DAY, count, usual)) is lively


def test_a_road_on_which_hardly_anything_is_usual_is_abandoned():
    assert is_abandoned(Span(WEEK, 0, (1, 0, 1)))
    assert not is_abandoned(Span(WEEK, 0, (9, 8, 9)))
    assert not is_abandoned(Span(DAY, 0, (1, 0, 1)))


@pytest.mark.parametrize(("count", "usual"), [(0, (3, 4, 5)), (2, (3, 4, 5)), (7, (1, 1)), (0, (1,))])
def test_the_tail_is_the_binomial_one(count, usual):
    total, share = count + sum(usual), 1 / (len(usual) + 1)
    exact = sum(math.comb(total, n) * share**n * (1 - share) ** (total - n) for n in range(count + 1))

    assert tail(count, usual) == pytest.approx(exact)


def test_weeks_are_counted_by_the_wall_clock():
    """Berlin, 30 March 2026, the day after the hours went forward: 9 o'clock stays 9 o'clock."""
    berlin = WorkCalendar(ZoneInfo("Europe/Berlin"))
    now = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)

    _, before, *_ = periods(HOUR, berlin, START, now)

    assert before == (datetime(2026, 3, 23, 7, 0, tzinfo=UTC), datetime(2026, 3, 23, 8, 0, tzinfo=UTC))


def test_holidays_are_neither_judged_nor_compared_with():
    holiday = WorkCalendar(ZoneInfo("UTC"), holidays=frozenset({date(2026, 3, 19)}))
    on_it = datetime(2026, 3, 19, 12, 0, tzinfo=UTC)

    assert periods(HOUR, holiday, START, on_it) == []
    assert len(periods(HOUR, holiday, START, on_it + WEEK)) == quiet.WEEKS
    assert len(periods(HOUR, holiday, START, on_it + 2 * DAY)) == quiet.WEEKS + 1


def test_weeks_before_the_first_mail_do_not_count():
    now = START + 3 * WEEK

    assert len(periods(DAY, JAKARTA, START, now)) == 3
