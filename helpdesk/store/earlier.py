"""What mails that were handled say of the next one: is it a copy of one, and how many has its writer sent lately?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, or_, select, union

from helpdesk.store.among import among
from helpdesk.store.columns import as_key
from helpdesk.store.foreseen import foreseen, keep
from helpdesk.store.schema import HANDLED

DUPLICATE = "duplicate"
"""The outcome of a row that brought a mail which another row had brought already."""


class Earlier(NamedTuple):
    """A mail that was handled; `date` is its own."""

    spool_id: int
    ticket: int | None
    message_id: str | None
    dedupe_key: str
    sender: str
    date: datetime | None


class Coming(NamedTuple):
    """A mail of a batch, which will be asked for its copies and its writer."""

    spool_id: int
    dedupe_key: str
    message_id: str | None
    writer: str


@dataclass(slots=True)
class _Known:
    """`waiting`: rows that are not finished yet. `alike`: by dedupe key and by message id, of all that were asked for.

    `mails`: of each writer the mails finished since `since`.
    """

    waiting: set[int]
    alike: dict[str, list[Earlier]]
    mails: dict[str, int]
    since: datetime


def alike(desk: Connection, dedupe_key: str, message_id: str | None) -> list[Earlier]:
    """Finished rows but for duplicates with this dedupe key or this message id, oldest first; '' matches nothing.

    Of those with only the id the content may differ (R35).
    """
    names = [_by_key(dedupe_key), *([_by_id(message_id)] if message_id else ())]
    known = foreseen(desk, _Known)
    if known and all(name in known.alike for name in names):
        return sorted({row.spool_id: row for name in names for row in known.alike[name]}.values())
    asked = {"key": dedupe_key or None, "id": message_id or None}
    return [Earlier(*row) for row in desk.execute(_ALIKE, asked)]


def mails_of(desk: Connection, writer: str, since: datetime) -> int:
    """How many mails of this address were finished at `since` or later.

    For a mail of a batch: since its first mail asked, a moment more.
    """
    writer, known = writer.lower(), foreseen(desk, _Known)
    if known and known.since <= since and (name := as_key(writer)) in known.mails:
        return known.mails[name]
    return desk.scalar(_MAILS, {"from": writer, "since": since}) or 0


def foresee(desk: Connection, coming: Sequence[Coming], since: datetime) -> None:
    """Ask for all of a batch at once, of the writers' mails those since `since`."""
    keys = {mail.dedupe_key for mail in coming if mail.dedupe_key}
    ids = {mail.message_id for mail in coming if mail.message_id}
    known = _Known({mail.spool_id for mail in coming}, {}, {}, since)
    for name in (*map(_by_key, keys), *map(_by_id, ids)):
        known.alike[name] = []
    for row in desk.execute(_ALL_ALIKE, {"keys": keys, "ids": ids}):
        _note(known, Earlier(*row))
    writers = {mail.writer.lower() for mail in coming}
    counts = desk.execute(_MAILS_OF_ALL, {"writers": writers, "since": since})
    known.mails = {**dict.fromkeys(map(as_key, writers), 0), **{row.sender: row.mails for row in counts}}
    keep(desk, known, [HANDLED])


def finishes(desk: Connection, spool_id: int, values: Mapping[str, Any]) -> bool:
    """These become of a row of HANDLED. True: it is one of a batch, may be stored later, and is known until then."""
    known = foreseen(desk, _Known)
    if known is None or spool_id not in known.waiting:
        return False
    known.waiting.discard(spool_id)
    if values["outcome"] != DUPLICATE:
        _note(known, Earlier(spool_id, *(values[name] for name in Earlier._fields[1:])))
    if (name := as_key(values["sender"])) in known.mails:
        known.mails[name] += 1
    return True


def _note(known: _Known, row: Earlier) -> None:
    for name in (_by_key(row.dedupe_key), _by_id(row.message_id)):
        if name in known.alike:
            known.alike[name].append(row)


def _by_key(dedupe_key: str) -> str:
    return f"key {dedupe_key}"


def _by_id(message_id: str | None) -> str:
    return f"id {as_key(message_id or '')}"


def _alike(*conditions: ColumnElement[bool]) -> Any:
    columns = [HANDLED.c[name] for name in Earlier._fields]
    # but for duplicates: when the row that they repeat is replayed, it is no duplicate of theirs
    return select(*columns).where(HANDLED.c.state != "taken", HANDLED.c.outcome != DUPLICATE, *conditions)


_SINCE = (HANDLED.c.at >= bindparam("since"), HANDLED.c.state != "taken")
_MAILS = select(func.count()).where(HANDLED.c.sender == bindparam("from"), *_SINCE)
_MAILS_OF_ALL = (
    select(HANDLED.c.sender, func.count().label("mails"))
    .where(among(HANDLED.c.sender, "writers"), *_SINCE)
    .group_by(HANDLED.c.sender)
)
_IS_ALIKE = or_(HANDLED.c.dedupe_key == bindparam("key"), HANDLED.c.message_id == bindparam("id"))
_ALIKE = _alike(_IS_ALIKE).order_by(HANDLED.c.spool_id)
_ALL_ALIKE = union(_alike(among(HANDLED.c.dedupe_key, "keys")), _alike(among(HANDLED.c.message_id, "ids")))
