"""The figures of a span of time: how much came, how fast it was answered, what customers said, who did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from helpdesk.model.ticket import Status


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a ticket's history with what the ticket is now. `late`: who had it when its answer was due."""

    ticket: int
    at: datetime
    event: str
    by: str
    before: Status | None
    after: Status | None
    created_at: datetime
    first_response_at: datetime | None
    operator: str | None
    score: int | None
    late: str | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What no line of history tells: turns and cards by operator, promises by how they ended."""

    turns: Mapping[str, int] = field(default_factory=dict)
    cards: Mapping[str, int] = field(default_factory=dict)
    promises: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """Waits of customers that ended: by an answer in time, or because the time was up."""

    in_time: int = 0
    late: int = 0

    @property
    def kept(self) -> int | None:
        """Per cent in time; None if nothing was due. Only all of them are 100."""
        due = self.in_time + self.late
        return 100 * self.in_time // due if due else None


@dataclass(frozen=True, slots=True)
class Speed:
    """First answers: how many, and how long half and nine of ten of their customers waited at most, elapsed time."""

    answers: int = 0
    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Votes:
    """Survey scores, 1 to 5: how often each was given last."""

    by_score: Mapping[int, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.by_score.values())

    @property
    def mean(self) -> float | None:
        total = sum(score * number for score, number in self.by_score.items())
        return round(total / self.count, 2) if self.count else None


@dataclass(frozen=True, slots=True)
class OperatorFigures:
    """`taken` are tickets got, `answers` all letters to customers, closings among them."""

    address: str
    name: str
    taken: int
    answers: int
    due: Answers
    first: Speed
    closed: int
    cards: int
    votes: Votes


@dataclass(frozen=True, slots=True)
class DayOfReport:
    day: date
    created: int
    due: Answers


@dataclass(frozen=True, slots=True)
class Report:
    """All that was counted in [since, until)."""

    since: datetime
    until: datetime
    created: int
    closed: int
    auto_closed: int
    reopened: int
    first: Answers
    following: Answers
    speed: Speed
    votes: Votes
    cards: int
    promises_kept: int
    promises_broken: int
    promises_open: int
    operators: tuple[OperatorFigures, ...]
    days: tuple[DayOfReport, ...]

    @property
    def due(self) -> Answers:
        """First and later answers together."""
        return Answers(self.first.in_time + self.following.in_time, self.first.late + self.following.late)
