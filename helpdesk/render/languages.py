"""How one language says a time, the opening hours, and the few words that no template holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import groupby

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_timedelta, get_timezone_gmt
from babel.lists import format_list

from helpdesk.model.policy import WorkCalendar

_BABEL_NAMES = {"tl": "fil"}
_TO = {"en": " to ", "id": " sampai ", "el": " έως ", "tl": " hanggang "}
_EVERY_DAY = {"en": "every day", "id": "setiap hari", "el": "κάθε μέρα", "tl": "araw-araw"}
_ALL_DAY = {"en": "around the clock", "id": "24 jam", "el": "όλο το 24ωρο", "tl": "24 oras"}
_NO_SUBJECT = {"en": "(no subject)", "id": "(tanpa judul)", "el": "(χωρίς θέμα)", "tl": "(walang paksa)"}
_YES = {"en": "yes", "id": "ya", "el": "ναι", "tl": "oo"}
_TWO_OF_A_UNIT = 2.0
_WEEK = range(7)
_SHORTEST_RUN = 3


@dataclass(frozen=True, slots=True)
class Speech:
    """One language as the desk speaks it; unknown languages get English forms."""

    language: str
    timezone: tzinfo

    def instant(self, moment: datetime) -> str:
        """`Thursday, 26 November 2026, 14:30 WIB`: the desk's time zone, the letter's language."""
        # in UTC: of an hour that comes twice both are equal in their own zone
        return _instant(moment.astimezone(UTC), self.timezone, self.language)

    def span(self, length: timedelta) -> str:
        """`14 seconds`, `3 hours`: one unit, counted in the language's own plural."""
        return str(format_timedelta(length, threshold=_TWO_OF_A_UNIT, locale=self._locale))

    @property
    def no_subject(self) -> str:
        return _word(_NO_SUBJECT, self.language)

    @property
    def yes(self) -> str:
        return _word(_YES, self.language)

    @property
    def _locale(self) -> Locale:
        return _locale_of(self.language)


def opening_hours(calendar: WorkCalendar, language: str) -> str:
    """`Monday to Friday, 08:00–16:00`."""
    return _opening_hours(calendar.working_days, calendar.opens, calendar.closes, language)


@lru_cache
def _opening_hours(working_days: frozenset[int], opens: time, closes: time, language: str) -> str:
    days = sorted(working_days)
    if len(days) == len(_WEEK):
        words = _word(_EVERY_DAY, language)
    else:
        words = format_list([_run(run, language) for run in _runs(days)], locale=_locale_of(language))
    if opens == time(0) and closes in (time(0), time(23, 59), time.max):
        return f"{words}, {_word(_ALL_DAY, language)}"
    return f"{words}, {opens:%H:%M}–{closes:%H:%M}"


def _run(days: list[int], language: str) -> str:
    names = _locale_of(language).days["format"]["wide"]
    return _word(_TO, language, "–").join(dict.fromkeys((names[days[0]], names[days[-1]])))


def _word(words: dict[str, str], language: str, otherwise: str = "") -> str:
    return words.get(language) or otherwise or words["en"]


@lru_cache(maxsize=256)
def _instant(moment: datetime, zone: tzinfo, language: str) -> str:
    """All letters about a ticket name the same few."""
    local, locale = moment.astimezone(zone), _locale_of(language)
    name = local.tzname() or ""
    if not name.isalpha():  # zones without a name have one like "+04"
        name = str(get_timezone_gmt(local, "long", locale=locale))
    return f"{format_datetime(local, 'EEEE, d MMMM y, HH:mm', locale=locale)} {name}"


def weekday(day: str, language: str) -> str:
    """The short name of the day of the week of an ISO date; '' when there is no such day."""
    try:
        return str(_locale_of(language).days["format"]["abbreviated"][date.fromisoformat(day).weekday()])
    except ValueError:
        return ""


@lru_cache
def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(_BABEL_NAMES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def primary(language: str) -> str:
    """`id` for `id-ID`, `ID_id` and `id`; '' for ''."""
    return language.replace("_", "-").partition("-")[0].strip().lower()


def fallbacks(language: str, desk: str) -> tuple[str, ...]:
    """The languages to look in, in order: the letter's, the desk's, English."""
    return tuple(dict.fromkeys(filter(None, (primary(language), primary(desk), "en"))))


def _runs(days: list[int]) -> list[list[int]]:
    """Three neighbours and more stay together: [0, 1, 2, 4] gives [0, 1, 2] and [4]."""
    keyed = groupby(enumerate(days), key=lambda pair: pair[1] - pair[0])
    runs = [[day for _, day in run] for _, run in keyed]
    return [part for run in runs for part in ([run] if len(run) >= _SHORTEST_RUN else [[day] for day in run])]
