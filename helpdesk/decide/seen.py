"""What alarms are judged by: facts of one moment, gathered from the store, the disks and the mailbox readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.decide.quiet import Span
from helpdesk.model.alarms import Flood

GRACE = timedelta(hours=1)
"""After a start nobody calls an inbox quiet: the senders that found us away must come again first."""
MOST = 100
"""So many parked mails or failing deadlines are looked at; where there are more, none is said to be over."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`failing_for`: cannot be read for so long, zero when it can be read, None when nobody here knows."""

    name: str
    failing_for: timedelta | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    """`floor`: below so many free bytes the desk takes no mail (T20)."""

    folder: str
    free: int
    floor: int


@dataclass(frozen=True, slots=True)
class FailingDeadline:
    ticket: int
    kind: str
    error: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """The letter that waits longest: when it was first due, and what the last attempt said."""

    since: datetime
    letter_id: int
    error: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is too long. `spare`: an alarm while less than so many floors are free on a disk."""

    mailbox: timedelta = timedelta(minutes=15)  # R62
    outbox: timedelta = timedelta(hours=1)
    deadline: timedelta = timedelta(minutes=10)  # it was tried three times by then
    spare: float = 2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What only the front knows. `host`: this computer, '' where there is no other. `roads` are open for mail.

    `counts`: their mails are counted at this look, which costs more than all the rest.
    """

    host: str = ""
    up_for: timedelta = GRACE
    mailboxes: tuple[Mailbox, ...] = ()
    disks: tuple[Disk, ...] = ()
    roads: tuple[str, ...] = ()
    counts: bool = True
    patience: Patience = field(default_factory=Patience)


@dataclass(frozen=True, slots=True)
class Facts:
    """`host` is this computer, `hosts` are all on which a node lives. `roads`: spans of each road that is open."""

    host: str = ""
    hosts: frozenset[str] = frozenset()
    parked: tuple[tuple[int, str], ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    waiting: Waiting | None = None
    roads: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    disks: tuple[Disk, ...] = ()
    canned: tuple[str, ...] = ()
    deadlines: tuple[FailingDeadline, ...] = ()
    flood: Flood | None = None
