"""Spans of time as people ask for them: `last week`, `bulan ini`, `2026-11`, `2026-11-01 to 2026-11-15`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_WORDS = {
    "today": ("day", 0), "hari ini": ("day", 0), "yesterday": ("day", -1), "kemarin": ("day", -1),
    "this week": ("week", 0), "minggu ini": ("week", 0), "last week": ("week", -1), "minggu lalu": ("week", -1),
    "this month": ("month", 0), "bulan ini": ("month", 0), "last month": ("month", -1), "bulan lalu": ("month", -1),
    "this year": ("year", 0), "tahun ini": ("year", 0), "last year": ("year", -1), "tahun lalu": ("year", -1),
}  # fmt: skip
_DATE = r"\d{4}(?:-\d\d(?:-\d\d)?)?"
_FROM_TO = re.compile(rf"({_DATE})\s+(?:(?:to|until|till|sampai|s/d|sd|hingga|-|–)\s+)?({_DATE})")
LONGEST = timedelta(days=3 * 366)


def span(words: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """[since, until) of local days in `zone`; None where the words name no time, none yet, or over three years."""
    words = " ".join(words.lower().split()).removeprefix("the ").removesuffix(" yang lalu").strip()
    today = now.astimezone(zone).date()
    days = _named(words, today) or _dated(words)
    if days is None:
        return None
    since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in days)
    until = min(until, now)
    return (since, until) if since < until and until - since <= LONGEST else None


def _named(words: str, today: date) -> tuple[date, date] | None:
    unit, step = _WORDS.get(words) or _WORDS.get(f"{words} lalu") or ("", 0)
    match unit:
        case "day":
            first = today + step * _DAY
            return first, first + _DAY
        case "week":
            first = today - today.weekday() * _DAY + 7 * step * _DAY
            return first, first + 7 * _DAY
        case "month":
            first = _month(today.year, today.month + step)
            return first, _month(first.year, first.month + 1)
        case "year":
            return date(today.year + step, 1, 1), date(today.year + step + 1, 1, 1)
    return None


def _month(year: int, month: int) -> date:
    """The first of a month; month 0 is December of the year before, 13 January of the next."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _dated(words: str) -> tuple[date, date] | None:
    """`2026`, `2026-11`, `2026-11-22`, or from one of these to the end of another."""
    both = _FROM_TO.fullmatch(words)
    try:
        first = _calendar(both[1] if both else words)
        last = _calendar(both[2]) if both else first
    except (ValueError, OverflowError):
        return None
    return (first[0], last[1]) if first and last else None


def _calendar(word: str) -> tuple[date, date] | None:
    """The first day that a date means, and the day after its last; ValueError for days that are not."""
    if not re.fullmatch(_DATE, word):
        return None
    match [int(part) for part in word.split("-")]:
        case [year]:
            return date(year, 1, 1), date(year + 1, 1, 1)
        case [year, month]:
            return date(year, month, 1), _month(year, month + 1)
        case [year, month, day]:
            return date(year, month, day), date(year, month, day) + _DAY
    return None
