"""Words of the accounting: what became of all that arrived, and what an audit has found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from helpdesk.model.reasons import because
from helpdesk.model.report import Answers


class Fate(StrEnum):
    """What became of a row of the inbox; every row has exactly one (P2).

    UNACCOUNTED is what a lost mail looks like: the desk has worked beyond the row, and nothing says what it did.
    """

    TICKETED = "ticketed"
    COMMANDS = "commands"
    PARKED = "parked"
    REFUSED = "refused"
    WAITING = "waiting"
    UNACCOUNTED = "unaccounted"


FATES = tuple(Fate)

Road = Mapping[Fate, int]
"""How many came by one road, by what became of them; their sum is what was received."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not add up. `ticket` and `line` (an id of the journal) name where, if it is there."""

    ticket: int | None
    line: int | None
    what: str
    remedy: str

    @property
    def where(self) -> str:
        if self.ticket is None:
            return because("place_desk") if self.line is None else because("place_line", number=self.line)
        if self.line is None:
            return because("place_ticket", number=self.ticket)
        return because("place_ticket_line", number=self.ticket, line=self.line)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What a daily report tells: all that happened since the last one, and how things stand now.

    `overdue`: open tickets whose answer was due and has not been given. `tickets`: how many by status, closed
    ones left out. `proved`: so many tickets were touched since and had their history verified. `created` and
    `closed` since then; `first` and `following`: waits that ended since then; `parked_now`: mails set aside that
    nobody has looked after yet.
    """

    since: datetime
    roads: Mapping[str, Road]
    tickets: Mapping[str, int]
    overdue: int
    cards: int
    letters_sent: int
    letters_failed: int
    letters_waiting: int
    proved: int
    findings: tuple[Finding, ...]
    head: str
    created: int = 0
    closed: int = 0
    first: Answers = field(default_factory=Answers)
    following: Answers = field(default_factory=Answers)
    parked_now: int = 0
