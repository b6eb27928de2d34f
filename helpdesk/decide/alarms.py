"""Which alarms stand, which are over: one small rule for each name, over facts that were gathered before.

A rule judges only what its facts can tell. An alarm that is neither seen nor seen to be over stays as it is: a
mailbox that has not been tried since the start, a disk of another computer that lives.
What is news, and so worth a letter: `about` of each rule, documented in docs/alarms.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.decide import quiet
from helpdesk.decide.seen import MOST, Disk, Facts, Patience
from helpdesk.model.alarms import Alarm, AlarmName, Raised, enumerated, parked_about, parked_alarm
from helpdesk.model.reasons import because, recognised

_NAMED = 10
_CLEARS_AT = 1.25


@dataclass(frozen=True, slots=True)
class Verdict:
    """`alarms` stand, those told before included; `over` are raised ones that do not stand any more."""

    alarms: tuple[Alarm, ...]
    over: tuple[Raised, ...]


def standing(
    facts: Facts,
    raised: Sequence[Raised],
    timezone: ZoneInfo,
    now: datetime,
    patience: Patience | None = None,
) -> Verdict:
    """Judge every alarm by the facts of `now`. `raised` are those that PIC know of."""
    case = _Case(facts, raised, timezone, now, patience or Patience())
    findings = [rule(case) for rule in RULES]
    return Verdict(
        tuple(alarm for alarms, _ in findings for alarm in alarms),
        tuple(one for _, over in findings for one in over),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    facts: Facts
    raised: Sequence[Raised]
    timezone: ZoneInfo
    now: datetime
    patience: Patience

    def told(self, name: AlarmName) -> list[Raised]:
        return [one for one in self.raised if one.alarm.name is name]

    def found(
        self, name: AlarmName, alarms: Iterable[Alarm], may_end: Callable[[Raised], bool] = lambda _: True
    ) -> _Finding:
        """`may_end`: do the facts tell whether this one stands?"""
        seen = {alarm.key: alarm for alarm in alarms}
        over = [one for one in self.told(name) if one.alarm.key not in seen and may_end(one)]
        return list(seen.values()), over

    def is_ours(self, one: Raised) -> bool:
        """Raised on this computer, or on one where nobody lives who could say that it is over."""
        return one.alarm.host == self.facts.host or one.alarm.host not in self.facts.hosts

    def when(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.timezone):%Y-%m-%d %H:%M}"


_Finding = tuple[list[Alarm], list[Raised]]


def _parked(case: _Case) -> _Finding:
    kinds: dict[str, list[tuple[int, str]]] = {}
    for spool_id, reason in case.facts.parked:
        kinds.setdefault(parked_about(reason), []).append((spool_id, reason))
    alarms = [
        parked_alarm(tuple(i for i, _ in rows[:_NAMED]), rows[0][1], more=len(rows) > _NAMED)
        for rows in kinds.values()
    ]
    whole = len(case.facts.parked) < MOST
    return case.found(AlarmName.PARKED, alarms, lambda _: whole)


def _mailbox(case: _Case) -> _Finding:
    boxes = {box.name: box for box in case.facts.mailboxes}
    alarms = [
        Alarm(
            AlarmName.MAILBOX,
            box.name,
            (because("alarm_mailbox", what=box.name, number=_minutes(failing)), *box.error.splitlines()),
        )
        for box in boxes.values()
        if (failing := box.failing_for) is not None and failing >= case.patience.mailbox
    ]

    def may_end(one: Raised) -> bool:
        box = boxes.get(one.alarm.about)
        return box is None or box.failing_for == timedelta()

    return case.found(AlarmName.MAILBOX, alarms, may_end)


def _outbox_old(case: _Case) -> _Finding:
    oldest = case.facts.waiting
    if oldest is None or case.now - oldest.since < case.patience.outbox:
        return case.found(AlarmName.OUTBOX_OLD, ())
    minutes = _minutes(case.now - oldest.since)
    waits = because("alarm_waits", letter=oldest.letter_id, when=case.when(oldest.since), number=minutes)
    error = (because("alarm_attempt", why=oldest.error),) if oldest.error else ()
    return case.found(AlarmName.OUTBOX_OLD, [Alarm(AlarmName.OUTBOX_OLD, "", (waits, *error))])


def _quiet(case: _Case) -> _Finding:
    told = {one.alarm.about: one for one in case.told(AlarmName.QUIET)}
    alarms = []
    for road, spans in case.facts.roads.items():
        if road in told:
            # spans since then alone: older ones still hold mails from before the silence
            fresh = [span for span in spans if case.now - span.length >= told[road].at]
            if not any(quiet.is_lively(span) or quiet.is_abandoned(span) for span in fresh):
                alarms.append(told[road].alarm)
        elif found := next((span for span in spans if quiet.is_quiet(span)), None):
            alarms.append(Alarm(AlarmName.QUIET, road, (quiet.in_words(road, found),)))
    return case.found(AlarmName.QUIET, alarms)


def _disk(case: _Case) -> _Finding:
    told = {one.alarm.key for one in case.told(AlarmName.DISK)}
    alarms: list[Alarm] = []
    for disk in case.facts.disks:
        low, full = (_disk_alarm(disk, case.facts.host, full=full) for full in (False, True))
        bound = disk.floor * case.patience.spare * (_CLEARS_AT if low.key in told else 1)
        alarms += [low] if disk.free < bound else []
        alarms += [full] if disk.free < disk.floor else []
    return case.found(AlarmName.DISK, alarms, case.is_ours)


def _disk_alarm(disk: Disk, host: str, *, full: bool) -> Alarm:
    where = f"{host}:{disk.folder}" if host else disk.folder
    name, about = ("alarm_disk_full", f"{where} full") if full else ("alarm_disk_low", where)
    line = because(name, what=where, free=_gigabytes(disk.free), floor=_gigabytes(disk.floor))
    return Alarm(AlarmName.DISK, about, (line,), host)


def _canned(case: _Case) -> _Finding:
    alarms = [Alarm(AlarmName.CANNED, problem, (problem,), case.facts.host) for problem in case.facts.canned]
    return case.found(AlarmName.CANNED, alarms, case.is_ours)


def _deadline(case: _Case) -> _Finding:
    kinds: dict[tuple[str, str], list[int]] = {}
    for failing in case.facts.deadlines:
        if case.now - failing.since >= case.patience.deadline:
            kinds.setdefault((failing.kind, failing.error), []).append(failing.ticket)
    alarms = [
        Alarm(
            AlarmName.DEADLINE,
            f"{kind} {error}",
            (because("alarm_deadline", what=kind, why=_some(tickets), error=error),),
        )
        for (kind, error), tickets in kinds.items()
    ]
    whole = len(case.facts.deadlines) < MOST
    return case.found(AlarmName.DEADLINE, alarms, lambda _: whole)


def _flood(case: _Case) -> _Finding:
    """One alarm for all of it: who forges a thousand senders must not cause a thousand letters to PIC instead."""
    flood = case.facts.flood
    if flood is None:
        return case.found(AlarmName.FLOOD, ())
    why = recognised(flood.why)
    line = because("alarm_flood", when=case.when(flood.since), number=flood.count, why=why)
    return case.found(AlarmName.FLOOD, [Alarm(AlarmName.FLOOD, "", (line,))])


RULES: tuple[Callable[[_Case], _Finding], ...] = (
    _parked,
    _mailbox,
    _outbox_old,
    _quiet,
    _disk,
    _canned,
    _deadline,
    _flood,
)


def _some(numbers: Sequence[int]) -> str:
    return enumerated(numbers[:_NAMED], more=len(numbers) > _NAMED)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _gigabytes(size: int) -> str:
    return f"{size / 1024**3:.1f}"
