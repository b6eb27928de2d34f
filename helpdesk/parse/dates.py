"""Date headers, read liberally and without overflow (R20, F3). UTC in, UTC out; what makes no sense is None."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_COMMENT = re.compile(r"\([^()]{0,200}\)")
_LONGEST = 100
_MOST_OFFSET = timedelta(hours=24).total_seconds()


def read_date(text: str) -> datetime | None:
    """The instant a Date header names, None if it names none. A missing zone means UTC."""
    text = " ".join(_COMMENT.sub(" ", text[:_LONGEST]).split())
    return _internet(text) or _iso(text)


def _internet(text: str) -> datetime | None:
    try:
        parts = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if parts is None:
        return None
    offset = parts[9] or 0
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
