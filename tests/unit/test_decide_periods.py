"""Which days people mean when they ask for a report. Today is Wednesday, 4 March 2026, 09:00 in Jakarta."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.decide.periods import span

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


def days(words):
    found = span(words, NOW, JAKARTA)
    assert found is not None, words
    since, until = (moment.astimezone(JAKARTA) for moment in found)
    return since.date().isoformat(), (until - timedelta(microseconds=1)).date().isoformat()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("today", ("2026-03-04", "2026-03-04")),
        ("kemarin", ("2026-03-03", "2026-03-03")),
        ("last week", ("2026-02-23", "2026-03-01")),
        ("the last week", ("2026-02-23", "2026-03-01")),
        ("minggu lalu", ("2026-02-23", "2026-03-01")),
        ("minggu  yang lalu", ("2026-02-23", "2026-03-01")),
        ("This Week", ("2026-03-02", "2026-03-04")),
        ("bulan ini", ("2026-03-01", "2026-03-04")),
        ("last month", ("2026-02-01", "2026-02-28")),
        ("last year", ("2025-01-01", "2025-12-31")),
        ("2026-02", ("2026-02-01", "2026-02-28")),
        ("2025", ("2025-01-01", "2025-12-31")),
        ("2026-02-14", ("2026-02-14", "2026-02-14")),
        ("2026-02-14 to 2026-02-20", ("2026-02-14", "2026-02-20")),
        ("2025-11 sampai 2026-01", ("2025-11-01", "2026-01-31")),
        ("2026-02-14 - 2026-02-20", ("2026-02-14", "2026-02-20")),
    ],
)
def test_words_and_dates(words, meant):
    assert days(words) == meant


def test_what_is_not_over_ends_now():
    assert span("today", NOW, JAKARTA)[1] == NOW


@pytest.mark.parametrize(
    "words",
    [
        "",
        "soon",
        "next week",
        "2027-01",
        "2026-13",
        "2026-02-30",
        "2026-03 to 2026-02",
        "1990 to 2026",
        "9999",
    ],
)
def test_no_time_no_report(words):
    assert span(words, NOW, JAKARTA) is None


def test_in_january_last_month_is_december():
    assert span("last month", datetime(2026, 1, 5, tzinfo=UTC), JAKARTA)[0] == datetime(
        2025, 11, 30, 17, tzinfo=UTC
    )
