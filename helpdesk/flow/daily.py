"""The daily report to PIC, the digest to each operator: once per working day, on any number of nodes.

Restarts and jumps of the clock bring none twice.


1. is a new working day open? (looked up, cheap: asked every few seconds)
2. in one transaction: the day's row in `occasion`, the figures since the last report, the letters, and how far
   they tell; whoever comes second finds the row
"""

from __future__ import annotations

from datetime import date, datetime

import structlog
from sqlalchemy import Connection

from helpdesk.decide import daily
from helpdesk.decide.digest import digests
from helpdesk.decide.reporting import Counting
from helpdesk.flow.audit import Audit, account_for
from helpdesk.flow.letters import write_letters
from helpdesk.flow.report import count
from helpdesk.flow.workshop import Workshop
from helpdesk.model.account import DayFigures
from helpdesk.model.decision import Draft
from helpdesk.store import absences, accounts, handled, journal, letters, occasions, plates, proof
from helpdesk.store.occasions import Told
from helpdesk.store.reporting import Since

_log = structlog.get_logger()


def report_if_due(shop: Workshop) -> bool:
    """Write the daily report if one is due; was it?

    The first call on a desk only notes where its first report will begin: at the next opening.
    """
    now = shop.clock()
    with shop.desk.read() as desk:
        last = occasions.told(desk)
    if last is None:
        _begin(shop, now)
        return False
    day = daily.due_day(now, shop.policy.calendar, last.day, last.at)
    return day is not None and _report(shop, day, now)


def _begin(shop: Workshop, now: datetime) -> None:
    with shop.desk.write("daily") as desk, shop.spool.read() as spool:
        if occasions.told(desk) is None:
            day = daily.day_of(now, shop.policy.calendar)
            occasions.remember(desk, occasions.as_of_now(desk, spool, day, now))


def _report(shop: Workshop, day: date, now: datetime) -> bool:
    with shop.desk.write("daily") as desk:
        if not occasions.first_time(desk, daily.occasion(day), now):
            return False
        last = occasions.told(desk)  # again, inside: another node may have reported another day
        assert last is not None
        with shop.spool.read() as spool:
            told = occasions.as_of_now(desk, spool, day, now)
            counted = count(desk, Since(last.line), shop.policy.calendar.timezone, lambda: shop.beat(None))
            figures = _figures(desk, _account(shop, spool, desk, last, told), last, told, counted)
        drafts = daily.report(day, figures, shop.policy)
        write_letters(shop, desk, [*drafts, *_digests(shop, desk, day, now)], now)
        occasions.remember(desk, told)
        reason = f"the report of {day} told {len(drafts)} readers the newest hash {figures.head or 'none'}"
        journal.write(desk, journal.Line(now, daily.LETTER, "clock", reason))
    _log.info(daily.LETTER, action=daily.LETTER, day=day.isoformat(), findings=len(figures.findings))
    return True


def _digests(shop: Workshop, desk: Connection, day: date, now: datetime) -> tuple[Draft, ...]:
    """What each operator has before them today; the day's row in `occasion` is theirs, too."""
    rules = shop.policy
    if not rules.digest.operators:
        return ()
    on_plates = plates.plates(desk, [person.address for person in rules.operators])
    return digests(day, on_plates, absences.standing(desk, now), rules)


def _account(shop: Workshop, spool: Connection, desk: Connection, last: Told, told: Told) -> Audit:
    """What came since the last report, and the history of every ticket that was touched since."""

    def beat(*_: object) -> None:
        """A long look is no hanging worker."""
        shop.beat(None)

    result = Audit()
    account_for(result, spool, desk, (last.inbox + 1, told.inbox), progress=beat)
    for stretch in proof.prove(desk, proof.touched_since(desk, last.line)):
        result.tickets += stretch.tickets
        result.find(stretch.findings)
        beat()
    return result


def _figures(desk: Connection, result: Audit, last: Told, told: Told, counted: Counting) -> DayFigures:
    line, head = proof.newest_line(desk)
    return DayFigures(
        since=last.at,
        roads=result.roads,
        created=counted.whole.created,
        closed=counted.whole.closed + counted.auto_closed,
        first=counted.first.due,
        following=counted.following.due,
        parked_now=handled.parked_count(desk),
        tickets=accounts.by_status(desk),
        overdue=accounts.overdue(desk),
        cards=accounts.cards_after(desk, last.card),
        letters_sent=max(0, told.sent - last.sent),
        letters_failed=max(0, told.failed - last.failed),
        letters_waiting=letters.counts(desk)["queued"],
        proved=result.tickets,
        findings=tuple(result.findings),
        head=f"{head} ({line})" if head else "",
    )
