"""The spool: what arrived, as it arrived. Append-only; a row is never updated (P1, P2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from helpdesk.model.fingerprint import dedupe_key
from helpdesk.model.mail import Arrival, Happening, Road, SpooledArrival
from helpdesk.store.among import among
from helpdesk.store.holding import hold_arrivals
from helpdesk.store.schema import CURSOR, INBOX
from helpdesk.store.statements import insert_all, put

_FETCH_AT_ONCE = 500
_THESE = select(INBOX).where(among(INBOX.c.id, "ids"))
_UP_TO = _THESE.where(func.length(INBOX.c.raw) <= bindparam("up_to"))

_AFTER = (
    select(INBOX.c.id).where(INBOX.c.id > bindparam("last")).order_by(INBOX.c.id).limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a mailbox folder has been read: every uid up to `uid` of this `uidvalidity` is in the spool."""

    account: str
    folder: str
    uidvalidity: int
    uid: int


def append(connection: Connection, arrivals: Sequence[Arrival]) -> list[int]:
    """Store arrivals with their dedupe keys; return their ids in the same order."""
    if not arrivals:
        return []
    # what is not committed yet must not be stepped over by the watermark of `handled`
    hold_arrivals(connection, alone=False)
    return insert_all(connection, INBOX, [_row(arrival) for arrival in arrivals])


def _row(arrival: Arrival) -> dict[str, Any]:
    return {
        "kind": arrival.kind,
        "road": arrival.road,
        "received_at": arrival.received_at,
        "sender": arrival.sender,
        "recipients": arrival.recipients,
        "mailbox": arrival.mailbox,
        "peer": arrival.peer,
        "dedupe_key": dedupe_key(arrival.raw),
        "raw": arrival.raw,
    }


def fetch(connection: Connection, ids: Sequence[int], up_to: int | None = None) -> list[SpooledArrival]:
    """The arrivals with these ids, in the order of `ids`; unknown ids are left out, and mails above `up_to` bytes."""
    found: dict[int, SpooledArrival] = {}
    for start in range(0, len(ids), _FETCH_AT_ONCE):
        wanted = {"ids": list(ids[start : start + _FETCH_AT_ONCE])}
        query, asked = (_THESE, wanted) if up_to is None else (_UP_TO, {**wanted, "up_to": up_to})
        for row in connection.execute(query, asked):
            found[row.id] = SpooledArrival(row.id, row.dedupe_key, _arrival(row))
    return [found[spool_id] for spool_id in ids if spool_id in found]


def _arrival(row: Row[Any]) -> Arrival:
    return Arrival(
        raw=bytes(row.raw),
        road=Road(row.road),
        received_at=row.received_at,
        sender=row.sender,
        recipients=tuple(row.recipients),
        mailbox=row.mailbox,
        peer=row.peer,
        kind=Happening(row.kind),
    )


def ids_after(connection: Connection, spool_id: int, limit: int) -> list[int]:
    """The next ids above `spool_id`, oldest first."""
    return list(connection.scalars(_AFTER, {"last": spool_id, "most": limit}))


def received_at(connection: Connection, spool_id: int) -> datetime:
    """When this row arrived."""
    when: datetime = connection.execute(
        select(INBOX.c.received_at).where(INBOX.c.id == spool_id)
    ).scalar_one()
    return when


def count(connection: Connection) -> dict[str, int]:
    """How many arrived by each road, ever."""
    query = select(INBOX.c.road, func.count()).group_by(INBOX.c.road)
    return {row[0]: row[1] for row in connection.execute(query)}


def latest_ids(connection: Connection, limit: int) -> list[int]:
    """The ids of the newest arrivals, newest first."""
    return list(connection.scalars(select(INBOX.c.id).order_by(INBOX.c.id.desc()).limit(limit)))


def count_after(connection: Connection, spool_id: int) -> int:
    """How many have an id above `spool_id`."""
    query = select(func.count()).select_from(INBOX).where(INBOX.c.id > spool_id)
    return connection.scalar(query) or 0


def has_key(connection: Connection, dedupe_key: str, mailbox: str) -> bool:
    """Is this mail of this mailbox in the spool already? (rescan after a UIDVALIDITY change)"""
    query = select(INBOX.c.id).where(INBOX.c.dedupe_key == dedupe_key, INBOX.c.mailbox == mailbox).limit(1)
    return connection.scalar(query) is not None


def read_cursor(connection: Connection, account: str, folder: str) -> Cursor | None:
    query = select(CURSOR).where(CURSOR.c.account == account, CURSOR.c.folder == folder)
    row = connection.execute(query).first()
    return None if row is None else Cursor(row.account, row.folder, row.uidvalidity, row.uid)


def move_cursor(connection: Connection, cursor: Cursor, now: datetime) -> None:
    """Remember how far the folder is read; in the transaction that appends the mails it covers."""
    row = {
        "account": cursor.account,
        "folder": cursor.folder,
        "uidvalidity": cursor.uidvalidity,
        "uid": cursor.uid,
        "moved_at": now,
    }
    put(connection, CURSOR, [row])
