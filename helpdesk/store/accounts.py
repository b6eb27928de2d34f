"""The ledger of receipt beside what the desk says of it: every row of the inbox with what became of it.

Rows come in the order of their ids, some thousand at a time. Open the desk's snapshot first and the spool's
after it: then whatever is at or below the desk's watermark has had its turn, and what is above it waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, distinct, func, or_, select

from helpdesk.model.ticket import Status
from helpdesk.store.schema import CARD, HANDLED, INBOX, JOURNAL, TICKET

AT_ONCE = 2000
LOST = "lost"
"""The state of a row that the desk has worked beyond without a word about it."""
GONE = "gone"
"""The road of a row that the desk has handled, though the spool holds no such mail."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """`state` is that of `handled`, or `taken` for what waits, or LOST. `astray`: its ticket is not there."""

    spool_id: int
    road: str
    state: str
    outcome: str
    ticket: int | None
    astray: bool


def span(
    spool: Connection, desk: Connection, since: datetime | None, until: datetime | None
) -> tuple[int, int]:
    """The ids to look at for what was received in [since, until): from first to last, nothing if first > last.

    An open end reaches as far as the desk's own word does, so that a row gone from the spool is missed.
    """
    query = select(func.min(INBOX.c.id), func.max(INBOX.c.id))
    if since is not None:
        query = query.where(INBOX.c.received_at >= since)
    if until is not None:
        query = query.where(INBOX.c.received_at < until)
    lowest, highest = spool.execute(query).one()
    first = (lowest or 1) if since else 1
    return first, (highest or 0) if until else max(highest or 0, 0 if since else watermark(desk))


def newest_id(spool: Connection) -> int:
    return spool.scalar(select(func.max(INBOX.c.id))) or 0


def watermark(desk: Connection) -> int:
    """Up to this id the desk has taken every row into its hands."""
    return desk.scalar(select(func.max(HANDLED.c.spool_id))) or 0


def receipts(
    spool: Connection,
    desk: Connection,
    ids: tuple[int, int],
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[list[Receipt]]:
    """All rows with `ids` first to last that were received in [since, until), in stretches."""
    first, last = ids
    taken = watermark(desk)
    inbox = select(INBOX.c.id, INBOX.c.road, INBOX.c.received_at).order_by(INBOX.c.id).limit(AT_ONCE)
    while first <= last:
        rows = spool.execute(inbox.where(INBOX.c.id.between(first, last))).all()
        end = rows[-1].id if len(rows) == AT_ONCE else last
        fates = _fates(desk, first, end)
        wanted = [
            row
            for row in rows
            if (since is None or row.received_at >= since) and (until is None or row.received_at < until)
        ]
        stretch = [_receipt(row.id, row.road, fates.get(row.id), taken) for row in wanted]
        gone = fates.keys() - {row.id for row in rows}
        yield stretch + [_receipt(spool_id, GONE, fates[spool_id], taken) for spool_id in sorted(gone)]
        first = end + 1


_Fate = tuple[str, str, int | None, bool]


def _fates(desk: Connection, first: int, last: int) -> dict[int, _Fate]:
    query = (
        select(HANDLED.c.spool_id, HANDLED.c.state, HANDLED.c.outcome, HANDLED.c.ticket, TICKET.c.number)
        .outerjoin(TICKET, TICKET.c.number == HANDLED.c.ticket)
        .where(HANDLED.c.spool_id.between(first, last))
    )
    return {
        row.spool_id: (row.state, row.outcome, row.ticket, row.ticket is not None and row.number is None)
        for row in desk.execute(query)
    }


def _receipt(spool_id: int, road: str, fate: _Fate | None, taken: int) -> Receipt:
    if fate is None:
        state = LOST if spool_id <= taken else "taken"
        return Receipt(spool_id, road, state, "", None, astray=False)
    return Receipt(spool_id, road, *fate)


def newest_card(desk: Connection) -> int:
    return desk.scalar(select(func.max(CARD.c.id))) or 0


def cards_after(desk: Connection, card_id: int) -> int:
    """How many yellow cards were given since the one with this id."""
    return desk.scalar(select(func.count()).where(CARD.c.id > card_id)) or 0


def by_status(desk: Connection) -> dict[str, int]:
    """How many tickets stand in each status but closed, in the order of a ticket's life."""
    query = select(TICKET.c.status, func.count()).where(TICKET.c.status != str(Status.CLOSED))
    found = {row[0]: row[1] for row in desk.execute(query.group_by(TICKET.c.status))}
    return {status.value: found[status] for status in Status if status in found}


def overdue(desk: Connection) -> int:
    """Open tickets whose answer was due and has not been given since."""
    late = and_(
        TICKET.c.status == str(Status.OPEN),
        JOURNAL.c.event == "breached",
        or_(TICKET.c.answered_at.is_(None), JOURNAL.c.at > TICKET.c.answered_at),
    )
    query = select(func.count(distinct(TICKET.c.number))).join(JOURNAL, JOURNAL.c.ticket == TICKET.c.number)
    return desk.scalar(query.where(late)) or 0
