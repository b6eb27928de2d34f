"""Date headers, read liberally and without overflow (R20, F3). UTC in, UTC out; what makes no sense is None.

The standard library reads what RFC 5322 writes and much more; here is what it cannot: ISO dates, months and
days in other languages, numbers only, a.m. and p.m., zones by name. A missing zone means UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from helpdesk.parse.words import decode_words

_COMMENT = re.compile(r"\([^()]{0,200}\)")
_LONGEST = 100
_MOST_OFFSET = timedelta(hours=24).total_seconds()

_MONTHS = [  # beginnings that are clear, without accents; English comes first
    "jan january gen ene sty ocak янв січ 一月 1月 tammikuu led",
    "feb february fev fév fevr févr lut sub şub subat fev фев лют helmi unor únor peb",
    "mar march maerz märz mrt mars mrz már maa bře брез мар бер maalis marz",
    "apr april avr abr kwi nis апр кві huhti dub",
    "may mai mei mag maj май мая мај мaй тра touko kvě",
    "jun june juin giu cze haz июн чер kesä червня juni",
    "jul july juil jui lug lip tem июл лип heinä juli",
    "aug august aoû aou août ago agu agt sie ağu agu авг сер elo srp",
    "sep sept september set wrz eyl сен вер syys zář",
    "oct october okt ott out paź paz eki ekim окт жов loka říj",
    "nov november lis kas kasım ноя лис marras",
    "dec december dez dic déc des gru ara aralık дек гру joulu pro",
]
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "mez": 60,
    "cest": 120, "mest": 120, "mesz": 120, "eet": 120, "eest": 180, "msk": 180, "msd": 240, "trt": 180, "ist": 330,
    "ict": 420, "wib": 420, "wita": 480, "wit": 540, "hkt": 480, "sgt": 480, "pht": 480, "awst": 480, "jst": 540,
    "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "brt": -180, "art": -180, "ast": -240,
    "adt": -180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480,
    "pdt": -420, "akst": -540, "hst": -600,
}  # fmt: skip
_TIME = re.compile(
    r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?!\d)\s*([ap]\.?m\b)?", re.IGNORECASE
)
_DOTTED = re.compile(
    r"(?<![\d.])(\d{1,2})[.h](\d{2})(?:[.m](\d{2}))?(?![\d.])\s*([ap]\.?m\b)?", re.IGNORECASE
)
_NOON = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
_OFFSET = re.compile(r"(?:(?:GMT|UTC|UT)\s*)?([+-])(\d{1,2}):?(\d{2})?(?!\d)")
_NAMED = re.compile(r"\b([A-Za-z]{1,5})\b")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]*(?:de |of )?([^\W\d_]{3,12})\.?,?[\s-]*(?:de |of )?(\d{4})(?!\d)"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)")


def read_date(text: str) -> datetime | None:
    """The instant a Date header names, None if it names none."""
    text = " ".join(_COMMENT.sub(" ", decode_words(text[: 4 * _LONGEST])).split())[:_LONGEST].strip("'\"<> ")
    return _internet(text) or _iso(text) or _by_hand(text)


def _internet(text: str) -> datetime | None:
    try:
        parts = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    time = _TIME.search(text)
    if parts is None or time is None or _NOON.search(text):
        return None
    offset = parts[9] or _offset(text[time.end() :]) * 60
    if abs(offset) >= _MOST_OFFSET:
        offset = 0
    try:
        moment = datetime(*parts[:5], min(parts[5], 59), tzinfo=timezone(timedelta(seconds=offset)))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _by_hand(text: str) -> datetime | None:
    """A day in one of four orders, a time, an offset, wherever they stand."""
    day = _day(text)
    if day is None:
        return None
    time = _TIME.search(text) or _DOTTED.search(text)
    hour, minute, second = (int(time[1]), int(time[2]), int(time[3] or 0)) if time else (0, 0, 0)
    if time and time[4]:
        hour = hour % 12 + (12 if time[4].lower().startswith("p") else 0)
    offset = _offset(text[time.end() :]) if time else 0
    try:
        moment = datetime(*day, hour, minute, min(second, 59), tzinfo=timezone(timedelta(minutes=offset)))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> tuple[int, int, int] | None:
    if match := _YEAR_FIRST.search(text):
        return int(match[1]), int(match[2]), int(match[3])
    for match in _DAY_MONTH.finditer(text):
        if month := _month(match[2]):
            return int(match[3]), month, int(match[1])
    for match in _MONTH_DAY.finditer(text):
        if month := _month(match[1]):
            return int(match[3]), month, int(match[2])
    if match := _NUMBERS.search(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year += (2000 if year < 70 else 1900) if year < 100 else 0
        american = match[2] == "/" and first <= 12 and (second > 12 or "M" in text.upper())
        return (year, first, second) if american else (year, second, first)
    return None


def _month(word: str) -> int:
    word = word.lower()
    return next((_MONTH[word[:size]] for size in range(len(word), 2, -1) if word[:size] in _MONTH), 0)


def _offset(text: str) -> int:
    """Minutes east of Greenwich; 0 for what is not known."""
    if match := _OFFSET.search(text):
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        minutes = 0 if minutes >= 24 * 60 else minutes
        return -minutes if match[1] == "-" else minutes
    return next((_ZONES[m[1].lower()] for m in _NAMED.finditer(text) if m[1].lower() in _ZONES), 0)
