"""Does everything add up? What arrived against what became of it, and the history against the tickets (P2, T29).

Looks only, beside a running desk; each database is read as it was at one instant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from helpdesk.decide.accounting import fate, rule
from helpdesk.model.account import FATES, Fate, Finding
from helpdesk.model.reasons import because
from helpdesk.store import accounts, proof
from helpdesk.store.accounts import Receipt
from helpdesk.store.progress import Progress, silent
from helpdesk.store.session import Database

MOST_FINDINGS = 1000
"""So many are kept in words; all are counted. Where everything is wrong, memory must not be."""


@dataclass(slots=True)
class Audit:
    """`outcomes` are counted by what became of the mail and the event or rule that says so."""

    roads: dict[str, Counter[Fate]] = field(default_factory=dict)
    outcomes: Counter[tuple[Fate, str]] = field(default_factory=Counter)
    tickets: int = 0
    lines: int = 0
    head: str = ""
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    def find(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.found += 1
            if len(self.findings) < MOST_FINDINGS:
                self.findings.append(finding)

    def totals(self) -> Counter[Fate]:
        return sum(self.roads.values(), Counter())


def audit(
    spool: Database,
    desk: Database,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Progress = silent,
) -> Audit:
    """Account for what was received in [since, until), and verify the whole history."""
    result = Audit()
    with desk.read() as desk_now, spool.read() as spool_now:
        proof.freeze(desk_now)
        accounts.watermark(desk_now)  # this look fixes the desk's instant: it must be before the spool's
        proof.freeze(spool_now)
        ids = accounts.span(spool_now, desk_now, since, until)
        account_for(result, spool_now, desk_now, ids, since, until, progress)
        _verify(result, desk_now, progress)
        result.head = proof.newest_line(desk_now)[1]
    return result


def account_for(
    result: Audit,
    spool: Connection,
    desk: Connection,
    ids: tuple[int, int],
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Progress = silent,
) -> None:
    """Count every row of the inbox with these ids, once."""
    first, last = ids
    for stretch in accounts.receipts(spool, desk, ids, since, until):
        for receipt in stretch:
            _count(result, receipt)
        seen = stretch[-1].spool_id if stretch else last
        progress("accounting for mails", seen - first + 1, last - first + 1)


def _count(result: Audit, receipt: Receipt) -> None:
    if receipt.road == accounts.GONE:
        what = because("no_such_mail", number=receipt.spool_id, what=receipt.outcome)
        result.find([Finding(receipt.ticket, None, what, "restore the spool from a backup")])
        return
    became = Fate.UNACCOUNTED if receipt.state == accounts.LOST else fate(receipt.state, receipt.outcome)
    result.roads.setdefault(receipt.road, Counter(dict.fromkeys(FATES, 0)))[became] += 1
    result.outcomes[became, rule(receipt.outcome) or receipt.state] += 1
    if became is Fate.UNACCOUNTED:
        result.find([_unaccounted(receipt)])
    if receipt.astray:
        what = because("ticket_not_there", number=receipt.spool_id, what=receipt.outcome)
        result.find([Finding(receipt.ticket, None, what, "restore the ticket from a backup")])


def _unaccounted(receipt: Receipt) -> Finding:
    number, road = receipt.spool_id, receipt.road
    if receipt.state == accounts.LOST:
        what = because("lost_row", number=number, road=road)
        return Finding(receipt.ticket, None, what, f"helpdesk inbox replay {number}")
    what = because("unknown_outcome", number=number, road=road, what=receipt.outcome)
    return Finding(receipt.ticket, None, what, "its bytes are in the spool; send the mail to the desk again")


def _verify(result: Audit, desk: Connection, progress: Progress) -> None:
    total = proof.count(desk)
    for stretch in proof.prove_all(desk):
        result.tickets += stretch.tickets
        result.lines += stretch.lines
        result.find(stretch.findings)
        progress("verifying the history", result.tickets, total)
