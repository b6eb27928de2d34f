"""Working time: which stretches of time count, how long they are together, when an amount of it is up.

Three clocks (PROCEDURE A9, ARCHITECTURE "Working time"):
- calendar       every hour counts.
- working_days   a working day counts whole, from its local midnight to the next; weekends and holidays
                 count nothing. What is counted is elapsed time: the day the clocks change has 23 or 25 hours.
- working_hours  opens..closes of each working day. `closes` at or before `opens` lies on the next local day
                 ("22:00-06:00", "08:00-24:00"; "09:00-09:00" is round the clock), and such a shift belongs
                 wholly to the day on which it opens, even when the next day is off.

A wall time that the clocks skip is reached when they jump; one that they show twice counts from its first
showing. Instants are aware, UTC in the results. `add` and `between` are each the other's inverse:
`between(t, add(t, x)) == x`, and `add` returns the earliest instant for which that holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from helpdesk.model.events import Interval
from helpdesk.model.policy import WorkCalendar
from helpdesk.model.ticket import Clock

HORIZON = timedelta(days=3653)
"""Ten years: what is not over by then is a mistake in the calendar, and looking on would only cost time."""

_DAY = timedelta(days=1)


class CalendarError(Exception):
    """So much working time never comes: give [calendar] working_days and hours that are not all days off."""


def intervals(start: datetime, end: datetime, clock: Clock, calendar: WorkCalendar) -> list[Interval]:
    """Return every stretch between two instants that counts, in order; neighbours that touch are one stretch.

    Empty when `end` is not after `start`.
    """
    merged: list[Interval] = []
    for stretch in _stretches(start, end, clock, calendar):
        if merged and merged[-1].end == stretch.start:
            merged[-1] = Interval(merged[-1].start, stretch.end)
        else:
            merged.append(stretch)
    return merged


def between(start: datetime, end: datetime, clock: Clock, calendar: WorkCalendar) -> timedelta:
    """Return how much time counts between two instants; zero when `end` is not after `start`."""
    return sum((stretch.length for stretch in _stretches(start, end, clock, calendar)), timedelta())


def add(start: datetime, amount: timedelta, clock: Clock, calendar: WorkCalendar) -> datetime:
    """Return the earliest instant at which `amount` of counted time has gone by since `start`.

    Nothing to add gives `start` itself, also outside working time. Raises CalendarError when that takes more
    than ten years, ValueError for a negative amount.
    """
    if amount < timedelta():
        raise ValueError(f"working time runs forward only, not by {amount}")
    start, remaining = _utc(start), amount
    if not amount:
        return start
    for stretch in _stretches(start, start + HORIZON, clock, calendar):
        if remaining <= stretch.length:
            return stretch.start + remaining
        remaining -= stretch.length
    raise CalendarError(
        f"{amount} of {clock} time after {start:%Y-%m-%d} are not over in ten years: "
        "look at [calendar] working_days, hours and holidays"
    )


def last_opening(now: datetime, calendar: WorkCalendar) -> tuple[date, datetime] | None:
    """The working day that opened last, and when that was, at or before `now`; None if none did in ten years."""
    day = _utc(now).astimezone(calendar.timezone).date()
    return next((o for o in _openings(day, -_DAY, calendar) if o[1] <= now), None)


def next_opening(now: datetime, calendar: WorkCalendar) -> tuple[date, datetime] | None:
    """The working day that opens next, and when that is, after `now`; None if none does in ten years."""
    day = _utc(now).astimezone(calendar.timezone).date()
    return next((o for o in _openings(day, _DAY, calendar) if o[1] > now), None)


def closing_after(moment: datetime, calendar: WorkCalendar) -> datetime:
    """When the desk next closes: at the end of the shift that runs at `moment`, or of the one after it."""
    end = _utc(moment) + HORIZON
    return next((s.end for s in _stretches(moment, end, Clock.WORKING_HOURS, calendar)), _utc(moment))


def shown(moment: datetime, calendar: WorkCalendar) -> str:
    """An instant as the desk's wall clock shows it, for receipts and histories: `Mon 2026-03-02 09:00`."""
    return f"{_utc(moment).astimezone(calendar.timezone):%a %Y-%m-%d %H:%M}"


def _openings(day: date, step: timedelta, calendar: WorkCalendar) -> Iterator[tuple[date, datetime]]:
    """The working days from `day` on, forward or backward, each with the instant at which it opens."""
    for _ in range(HORIZON // _DAY):
        if _works(day, calendar):
            yield day, _reached(day, calendar.opens, calendar)
        day += step


def _works(day: date, calendar: WorkCalendar) -> bool:
    return day.weekday() in calendar.working_days and day not in calendar.holidays


def _stretches(start: datetime, end: datetime, clock: Clock, calendar: WorkCalendar) -> Iterator[Interval]:
    """Yield the counted stretches day by day, cut to [start, end)."""
    start, end = _utc(start), _utc(end)
    if clock is Clock.CALENDAR:
        if start < end:
            yield Interval(start, end)
        return
    day = start.astimezone(calendar.timezone).date() - _DAY  # last night's shift may still run
    while (day_start := _reached(day, time(), calendar)) < end:
        if _works(day, calendar):
            opens, closes = _shift(day, day_start, clock, calendar)
            if max(opens, start) < min(closes, end):
                yield Interval(max(opens, start), min(closes, end))
        day += _DAY


def _shift(day: date, day_start: datetime, clock: Clock, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    if clock is Clock.WORKING_DAYS:
        return day_start, _reached(day + _DAY, time(), calendar)
    closing_day = day if calendar.closes > calendar.opens else day + _DAY
    return _reached(day, calendar.opens, calendar), _reached(closing_day, calendar.closes, calendar)


def _reached(day: date, wall: time, calendar: WorkCalendar) -> datetime:
    """Return the first instant at which clocks on the wall show `day` `wall` or, when they skip it, later."""
    shown = datetime.combine(day, wall)
    first = shown.replace(tzinfo=calendar.timezone, fold=0).astimezone(UTC)
    if _wall(first, calendar) == shown:
        return first
    # PEP 495: in a gap, fold=1 gives an instant before the jump and fold=0 one at or after it
    before = shown.replace(tzinfo=calendar.timezone, fold=1).astimezone(UTC)
    while first - before > timedelta.resolution:
        middle = before + (first - before) / 2
        if _wall(middle, calendar) >= shown:
            first = middle
        else:
            before = middle
    return first


def _wall(moment: datetime, calendar: WorkCalendar) -> datetime:
    return moment.astimezone(calendar.timezone).replace(tzinfo=None)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)
