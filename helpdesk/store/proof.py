"""Does the history tell the truth? Every chain of the journal is followed, every ticket compared with its lines.

Reads only, in stretches of some hundred tickets: a desk with a million needs no more memory than a small one.
Whatever somebody wrote into the tables by hand is found and told, it never makes the reading fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, text

from helpdesk.model.account import Finding
from helpdesk.model.reasons import because
from helpdesk.store import chain
from helpdesk.store.journal import desk_head
from helpdesk.store.schema import JOURNAL, TICKET
from helpdesk.store.session import is_server

AT_ONCE = 500
_SHOWN = 60

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was looked at in one go."""

    tickets: int
    lines: int
    findings: tuple[Finding, ...]


def freeze(connection: Connection) -> None:
    """All that this transaction reads is of one instant; its first statement."""
    if is_server(connection):
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def count(desk: Connection) -> int:
    return desk.scalar(select(func.count()).select_from(TICKET)) or 0


def prove_all(desk: Connection) -> Iterator[Stretch]:
    """Every ticket, in the order of numbers, and the lines without a ticket."""
    last: int | None = None
    while rows := desk.execute(_tickets(desk).where(_above(TICKET.c.number, last)).limit(AT_ONCE)).all():
        until = rows[-1].number if len(rows) == AT_ONCE else None
        lines = _lines(desk).where(_above(JOURNAL.c.ticket, last), _up_to(JOURNAL.c.ticket, until))
        yield _stretch(rows, desk.execute(lines).all())
        if until is None:
            break
        last = until
    else:
        yield _stretch((), desk.execute(_lines(desk).where(_above(JOURNAL.c.ticket, last))).all())
    yield from _prove_desk_chain(desk)


def prove(desk: Connection, numbers: Sequence[int]) -> Iterator[Stretch]:
    """These tickets only."""
    for start in range(0, len(numbers), AT_ONCE):
        wanted = numbers[start : start + AT_ONCE]
        rows = desk.execute(_tickets(desk).where(TICKET.c.number.in_(wanted))).all()
        yield _stretch(rows, desk.execute(_lines(desk).where(JOURNAL.c.ticket.in_(wanted))).all())


def touched_since(desk: Connection, line: int) -> list[int]:
    """The tickets of which a line above this id tells."""
    query = select(JOURNAL.c.ticket).where(JOURNAL.c.id > line, JOURNAL.c.ticket.is_not(None)).distinct()
    return list(desk.scalars(query.order_by(JOURNAL.c.ticket)))


def newest_line(desk: Connection) -> tuple[int, str]:
    """The id and the hash of the newest line of the whole journal; (0, '') when there is none."""
    row = desk.execute(select(JOURNAL.c.id, JOURNAL.c.hash).order_by(JOURNAL.c.id.desc()).limit(1)).first()
    return (row.id, row.hash) if row else (0, "")


def _tickets(desk: Connection) -> Select[Any]:
    return select(*(chain.bare(c, desk.dialect) for c in TICKET.columns)).order_by(TICKET.c.number)


def _lines(desk: Connection) -> Select[Any]:
    columns = (chain.bare(c, desk.dialect) for c in JOURNAL.columns)
    return select(*columns).order_by(JOURNAL.c.ticket, JOURNAL.c.id)


def _above(column: Any, number: int | None) -> Any:
    return column.is_not(None) if number is None else column > number


def _up_to(column: Any, number: int | None) -> Any:
    return column.is_not(None) if number is None else column <= number


def _stretch(rows: Sequence[Row[Any]], lines: Sequence[Row[Any]]) -> Stretch:
    said = {number: list(its) for number, its in groupby(lines, lambda line: line.ticket)}
    findings = [finding for row in rows for finding in _prove_ticket(row, said.pop(row.number, []))]
    for number, its in said.items():
        what = because("lines_of_none", number=len(its))
        findings.append(Finding(number, its[0].id, what, "restore the ticket's row from a backup"))
    return Stretch(len(rows), len(lines), tuple(findings))


def _prove_ticket(row: Row[Any], lines: Sequence[Row[Any]]) -> Iterator[Finding]:
    if not lines:
        what = because("nothing_told")
        yield Finding(
            row.number, None, what, f"look at `helpdesk ticket {row.number}`; compare with a backup"
        )
        return
    read = [_read(JOURNAL, line) for line in lines]
    yield from _links(row.number, read)
    yield from _end(row.number, read, row.journal_head)
    yield from _states(row.number, read)
    yield from _compare(_read(TICKET, row), read)


def _read(table: Any, row: Row[Any]) -> Facts:
    return {column.name: chain.as_read(column, getattr(row, column.name)) for column in table.columns}


def _links(number: int | None, lines: Sequence[Facts], before: str = "") -> Iterator[Finding]:
    for line in lines:
        if line["hash"] != chain.link(before, line):
            yield Finding(number, line["id"], because("does_not_follow"), "restore the line from a backup")
        before = line["hash"]


def _end(number: int | None, lines: Sequence[Facts], head: str) -> Iterator[Finding]:
    if (lines[-1]["hash"] if lines else "") != head:
        what = because("newest_is_other")
        last = lines[-1]["id"] if lines else None
        yield Finding(number, last, what, "restore the lines after this one from a backup")


def _states(number: int, lines: Sequence[Facts]) -> Iterator[Finding]:
    """Each line begins where the one before it ended; the lines of one decision all tell the same step."""
    status, step = None, None
    for line in lines:
        this = (line["at"], line["status_before"], line["status_after"])
        if line["status_before"] != status and this != step:
            what = because("begins_otherwise", after=line["status_before"], before=status)
            yield Finding(number, line["id"], what, "restore the line from a backup")
        status, step = line["status_after"], this


def _compare(row: Facts, lines: Sequence[Facts]) -> Iterator[Finding]:
    told: dict[str, tuple[Any, int]] = {}
    for line in lines:
        changes: Mapping[str, Any] = line["changes"] if isinstance(line["changes"], dict) else {}
        told |= {name: (value, line["id"]) for name, value in changes.items()}
    for name in chain.FOLDED:
        value, line_id = told.get(name, (None, lines[0]["id"]))
        if name not in told:
            yield Finding(row["number"], line_id, because("field_untold", what=name), "restore the lines")
        elif not _same(row[name], value):
            what = because("field_differs", what=name, said=_shown(row[name]), told=_shown(value))
            yield Finding(row["number"], line_id, what, f"put {name} back to what the history says")


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)  # 1 is not yes


def _shown(value: Any) -> str:
    words = repr(value)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"


def _prove_desk_chain(desk: Connection) -> Iterator[Stretch]:
    query = (
        _lines(desk).where(JOURNAL.c.ticket.is_(None)).order_by(None).order_by(JOURNAL.c.id).limit(AT_ONCE)
    )
    read: list[Facts] = []
    before, last = "", 0
    while rows := desk.execute(query.where(JOURNAL.c.id > last)).all():
        read = [_read(JOURNAL, row) for row in rows]
        yield Stretch(0, len(rows), tuple(_links(None, read, before)))
        before, last = read[-1]["hash"], read[-1]["id"]
    yield Stretch(0, 0, tuple(_end(None, read, desk_head(desk))))
