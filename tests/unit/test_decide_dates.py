"""Dates in plain words: which instant each means on Monday, 30 November 2026, 10:52 in Jakarta."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.decide.dates import until
from helpdesk.decide.verbs.rule import Reading
from helpdesk.decide.verbs.until import a_date, perhaps_a_date
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.policy import Policy, WorkCalendar

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 30, 3, 52, tzinfo=UTC)
CALENDAR = WorkCalendar(JAKARTA, holidays=frozenset({date(2026, 12, 25)}))
LANGUAGES = ("id", "en", "el", "tl")


def read(text):
    found, rest = until(text, NOW, CALENDAR, LANGUAGES)
    return f"{found.astimezone(JAKARTA):%m-%d %H:%M}" if found else None, rest


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("besok", "12-01"), ("lusa", "12-02"), ("senin depan", "12-07"), ("hari jumat", "12-04"),
        ("jum'at", "12-04"), ("3 hari lagi", "12-03"), ("dalam 3 hari", "12-03"), ("24 desember", "12-24"),
        ("minggu depan", "12-07"), ("seminggu lagi", "12-07"), ("sampai besok", "12-01"),
        ("tomorrow", "12-01"), ("next monday", "12-07"), ("Monday", "12-07"), ("friday", "12-04"),
        ("2026-12-24", "12-24"), ("24/12", "12-24"), ("24.12.2026", "12-24"), ("in 3 days", "12-03"),
        ("December 24", "12-24"), ("next week", "12-07"), ("until friday", "12-04"), ("day after tomorrow", "12-02"),
        ("αύριο", "12-01"), ("μεθαύριο", "12-02"), ("επόμενη Δευτέρα", "12-07"), ("την Παρασκευή", "12-04"),
        ("σε 3 μέρες", "12-03"), ("24 Δεκεμβρίου", "12-24"),
        ("bukas", "12-01"), ("sa makalawa", "12-02"), ("sa Lunes", "12-07"), ("sa susunod na linggo", "12-07"),
        ("sa loob ng 3 araw", "12-03"), ("24 Disyembre", "12-24"),
    ],
)  # fmt: skip
def test_a_day_means_its_opening(text, day):
    assert read(text) == (f"{day} 08:00", "")


@pytest.mark.parametrize("text", ["saturday", "25 december", "2026-12-26"])
def test_a_day_off_means_the_next_opening(text):
    moment, _ = read(text)

    assert moment in {"12-07 08:00", "12-28 08:00"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("tomorrow 14:00", "12-01 14:00"),
        ("besok jam 14.00", "12-01 14:00"),
        ("besok pukul 9", "12-01 09:00"),
        ("bukas 14:00", "12-01 14:00"),
        ("αύριο 14:00", "12-01 14:00"),
        ("2026-12-24 09:30", "12-24 09:30"),
        ("14:00", "11-30 14:00"),
        ("10:00", "11-30 10:00"),
        ("in 2 hours", "11-30 12:52"),
        ("tomorrow 10:00 UTC", "12-01 17:00"),
    ],
)
def test_a_time_stands_in_the_zone_of_the_desk(text, moment):
    assert read(text) == (moment, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("besok barang datang", "barang datang"),
        ("tomorrow the parcel comes", "the parcel comes"),
        ("tomorrow 14 parcels come", "14 parcels come"),
        ("24/12 3 parcels", "3 parcels"),
        ("2026-12-24 the vendor is late", "the vendor is late"),
        ("24 december 2026 because", "because"),
        ("3 days later than we said", "later than we said"),
    ],
)
def test_what_follows_the_date_is_the_reason(text, reason):
    moment, rest = read(text)

    assert moment
    assert rest == reason


@pytest.mark.parametrize(
    "text",
    ["", "soon", "1", "12", "may", "a", "2027", "31/02", "2026-02-30", "12/24", "march for them",
     "in 100000 days", "9" * 20, "x" * 5000, "second thoughts", "the parcel comes tomorrow"],
)  # fmt: skip
def test_what_is_no_date_stays_whole(text):
    assert read(text) == (None, text)


def test_the_zone_of_the_computer_does_not_matter(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")

    assert read("tomorrow 14:00") == ("12-01 14:00", "")


def reading():
    return Reading(Policy("Desk", "help@desk.example", CALENDAR, languages=LANGUAGES), NOW)


@pytest.mark.parametrize(
    "text", ["yesterday", "kemarin", "2026-11-01", "sunday 2026-11-29", "today", "10:00"]
)
def test_a_date_that_is_over_is_refused_with_one_to_come(text):
    problem = a_date(Order(Verb.HOLD, f"#hold {text}", text), reading())

    assert isinstance(problem, Misunderstood)
    assert "over" in problem.problem
    assert problem.suggestion.startswith("#hold 2026-12-02")


def test_a_verb_that_needs_a_date_says_so():
    problem = a_date(Order(Verb.HOLD, "#hold"), reading())

    assert problem == Misunderstood("#hold", "#hold needs a date", "#hold 2026-12-02")


def test_words_that_are_no_date_are_named():
    problem = a_date(Order(Verb.DELAY, "#delay soon", "soon"), reading())

    assert isinstance(problem, Misunderstood)
    assert "'soon'" in problem.problem


def test_date_and_reason_are_told_apart():
    order = a_date(Order(Verb.DELAY, "#delay besok kurir sakit", "besok kurir sakit"), reading())

    assert isinstance(order, Order)
    assert order.until == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    assert order.text == "kurir sakit"


def test_a_date_may_be_left_out_where_the_verb_allows_it():
    order = Order(Verb.AWAY, "#away")

    assert perhaps_a_date(order, reading()) == order
