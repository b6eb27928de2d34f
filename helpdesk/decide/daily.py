"""The daily report: on which day the next one is due, and what it says. PIC get it when a working day opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from helpdesk.decide import calendar
from helpdesk.decide.parked import to_pics
from helpdesk.decide.report_words import in_time
from helpdesk.model.account import FATES, DayFigures, Fate, Road
from helpdesk.model.columns import columns
from helpdesk.model.decision import Draft, Value
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.model.reasons import because

LETTER = "daily_report"
_HEADS = {
    "en": ("received", *map(str, FATES)),
    "id": ("diterima", "tiket", "perintah", "disisihkan", "ditolak", "menunggu", "hilang"),
    "el": ("ελήφθησαν", "αιτήματα", "εντολές", "στην άκρη", "απορρίφθηκαν", "περιμένουν", "αγνοούνται"),
    "tl": ("natanggap", "tiket", "utos", "itinabi", "tinanggihan", "naghihintay", "nawawala"),
}
"""What stands over the columns: received, then each of FATES."""
_STATUSES: Mapping[str, Mapping[str, str]] = {
    "id": {
        "new": "baru",
        "open": "terbuka",
        "pending": "menunggu",
        "on_hold": "ditunda",
        "solved": "selesai",
    },
    "el": {
        "new": "νέα",
        "open": "ανοιχτά",
        "pending": "εκκρεμούν",
        "on_hold": "σε αναμονή",
        "solved": "λυμένα",
    },
    "tl": {
        "new": "bago",
        "open": "bukas",
        "pending": "naghihintay",
        "on_hold": "nakatigil",
        "solved": "nalutas",
    },
}
_WRONG_CLOCK = timedelta(days=1)
_MOST_FINDINGS = 10


def day_of(now: datetime, rules: WorkCalendar) -> date:
    """The working day that `now` belongs to: the one that opened last."""
    opened = calendar.last_opening(now, rules)
    return opened[0] if opened else now.astimezone(rules.timezone).date()


def due_day(now: datetime, rules: WorkCalendar, last: date, last_at: datetime) -> date | None:
    """The day whose report is due now, given the day and the instant of the last one; None if none is.

    One report covers however many days the desk was down. A clock that goes back a little brings no day again.
    A last report from a day still to come was made by a clock that was wrong: it counts for that day only.
    """
    day = day_of(now, rules)
    if calendar.last_opening(now, rules) is None:
        return None
    if day > last:
        return day
    return day if day < last and last_at - now > _WRONG_CLOCK else None


def next_at(now: datetime, rules: WorkCalendar) -> datetime | None:
    """When the next report falls due after `now`."""
    opening = calendar.next_opening(now, rules)
    return opening[1] if opening else None


def occasion(day: date) -> str:
    return f"{LETTER} {day.isoformat()}"


def report(day: date, figures: DayFigures, policy: Policy) -> tuple[Draft, ...]:
    """The letter to PIC."""
    language = policy.language.split("-")[0]
    totals = {fate: sum(road[fate] for road in figures.roads.values()) for fate in FATES}
    values: dict[str, Value] = {
        "day": day.isoformat(),
        "since": figures.since,
        "received": sum(totals.values()),
        "unaccounted": totals[Fate.UNACCOUNTED],
        "roads": _roads(figures.roads, language),
        "tickets": _tickets(figures.tickets, language),
        "tickets_created": figures.created,
        "tickets_closed": figures.closed,
        **in_time(figures.first, figures.following),
        "parked_now": figures.parked_now,
        "overdue": figures.overdue,
        "cards_given": figures.cards,
        "letters_sent": figures.letters_sent,
        "letters_failed": figures.letters_failed,
        "letters_waiting": figures.letters_waiting,
        "proved": figures.proved,
        "findings": _findings(figures),
        "head": figures.head,
    }
    return to_pics(LETTER, values, policy)


def _tickets(tickets: Mapping[str, int], language: str) -> str:
    words = _STATUSES.get(language, {})
    return columns([(words.get(status, status), str(number)) for status, number in tickets.items()])


def _roads(roads: Mapping[str, Road], language: str) -> str:
    """A line for each road, and one for all: received, then what became of it."""
    rows = [("", *_HEADS.get(language, _HEADS["en"]))]
    for name, road in sorted(roads.items()):
        rows.append((name, str(sum(road.values())), *(str(road[fate]) for fate in FATES)))
    return columns(rows) if len(rows) > 1 else ""


def _findings(figures: DayFigures) -> tuple[str, ...]:
    shown = [because("found_at", where=one.where, why=one.what) for one in figures.findings[:_MOST_FINDINGS]]
    return (*shown, "...") if len(figures.findings) > _MOST_FINDINGS else tuple(shown)
