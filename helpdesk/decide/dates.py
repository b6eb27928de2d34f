"""Dates in plain words, as staff write them behind a verb: `besok`, `next monday`, `24/12`, `3 hari lagi`.

`dateparser` reads them; `_REWRITES` turns what it does not know in the languages of this desk into what it
knows. Numbers are day/month. A day without a time means the opening of that working day, or of the next one
when the desk does not work then. Pure: the same words at the same `now` give the same instant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from helpdesk.decide import calendar as working
from helpdesk.model.policy import WorkCalendar

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

MOST_WORDS = 6
"""A date has no more words than this; what follows is the reason."""

_MOST_LETTERS = 24
_IS_DATE_LIKE = re.compile(r"[^\W\d_]{3,}|\d[-/.:]\d")
_NO_TIME = {"day", "week", "month"}
_MAY_ADD_NOTHING = re.compile(
    r"(?!lagi$|depan$)(?:[^\W\d_]+|\d{1,2})"
)  # "the" of "tomorrow the parcel comes"
_TIME_ALONE = re.compile(r"\d{1,2}:\d\d")

# What stands before a date, in any of the languages; "hari" only before the name of a day.
_LEADING = re.compile(
    r"^(?:(?:until|till|by|on|sampai|hingga|sampe|pada|tgl|tanggal|hari(?! ini)"
    r"|μέχρι|έως|ως|στις|στη[νς]?|την?|το[νυ]?|hanggang|sa|ng)\s+)+"
)
_REWRITES = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\bjum['’]at\b", "jumat"),
        (r"\bse(hari|minggu|bulan)\b", r"1 \1"),
        (r"\b(?:besok )?lusa\b|\bμεθαύριο\b|\bmakalawa\b", "in 2 days"),
        (r"\b(?:day after tomorrow)\b", "in 2 days"),
        (r"\b(\d+ (?:hari|minggu|bulan|jam)) lagi\b", r"dalam \1"),
        (r"\bσε (\d+) μέρες\b", r"in \1 days"),
        (r"\b(?:loob ng|pagkatapos ng) (\d+) araw\b", r"in \1 days"),
        (r"\b(?:loob ng|pagkatapos ng) (\d+) linggo\b", r"in \1 weeks"),
        (r"\bminggu depan\b|\bεπόμενη εβδομάδα\b|\bsusunod na linggo\b|\bnext week\b", "monday"),
        (r"\bbukas\b", "tomorrow"),
        (r"(?<!bulan) depan\b|\bεπόμεν\w+ |\bsusunod na ", ""),
        (r"\b(?:jam|pukul|alas) (\d{1,2})[.:](\d\d)\b", r"\1:\2"),
        (r"\b(?:jam|pukul|alas) (\d{1,2})\b", r"\1:00"),
        (r"\bστις (\d{1,2}:\d\d)\b", r"\1"),
    )
)


def until(
    text: str, now: datetime, calendar: WorkCalendar, languages: Iterable[str]
) -> tuple[datetime | None, str]:
    """The date that `text` begins with, UTC, and the words behind it; (None, `text`) when it begins with none.

    The longest run of words that makes a date is taken, without words that add nothing to it. `languages` are
    tried in their order, English last. A date that is over is returned too: the caller refuses it.
    """
    words, known = text.split()[:MOST_WORDS], _known(languages)
    for length in range(len(words), 0, -1):
        found = _read(words[:length], now, calendar, known)
        if found is None:
            continue
        while length > 1 and _MAY_ADD_NOTHING.fullmatch(words[length - 1]):
            if _read(words[: length - 1], now, calendar, known) != found:
                break
            length -= 1
        return found, "".join(text.split(maxsplit=length)[length:]).strip()
    return None, text


def day(text: str, now: datetime, calendar: WorkCalendar, languages: Iterable[str]) -> date | None:
    """The day that the whole `text` names, as it stands in a form: a working day or not, of any year."""
    words = text.split()
    if not words or len(words) > MOST_WORDS or any(len(word) > _MOST_LETTERS for word in words):
        return None
    plain = _plain(" ".join(words))
    if not _IS_DATE_LIKE.search(plain):
        return None
    here = now.astimezone(calendar.timezone).replace(tzinfo=None)
    for language in _known(languages):
        data = _parser(language, here).get_date_data(plain)
        if data.date_obj is not None and data.period in {"day", "time", "week"}:
            return data.date_obj.date()
    return None


def opening_of(day: date, calendar: WorkCalendar) -> datetime | None:
    """When the desk opens on `day`, or on the first working day after it; None if it never does."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=calendar.timezone).astimezone(UTC)
    opening = working.next_opening(midnight - timedelta.resolution, calendar)
    return opening[1] if opening else None


def _day(day: date, here: datetime, calendar: WorkCalendar) -> datetime | None:
    """A day that is over is not moved to the next working day, which may be still to come."""
    if day < here.date():
        return datetime(day.year, day.month, day.day, tzinfo=calendar.timezone).astimezone(UTC)
    return opening_of(day, calendar)


def _read(
    words: Sequence[str], now: datetime, calendar: WorkCalendar, languages: tuple[str, ...]
) -> datetime | None:
    """The instant that all of these words name, or None."""
    plain = _plain(" ".join(words))
    if any(len(word) > _MOST_LETTERS for word in words) or not _IS_DATE_LIKE.search(plain):
        return None
    here = now.astimezone(calendar.timezone).replace(tzinfo=None)
    for language in languages:
        data = _parser(language, here).get_date_data(plain)
        if data.date_obj is None or data.period == "year" or (data.period == "month" and " " not in plain):
            continue
        day = data.date_obj.date()
        if not here.date() - working.HORIZON < day < here.date() + working.HORIZON:
            continue
        if data.period in _NO_TIME:
            return _day(day, here, calendar)
        # no zone unless the words name one
        zoned = data.date_obj if data.date_obj.tzinfo else data.date_obj.replace(tzinfo=calendar.timezone)
        return zoned.astimezone(UTC)
    return None


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text).lower().strip(" ,;:!")
    text = _LEADING.sub("", text)
    for pattern, plain in _REWRITES:
        text = pattern.sub(plain, text)
    text = " ".join(text.split())
    return f"today {text}" if _TIME_ALONE.fullmatch(text) else text


def _parser(language: str, here: datetime) -> DateDataParser:
    # read when the first date is: it takes a tenth of what a worker needs to begin
    from dateparser.date import DateDataParser

    # the base is the desk's wall clock called UTC: nothing depends on the zone of this computer
    return DateDataParser(
        languages=[language],
        settings={
            "RELATIVE_BASE": here,
            "TIMEZONE": "UTC",
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "PREFER_LOCALE_DATE_ORDER": False,
            "RETURN_TIME_AS_PERIOD": True,
        },
    )


def _known(languages: Iterable[str]) -> tuple[str, ...]:
    """Those that the library reads. It knows Tagalog under two names, each with words that the other lacks."""
    wanted = (name for tag in languages for name in _NAMES.get(tag.split("-")[0], (tag.split("-")[0],)))
    return tuple(name for name in dict.fromkeys((*wanted, "en")) if name in _languages())


_NAMES = {"tl": ("tl", "fil")}


@cache
def _languages() -> frozenset[str]:
    from dateparser.data.languages_info import language_order

    return frozenset(language_order)
