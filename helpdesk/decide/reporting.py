"""A report is a fold over the history: what came, what was answered in time, what was not.

A customer's wait ends once: by the first answer if that came in time, or by the deadline that passed. A second
letter of the operator, or an answer after the deadline, ends no wait any more.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.decide.notes import CLOCK
from helpdesk.model.people import Person
from helpdesk.model.report import (
    Answers,
    Beside,
    DayOfReport,
    OperatorFigures,
    Report,
    Speed,
    Step,
    Votes,
)
from helpdesk.model.ticket import Status

_WAITING = (Status.NEW, Status.OPEN)
_MOST_DAYS = 3660


@dataclass
class _Tally:
    """What is counted, for the whole desk, for a day or for an operator."""

    in_time: int = 0
    late: int = 0
    created: int = 0
    answers: int = 0
    closed: int = 0
    waits: list[timedelta] = field(default_factory=list)
    scores: Counter[int] = field(default_factory=Counter)

    @property
    def due(self) -> Answers:
        return Answers(self.in_time, self.late)


class Counting:
    """Feed it the steps of a span, oldest first. `late` are tickets whose wait was too long before that."""

    def __init__(self, late: Collection[int], zone: ZoneInfo) -> None:
        self._late = set(late)
        self._zone = zone
        self._rated: dict[int, Step] = {}
        self.whole = _Tally()
        self.first = _Tally()
        self.following = _Tally()
        self.auto_closed = 0
        self.reopened = 0
        self.by_day: defaultdict[date, _Tally] = defaultdict(_Tally)
        self.by_operator: defaultdict[str, _Tally] = defaultdict(_Tally)

    def add(self, step: Step) -> None:
        match step.event:
            case "answered" | "solved":
                self._answered(step)
            case "breached":
                self._breached(step)
            case "rated":
                self._rated[step.ticket] = step
            case "reopened":
                self.reopened += 1
        if step.before is None and step.event in ("created", "split"):
            self.whole.created += 1
            self._day(step).created += 1

    def votes(self) -> Votes:
        """The last vote of each ticket, for the desk and for whoever has the ticket."""
        for step in self._rated.values():
            if step.score is not None:
                self.whole.scores[step.score] += 1
                self.by_operator[step.operator or ""].scores[step.score] += 1
        self._rated.clear()
        return Votes(dict(self.whole.scores))

    def _answered(self, step: Step) -> None:
        if step.event == "solved" and step.by == CLOCK:
            self.auto_closed += 1
            return
        operator = self.by_operator[step.by]
        operator.answers += 1
        operator.closed += step.event == "solved"
        self.whole.closed += step.event == "solved"
        if step.at == step.first_response_at:
            waited = step.at - step.created_at
            self.whole.waits.append(waited)
            operator.waits.append(waited)
        if step.before in _WAITING and step.ticket not in self._late:
            for tally in (self._kind(step), self._day(step), operator):
                tally.in_time += 1
        self._late.discard(step.ticket)

    def _breached(self, step: Step) -> None:
        if step.ticket in self._late:
            return
        self._late.add(step.ticket)
        for tally in (self._kind(step), self._day(step), self.by_operator[step.late or ""]):
            tally.late += 1

    def _kind(self, step: Step) -> _Tally:
        """Was the customer waiting for the first answer, or for a later one?"""
        is_first = step.first_response_at is None or step.at <= step.first_response_at
        return self.first if is_first else self.following

    def _day(self, step: Step) -> _Tally:
        return self.by_day[step.at.astimezone(self._zone).date()]


def report(
    since: datetime,
    until: datetime,
    counted: Counting,
    around: Beside,
    operators: Sequence[Person],
    zone: ZoneInfo,
) -> Report:
    """The figures of [since, until). Operators in the order of the configuration, then those who left."""
    votes = counted.votes()
    return Report(
        since=since,
        until=until,
        created=counted.whole.created,
        closed=counted.whole.closed,
        auto_closed=counted.auto_closed,
        reopened=counted.reopened,
        first=counted.first.due,
        following=counted.following.due,
        speed=speed(counted.whole.waits),
        votes=votes,
        cards=sum(around.cards.values()),
        promises_kept=around.promises.get("kept", 0),
        promises_broken=around.promises.get("broken", 0),
        promises_open=around.promises.get("open", 0),
        operators=_operators(counted, around, operators),
        days=_days(counted, since, until, zone),
    )


def speed(waits: Iterable[timedelta]) -> Speed:
    """Median and 90th percentile as waits that really were (nearest rank)."""
    ordered = sorted(waits)
    if not ordered:
        return Speed()
    return Speed(len(ordered), _rank(ordered, 0.5), _rank(ordered, 0.9))


def _rank(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[math.ceil(share * len(ordered)) - 1]


def _operators(counted: Counting, around: Beside, operators: Sequence[Person]) -> tuple[OperatorFigures, ...]:
    names = {person.address.lower(): person.name for person in operators}
    found = {address.lower() for address in (*counted.by_operator, *around.cards) if address}
    rows = []
    for address in (*names, *sorted(found - set(names))):
        tally = counted.by_operator.get(address, _Tally())
        rows.append(
            OperatorFigures(
                address=address,
                name=names.get(address, ""),
                taken=around.turns.get(address, 0),
                answers=tally.answers,
                due=tally.due,
                first=speed(tally.waits),
                closed=tally.closed,
                cards=around.cards.get(address, 0),
                votes=Votes(dict(tally.scores)),
            )
        )
    return tuple(rows)


def _days(counted: Counting, since: datetime, until: datetime, zone: ZoneInfo) -> tuple[DayOfReport, ...]:
    """Every day of the span, those on which nothing happened too."""
    first = since.astimezone(zone).date()
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    length = min((last - first).days + 1, _MOST_DAYS)
    days = (first + timedelta(days=n) for n in range(length))
    empty = _Tally()
    found = ((day, counted.by_day.get(day, empty)) for day in days)
    return tuple(DayOfReport(day, tally.created, tally.due) for day, tally in found)
