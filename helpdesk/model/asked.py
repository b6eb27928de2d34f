"""The event that is a PIC's wish for a report, with what the store says and the files that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.model.decision import File
from helpdesk.model.events import MailEvent
from helpdesk.model.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAsked(MailEvent):
    """A report on [since, until), which the writer called `name`. `figures` None: not looked up yet."""

    name: str
    since: datetime
    until: datetime
    figures: Report | None = None
    files: tuple[File, ...] = ()
