"""Times and opening hours in words."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from helpdesk.model.policy import WorkCalendar
from helpdesk.render.languages import Speech, fallbacks, opening_hours

JAKARTA = ZoneInfo("Asia/Jakarta")
MOMENT = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Thursday, 26 November 2026, 14:30 WIB"),
        ("id", "Kamis, 26 November 2026, 14:30 WIB"),
        ("xx", "Thursday, 26 November 2026, 14:30 WIB"),
    ],
)
def test_a_time_is_shown_in_the_desks_zone_and_the_letters_language(language, words):
    assert Speech(language, JAKARTA).instant(MOMENT) == words


def test_an_hour_that_comes_twice_is_said_twice():
    """Both are equal for Python, in their own zone."""
    speech = Speech("en", ZoneInfo("Europe/Athens"))
    moments = [
        datetime(2026, 10, 25, 3, 30, fold=fold, tzinfo=ZoneInfo("Europe/Athens")) for fold in (0, 1, 0)
    ]

    assert [speech.instant(one)[-10:] for one in moments] == ["03:30 EEST", " 03:30 EET", "03:30 EEST"]


def test_a_zone_without_a_name_shows_its_distance():
    assert Speech("en", ZoneInfo("Asia/Dubai")).instant(MOMENT).endswith("11:30 GMT+04:00")


@pytest.mark.parametrize(
    ("language", "days", "words"),
    [
        ("en", {0, 1, 2, 3, 4}, "Monday to Friday, 08:00–16:00"),
        ("id", {0, 1, 2, 3, 4}, "Senin sampai Jumat, 08:00–16:00"),
        ("en", {0, 1, 3}, "Monday, Tuesday, and Thursday, 08:00–16:00"),
        ("en", {0, 1, 2, 5}, "Monday to Wednesday and Saturday, 08:00–16:00"),
        ("en", {6}, "Sunday, 08:00–16:00"),
        ("en", set(range(7)), "every day, 08:00–16:00"),
    ],
)
def test_the_opening_hours_are_words(language, days, words):
    calendar = WorkCalendar(JAKARTA, frozenset(days))

    assert opening_hours(calendar, language) == words


def test_a_desk_that_never_closes_says_so():
    calendar = WorkCalendar(ZoneInfo("UTC"), frozenset(range(7)), time(0), time(0))

    assert opening_hours(calendar, "id") == "setiap hari, 24 jam"


def test_a_language_falls_back_to_the_desks_and_then_to_english():
    assert fallbacks("el-GR", "id") == ("el", "id", "en")
    assert fallbacks("", "id_ID") == ("id", "en")
