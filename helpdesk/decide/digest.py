"""The morning's letter to each operator: what is open, due today, overdue, back today, promised (PROCEDURE B)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from helpdesk.decide.identity import DESK_WIDE
from helpdesk.decide.verbs.noting import PRIORITIES, priority_of
from helpdesk.model.columns import columns
from helpdesk.model.decision import Draft, Value
from helpdesk.model.people import Person
from helpdesk.model.plates import OnPlate
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Audience

LETTER = "digest"
_LONGEST_NAME, _LONGEST_SUBJECT, _MOST_TICKETS = 18, 40, 200
_STANDINGS = {
    "en": ("OVERDUE", "due today", "back today", "promised", "open", "waiting", "on hold"),
    "id": ("TERLAMBAT", "hari ini", "kembali", "dijanjikan", "terbuka", "menunggu", "ditunda"),
    "el": ("ΕΚΠΡΟΘΕΣΜΟ", "σήμερα", "επιστρέφει", "υπόσχεση", "ανοιχτό", "εκκρεμεί", "σε αναμονή"),
    "tl": ("HULI NA", "ngayon", "babalik", "ipinangako", "bukas", "naghihintay", "nakatigil"),
}
_HEADS = {
    "en": ("no.", "", "due", "since", "customer", "subject"),
    "id": ("no.", "", "tenggat", "sejak", "pelanggan", "perihal"),
    "el": ("αρ.", "", "προθεσμία", "από", "πελάτης", "θέμα"),
    "tl": ("blg.", "", "taning", "mula", "customer", "paksa"),
}
_LATE, _DUE, _BACK, _PROMISED, _OPEN, _PENDING, _HOLD = range(7)


@dataclass(frozen=True, slots=True)
class _Row:
    """`urgency` sorts: less is more urgent."""

    on_plate: OnPlate
    standing: int
    due_at: datetime | None
    urgency: tuple[int, int, datetime]


def digests(day: date, plates: Sequence[OnPlate], away: Collection[str], policy: Policy) -> tuple[Draft, ...]:
    """One letter for each operator who is there and has something open."""
    drafts = []
    for person in policy.operators:
        theirs = [p for p in plates if p.operator == person.address.lower()]
        if theirs and person.address.lower() not in away:
            drafts.append(_digest(day, person, theirs, policy))
    return tuple(drafts)


def _digest(day: date, person: Person, plates: Sequence[OnPlate], policy: Policy) -> Draft:
    zone, language = policy.calendar.timezone, policy.language.split("-")[0]
    rows = sorted((_row(p, day, zone) for p in plates), key=lambda row: row.urgency)
    values: dict[str, Value] = {
        "operator_name": person.name,
        "day": day.isoformat(),
        "open_tickets": len(rows),
        "due_today": sum(_today(row.on_plate.due_at, day, zone) for row in rows),
        "overdue": sum(row.on_plate.late for row in rows),
        "back_today": sum(_today(row.on_plate.back_at, day, zone) for row in rows),
        "promised_today": sum(_today(row.on_plate.promised_at, day, zone) for row in rows),
        "text": _table(rows, zone, language),
    }
    return Draft(
        letter=LETTER,
        to=person.mailbox,
        audience=Audience.OPERATOR,
        number=DESK_WIDE,
        ticket=None,
        values=values,
        person=person.address,
    )


def _row(plate: OnPlate, day: date, zone: ZoneInfo) -> _Row:
    standing, due_at = _standing(plate, day, zone)
    priority = PRIORITIES.index(priority_of(plate.tags))
    return _Row(plate, standing, due_at, (-priority, standing, due_at or plate.created_at))


def _standing(plate: OnPlate, day: date, zone: ZoneInfo) -> tuple[int, datetime | None]:
    """The most pressing thing about a ticket, and when."""
    if plate.late:
        return _LATE, plate.due_at
    if _today(plate.due_at, day, zone):
        return _DUE, plate.due_at
    if _today(plate.back_at, day, zone):
        return _BACK, plate.back_at
    if _today(plate.promised_at, day, zone):
        return _PROMISED, plate.promised_at
    quiet = {"open": _OPEN, "pending": _PENDING, "on_hold": _HOLD}
    return quiet[plate.status.value], plate.due_at or plate.back_at or plate.promised_at


def _today(moment: datetime | None, day: date, zone: ZoneInfo) -> bool:
    """On this day, or earlier and still not done."""
    return moment is not None and moment.astimezone(zone).date() <= day


def _table(rows: Sequence[_Row], zone: ZoneInfo, language: str) -> str:
    standings = _STANDINGS.get(language, _STANDINGS["en"])
    lines = [
        (
            f"#{row.on_plate.number}",
            ("! " if row.urgency[0] < -PRIORITIES.index("normal") else "") + standings[row.standing],
            _when(row.due_at, zone),
            _when(row.on_plate.created_at, zone),
            _short(row.on_plate.customer, _LONGEST_NAME),
            _short(row.on_plate.subject, _LONGEST_SUBJECT),
        )
        for row in rows[:_MOST_TICKETS]
    ]
    more = f"\n... {len(rows) - _MOST_TICKETS}" if len(rows) > _MOST_TICKETS else ""
    head = _HEADS.get(language, _HEADS["en"])
    return columns([head, *lines], words=len(head)) + more


def _when(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%m-%d %H:%M") if moment else ""


def _short(text: str, longest: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"
