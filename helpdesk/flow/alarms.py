"""The desk looks after itself: facts are gathered, judged, and what is new is told to PIC, once.

1. gather: the store's facts, and what the front has seen (mailboxes, disks)
2. judge: decide.alarms, pure
3. what is new becomes a row, and one letter for each name, in one transaction; what is over loses its row
Whoever inserts the row writes the letter: further looks, restarts and other nodes find it there (P4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.decide import quiet
from helpdesk.decide.alarms import standing
from helpdesk.decide.parked import alarm_notice, park_notice
from helpdesk.decide.seen import GRACE, MOST, Facts, FailingDeadline, Seen, Waiting
from helpdesk.flow.letters import write_letters
from helpdesk.flow.workshop import Workshop
from helpdesk.model.alarms import Alarm, AlarmName, Raised, parked_alarm
from helpdesk.store import alarms, greetings, traffic

_log = structlog.get_logger()


def look(shop: Workshop, seen: Seen) -> list[str]:
    """Look after everything; return the keys of the alarms that stand."""
    now = shop.clock()
    with shop.desk.read() as desk, shop.spool.read() as spool:
        told = alarms.raised(desk)
        failures, gone = alarms.failed_deadlines(desk, MOST)
        facts = _facts(shop, desk, spool, seen, told, failures, now)
    verdict = standing(facts, told, shop.policy.calendar.timezone, now, seen.patience)
    known = {one.alarm.key for one in told}
    news = [alarm for alarm in verdict.alarms if alarm.key not in known]
    over = [one.alarm.key for one in verdict.over]
    if news or over or gone:
        with shop.desk.write("alarms") as desk:
            _tell(shop, desk, news, now)
            alarms.take_down(desk, over)
            alarms.forget_failures(desk, gone)
        for key in over:
            _log.info("alarm_over", action="alarm_over", name=key.partition(" ")[0])
    return sorted((known | {alarm.key for alarm in news}) - set(over))


def tell_parked(shop: Workshop, desk: Connection, spool_id: int, reason: str, now: datetime) -> None:
    """A mail is parked, in this transaction: PIC are told, unless mails parked for the same reason stand already."""
    alarm = parked_alarm((spool_id,), reason)
    if alarms.put_up(desk, alarm, now):
        _log.error("alarm", action="alarm", name=alarm.name)
        write_letters(shop, desk, park_notice(spool_id, reason, shop.policy), now)


def _tell(shop: Workshop, desk: Connection, news: Sequence[Alarm], now: datetime) -> None:
    """One letter for each name, however many alarms of it are new."""
    fresh: dict[AlarmName, list[Alarm]] = {}
    for alarm in news:
        if alarms.put_up(desk, alarm, now):
            fresh.setdefault(alarm.name, []).append(alarm)
    for name, of_name in fresh.items():
        _log.error("alarm", action="alarm", name=name, alarms=len(of_name))
        lines = [line for alarm in of_name for line in ("", *alarm.lines)]
        write_letters(shop, desk, alarm_notice(name, tuple(lines[1:]), shop.policy), now)


def _facts(
    shop: Workshop,
    desk: Connection,
    spool: Connection,
    seen: Seen,
    told: Sequence[Raised],
    failures: Sequence[alarms.Failure],
    now: datetime,
) -> Facts:
    oldest = alarms.longest_waiting(desk)
    return Facts(
        host=seen.host,
        hosts=frozenset(alarms.hosts(spool)),
        parked=tuple(alarms.parked(desk, MOST)),
        mailboxes=seen.mailboxes,
        waiting=Waiting(oldest.since, oldest.id, oldest.error) if oldest else None,
        roads=_roads(shop, spool, seen, told, now),
        disks=seen.disks,
        canned=tuple(str(problem) for problem in shop.library.problems),
        deadlines=tuple(FailingDeadline(f.ticket, f.kind, f.error, f.since) for f in failures),
        flood=greetings.flood(desk, now),
    )


def _roads(
    shop: Workshop, spool: Connection, seen: Seen, told: Sequence[Raised], now: datetime
) -> Mapping[str, tuple[quiet.Span, ...]]:
    raised = {one.alarm.about: one.at for one in told if one.alarm.name is AlarmName.QUIET}
    return {
        road: tuple(_spans(shop, spool, road, raised.get(road), now))
        if seen.counts and (road in raised or seen.up_for >= GRACE)
        else ()
        for road in seen.roads
    }


def _spans(
    shop: Workshop, spool: Connection, road: str, raised_at: datetime | None, now: datetime
) -> list[quiet.Span]:
    """From the shortest to one that decides; where the alarm stands, those that began since."""
    begun_at = traffic.begun_at(spool, road)
    spans: list[quiet.Span] = []
    for length in quiet.LENGTHS if begun_at else ():
        if raised_at and now - length < raised_at:
            break
        assert begun_at is not None
        periods = quiet.periods(length, shop.policy.calendar, begun_at, now)
        if not periods:
            break
        count, *usual = (traffic.count(spool, road, *period) for period in periods)
        spans.append(quiet.Span(length, count, tuple(usual)))
        if quiet.decides(spans[-1]) if raised_at is None else quiet.is_lively(spans[-1]):
            break
    return spans
