"""Days and instants on the command line."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import typer

WHEN = "a day (2026-11-22) or an instant (2026-11-22T08:00)"


def instant(word: str, zone: ZoneInfo, option: str, *, to_its_end: bool = False) -> datetime | None:
    """Where a day begins (or ends) in the desk's time zone; an instant without a zone is in that zone, too."""
    if not word:
        return None
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        raise typer.BadParameter(f"{word!r} is neither {WHEN}", param_hint=option) from None
    if len(word) <= len("2026-11-22"):
        day = moment.date() + (timedelta(days=1) if to_its_end else timedelta())
        moment = datetime.combine(day, time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
