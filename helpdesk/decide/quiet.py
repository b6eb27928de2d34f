"""Is the inbox unusually quiet? Counted against the same hours of the same weekday in the weeks before.

A span that ends now is quiet when all three hold:
1. at least FEWEST_WEEKS of the WEEKS before have counts for it;
2. its count is at most a third of the usual (the median of those weeks);
3. by chance that would happen less than once in ten million looks: if mail comes as a Poisson process at one rate
   in all those weeks, then of all N mails seen each belongs to this week with probability 1 / (weeks + 1); `tail`
   is the chance that so few do.
Nights and weekends are in the history, so they raise nothing by themselves. A public holiday is not, so spans and
weeks that touch one are left out. Spans are tried from the shortest; one with MANY usual mails decides alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, lgamma, log
from statistics import median

from helpdesk.model.policy import WorkCalendar
from helpdesk.model.reasons import because

LENGTHS = tuple(timedelta(hours=hours) for hours in (1, 3, 12, 24, 72, 168))
WEEKS = 8
FEWEST_WEEKS = 3
UNLIKELY = 1e-7
MANY = 40
_A_TRICKLE = 2

Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """Mails counted in the last `length`, and in the same hours of earlier weeks, the latest first."""

    length: timedelta
    count: int
    usual: tuple[int, ...]

    @property
    def middle(self) -> float:
        return float(median(self.usual)) if self.usual else 0.0


def periods(length: timedelta, calendar: WorkCalendar, begun_at: datetime, now: datetime) -> list[Period]:
    """The last `length`, then the same of each week before that the records (from `begun_at`) hold.

    Weeks are of the wall clock, so that 9 o'clock is 9 o'clock in summer too. Nothing when a holiday is touched now.
    """
    local = now.astimezone(calendar.timezone)
    ends = [local - timedelta(weeks=week) for week in range(WEEKS + 1)]  # wall clock arithmetic
    spans = [(end.astimezone(now.tzinfo) - length, end.astimezone(now.tzinfo)) for end in ends]
    if _touches(spans[0], calendar):
        return []
    return [spans[0], *(s for s in spans[1:] if s[0] >= begun_at and not _touches(s, calendar))]


def _touches(period: Period, calendar: WorkCalendar) -> bool:
    return any(day in calendar.holidays for day in _days(period, calendar))


def _days(period: Period, calendar: WorkCalendar) -> Collection[date]:
    first, last = (moment.astimezone(calendar.timezone).date() for moment in period)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def decides(span: Span) -> bool:
    """So much is usual that longer spans can say nothing new."""
    return len(span.usual) >= FEWEST_WEEKS and span.middle >= MANY


def is_quiet(span: Span) -> bool:
    if len(span.usual) < FEWEST_WEEKS or 3 * span.count > span.middle:
        return False
    return tail(span.count, span.usual) < UNLIKELY


def is_lively(span: Span) -> bool:
    """At least half of what is usual came, and something is usual."""
    return span.middle >= _A_TRICKLE and 2 * span.count >= span.middle


def is_abandoned(span: Span) -> bool:
    """Hardly anything is usual in a whole week any more: nothing can be missing."""
    return span.length == LENGTHS[-1] and len(span.usual) >= FEWEST_WEEKS and span.middle < _A_TRICKLE


def tail(count: int, usual: Sequence[int]) -> float:
    """The chance of at most `count` mails, when as many come as in the weeks of `usual`. 1.0 without mails."""
    total, share = count + sum(usual), 1 / (len(usual) + 1)
    return min(1.0, sum(_exactly(n, total, share) for n in range(count + 1)))


def _exactly(n: int, total: int, share: float) -> float:
    """Binomial: of `total` mails `n` fall into a span that has this share of the time."""
    ways = lgamma(total + 1) - lgamma(n + 1) - lgamma(total - n + 1)
    return exp(ways + n * log(share) + (total - n) * log(1 - share)) if 0 < share < 1 else 1.0


def in_words(road: str, span: Span) -> str:
    """The figures, for a person."""
    return because(
        "alarm_quiet",
        road=road.upper(),
        number=span.count,
        hours=round(span.length.total_seconds() / 3600),
        weeks=len(span.usual),
        usual=", ".join(map(str, span.usual)),
    )
