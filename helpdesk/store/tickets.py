"""Tickets, compare-and-set: a change names the version it was decided on, and fails if that is no more (F8).

`create` and `update` are the only writers of a ticket's row, and both write the lines of the journal that tell
of it in the same breath: the row is always what its lines add up to, and holds the hash of the newest (T29).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, func, insert, select
from sqlalchemy import update as sql_update

from helpdesk.model.people import Address
from helpdesk.model.ticket import Claim, Deadline, Rating, Status, Ticket, WaitingFor
from helpdesk.store import deadlines, journal
from helpdesk.store import search as found_by
from helpdesk.store.among import among
from helpdesk.store.chain import FOLDED, as_stored
from helpdesk.store.entries import (
    add_entries,
    entries,
    find_by_message_ids,
    move_entry,
    own_ids,
    record_mail,
    record_message_id,
)
from helpdesk.store.later import about, put_off
from helpdesk.store.numbers import give, next_number, take_number
from helpdesk.store.schema import CLAIM, DESK, TICKET
from helpdesk.store.session import StaleTicket, is_server
from helpdesk.store.statements import put, run
from helpdesk.store.words import words_in

__all__ = [
    "add_claim",
    "add_entries",
    "clear_claims",
    "create",
    "entries",
    "find_by_message_ids",
    "hold",
    "is_customer",
    "load",
    "load_unless_held",
    "move_entry",
    "next_number",
    "own_ids",
    "record_mail",
    "record_message_id",
    "search",
    "take_number",
    "update",
]

_NOT_CHANGES = {"number", "version", "deadlines", "claims", "journal_head"}
_CHANGEABLE = {field.name for field in fields(Ticket)} - _NOT_CHANGES
_TUPLES = ("participants", "thread", "tags")
_PARTS_AT_ONCE = 500
_SEARCHED = {"subject", "customer"}

_THIS = TICKET.c.number == bindparam("ticket")
_HOLD = about(select(TICKET.c.version).where(_THIS).with_for_update(), "ticket")
_TICKET = about(select(TICKET).where(_THIS), "ticket")
_TO_CHANGE = _TICKET.with_for_update()
_UNLESS_HELD = select(TICKET).where(among(TICKET.c.number, "numbers")).with_for_update(skip_locked=True)
_CLAIMS = about(
    select(CLAIM).where(among(CLAIM.c.ticket, "numbers")).order_by(CLAIM.c.at, CLAIM.c.operator), "numbers"
)
_CLEAR_CLAIMS = delete(CLAIM).where(CLAIM.c.ticket == bindparam("number"))
_CREATE = insert(TICKET)
_NOTHING = {**dict.fromkeys(column.name for column in TICKET.columns), "journal_head": ""}
_OF_TICKETS = frozenset(
    table.name
    for table in DESK.tables.values()
    if table is TICKET or any(key.references(TICKET) for key in table.foreign_keys)
)
"""The table of tickets, and those whose rows belong to one."""
_CHANGE = about(
    sql_update(TICKET).where(
        TICKET.c.number == bindparam("its_number"), TICKET.c.version == bindparam("its_version")
    ),
    "its_number",
)


def hold(connection: Connection, ticket: Ticket) -> bool:
    """Until this transaction ends nobody else changes the ticket. False: somebody has, since it was read."""
    if not is_server(connection):
        return True
    return connection.scalar(_HOLD, {"ticket": ticket.number}) == ticket.version


def create(
    connection: Connection,
    number: int,
    changes: Mapping[str, Any],
    now: datetime,
    lines: Sequence[journal.Line] = (),
) -> None:
    """Store a new ticket with its first `lines`.

    Fields that `changes` leaves out get the model's defaults, times get `now`.
    """
    values = {"version": 1, **_columns({**_defaults(), "created_at": now, "updated_at": now, **changes})}
    every = {column.name: values.get(column.name) for column in TICKET.columns if column.name in FOLDED}
    rows = journal.chained(number, "", lines, as_stored(TICKET, every))
    give(connection, number)
    put_off(
        connection, _create, [{**_NOTHING, **values, "number": number, **_head(rows)}], _OF_TICKETS, [number]
    )
    journal.append(connection, rows)


def _create(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    run(connection, _CREATE, rows)


def update(
    connection: Connection,
    number: int,
    version: int,
    changes: Mapping[str, Any],
    now: datetime,
    lines: Sequence[journal.Line] = (),
    head: str = "",
) -> None:
    """Change fields of the ticket as it was at `version` with this journal `head`; `lines` tell of it.

    The version grows even if `changes` is empty. Raises StaleTicket if the stored version is another one.
    """
    values = {"version": version + 1, **_columns({"updated_at": now, **changes})}
    rows = journal.chained(number, head, lines, as_stored(TICKET, values))
    changed = {"its_number": number, "its_version": version, **values, **_head(rows)}
    if connection.execute(_CHANGE, changed).rowcount != 1:
        raise StaleTicket(f"ticket {number} is no longer at version {version}; read it again and repeat.")
    if not _SEARCHED.isdisjoint(changes):
        found_by.rewrite(connection, number)
    journal.append(connection, rows)


def _head(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {"journal_head": rows[-1]["hash"]} if rows else {}


def load(connection: Connection, number: int, *, lock: bool = False) -> Ticket | None:
    """The ticket with its deadlines, claims and rating; `lock`: nobody else changes it in this transaction."""
    return _load(connection, _TO_CHANGE if lock else _TICKET, number)


def load_unless_held(connection: Connection, numbers: Sequence[int]) -> dict[int, Ticket]:
    """Those of these tickets that no other node has in hand; nobody else changes them in this transaction."""
    rows = connection.execute(_UNLESS_HELD, {"numbers": list(numbers)}).all()
    return {ticket.number: ticket for ticket in _with_parts(connection, rows)}


def _load(connection: Connection, query: Select[Any], number: int) -> Ticket | None:
    rows = connection.execute(query, {"ticket": number}).all()
    return next(iter(_with_parts(connection, rows)), None)


def search(
    connection: Connection,
    *,
    status: Status | str | None = None,
    statuses: Collection[Status] = (),
    operator: str | None = None,
    words: str | None = None,
    limit: int = 1000,
) -> list[Ticket]:
    """Tickets, newest first. Each argument narrows; all `words` must stand on the ticket (see store.search)."""
    query = select(TICKET).limit(limit)
    if status is not None:
        query = query.where(TICKET.c.status == str(status))
    if statuses:
        query = query.where(TICKET.c.status.in_(statuses))
    if operator is not None:
        query = query.where(TICKET.c.operator == operator)
    rows = _newest(connection, query) if words is None else _with_words(connection, query, words_in(words))
    at_once = range(0, len(rows), _PARTS_AT_ONCE)
    return [t for start in at_once for t in _with_parts(connection, rows[start : start + _PARTS_AT_ONCE])]


def _newest(connection: Connection, query: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(query.order_by(TICKET.c.number.desc())).all()


def _with_words(connection: Connection, query: Select[Any], words: Sequence[str]) -> Sequence[Row[Any]]:
    """Those with all of these words; where there are none, those with words that the last one begins."""
    if not words:
        return ()
    found = _matching(connection, query, found_by.matching(connection, words))
    if found or not found_by.may_go_on(words):
        return found
    return _matching(connection, query, found_by.matching(connection, words, beginning=True))


def _matching(connection: Connection, query: Select[Any], matching: found_by.Matching) -> Sequence[Row[Any]]:
    """In the order of the index of words, which ends the work at the query's limit; few can be fetched and sorted."""
    few = found_by.few(connection, matching)
    if few is not None:
        return _newest(connection, query.where(TICKET.c.number.in_(few))) if few else ()
    number, condition = matching
    joined = query.join_from(TICKET, number.table, number == TICKET.c.number).where(condition)
    return connection.execute(joined.order_by(number.desc())).all()


def is_customer(address: str) -> ColumnElement[bool]:
    """Whose tickets these are, however the address was spelt on them. No index helps: for rare questions."""
    return func.lower(TICKET.c.customer_address) == address.lower()


def add_claim(connection: Connection, number: int, claim: Claim) -> None:
    """Remember that an operator asked for the ticket; a second asking keeps the first place."""
    known = select(CLAIM.c.at).where(CLAIM.c.ticket == number, CLAIM.c.operator == claim.operator)
    if connection.execute(known).first() is None:
        put(connection, CLAIM, [{"ticket": number, "operator": claim.operator, "at": claim.at}])


def clear_claims(connection: Connection, number: int) -> None:
    connection.execute(_CLEAR_CLAIMS, {"number": number})


def _defaults() -> dict[str, Any]:
    plain = {f.name: f.default for f in fields(Ticket) if f.name in _CHANGEABLE and f.default is not MISSING}
    return {**plain, "fields": {}}


def _columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    unknown = changes.keys() - _CHANGEABLE
    if unknown:
        raise ValueError(f"not a field of a ticket that can be changed: {', '.join(sorted(unknown))}")
    values = dict(changes)
    customer = values.pop("customer", None)
    if customer is not None:
        values |= {"customer_name": customer.name, "customer_address": customer.address}
    return values | _rated(values.pop("rating", None))


def _rated(rating: Rating | None) -> dict[str, Any]:
    """The columns of a rating; a ticket is never unrated again (the journal keeps every vote)."""
    if rating is None:
        return {}
    return {"rating_score": rating.score, "rating_comment": rating.comment, "rating_at": rating.at}


def _with_parts(connection: Connection, rows: Sequence[Row[Any]]) -> list[Ticket]:
    if not rows:
        return []
    numbers = [row.number for row in rows]
    all_deadlines = deadlines.of_tickets(connection, numbers)
    all_claims: dict[int, list[Claim]] = {}
    for claim in connection.execute(_CLAIMS, {"numbers": numbers}):
        all_claims.setdefault(claim.ticket, []).append(Claim(claim.operator, claim.at))
    return [_ticket(row, all_deadlines.get(row.number, []), all_claims.get(row.number, [])) for row in rows]


def _ticket(row: Row[Any], its_deadlines: Sequence[Deadline], its_claims: Sequence[Claim]) -> Ticket:
    values = {name: getattr(row, name) for name in _CHANGEABLE - {"customer", "rating"}}
    values |= {name: tuple(values[name]) for name in _TUPLES}
    values |= {"status": Status(row.status), "waiting_for": WaitingFor(row.waiting_for)}
    rated = row.rating_at is not None
    return Ticket(
        number=row.number,
        version=row.version,
        journal_head=row.journal_head,
        customer=Address(row.customer_name, row.customer_address),
        deadlines=tuple(its_deadlines),
        claims=tuple(its_claims),
        rating=Rating(row.rating_score, row.rating_comment, row.rating_at) if rated else None,
        **values,
    )
