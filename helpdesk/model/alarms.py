"""What an alarm is: something that a person must mend, told to PIC once.

`name` is one of eight, in letters, metrics and /healthz. `about` tells alarms of one name apart: an alarm with the
same name and `about` is the same alarm, however often and by whichever node it is seen, and is told once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.model.reasons import because, recognised

_LONGEST_KEY = 300
_LONGEST_KIND = 80


class AlarmName(StrEnum):
    PARKED = "parked"
    MAILBOX = "mailbox"
    OUTBOX_OLD = "outbox_old"
    QUIET = "quiet"
    DISK = "disk"
    CANNED = "canned"
    DEADLINE = "deadline"
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class Alarm:
    """`lines` say it to a person. `host` is the computer that sees it; '' when every node sees the same."""

    name: AlarmName
    about: str
    lines: tuple[str, ...]
    host: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def key(self) -> str:
        """Name and `about`, short enough for every index."""
        whole = f"{self.name} {self.about}".strip()
        if len(whole) <= _LONGEST_KEY:
            return whole
        return f"{whole[:_LONGEST_KEY]}#{hashlib.sha256(whole.encode(errors='replace')).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm that PIC have been told of and that has not been seen to be over."""

    alarm: Alarm
    at: datetime


@dataclass(frozen=True, slots=True)
class Flood:
    """Automatic letters that were not written in the last hour, because their caps were reached: the first reason."""

    count: int
    since: datetime
    why: str


def parked_about(reason: str) -> str:
    """Mails parked for the same kind of reason ("ValueError: ...") are one alarm: one fault of ours, one letter."""
    return reason.partition(":")[0].strip()[:_LONGEST_KIND]


def parked_alarm(spool_ids: tuple[int, ...], reason: str, *, more: bool = False) -> Alarm:
    """Mails that could not be handled, all for one kind of reason; `more`: and others."""
    which = because("alarm_parked", why=enumerated(spool_ids, more=more))
    why = because("alarm_reason", why=recognised(reason))
    return Alarm(AlarmName.PARKED, parked_about(reason), (which, why))


def enumerated(numbers: Sequence[int], *, more: bool) -> str:
    """`3, 7`, or `3, 7 and more`."""
    names = ", ".join(map(str, numbers))
    return because("and_more", names=names) if more else names
