"""Tickets, compare-and-set: a change names the version it was decided on, and fails if that is no more (F8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select
from sqlalchemy import update as sql_update

from helpdesk.model.people import Address
from helpdesk.model.ticket import Claim, Deadline, Rating, Status, Ticket, WaitingFor
from helpdesk.store import deadlines
from helpdesk.store.entries import (
    add_entry,
    entries,
    find_by_message_ids,
    move_entry,
    own_ids,
    record_mail,
    record_message_id,
)
from helpdesk.store.schema import CLAIM, ENTRY, TICKET
from helpdesk.store.session import StaleTicket
from helpdesk.store.statements import put

__all__ = [
    "add_claim",
    "add_entry",
    "clear_claims",
    "create",
    "entries",
    "find_by_message_ids",
    "load",
    "move_entry",
    "next_number",
    "own_ids",
    "record_mail",
    "record_message_id",
    "search",
    "set_rating",
    "update",
]

_NOT_CHANGES = {"number", "version", "deadlines", "claims", "rating"}
_CHANGEABLE = {field.name for field in fields(Ticket)} - _NOT_CHANGES
_TUPLES = ("participants", "thread", "tags")
_PARTS_AT_ONCE = 500


def next_number(connection: Connection) -> int:
    """The number of the next ticket; sure as long as the write transaction lasts."""
    return (connection.scalar(select(func.max(TICKET.c.number))) or 0) + 1


def create(connection: Connection, number: int, changes: Mapping[str, Any], now: datetime) -> None:
    """Store a new ticket; fields that `changes` leaves out get the model's defaults, times get `now`."""
    values = {**_defaults(), "created_at": now, "updated_at": now, **changes}
    connection.execute(insert(TICKET).values(number=number, version=1, **_columns(values)))


def update(
    connection: Connection, number: int, version: int, changes: Mapping[str, Any], now: datetime
) -> None:
    """Change fields of the ticket as it was at `version`; the version grows even if `changes` is empty.

    Raises StaleTicket if the stored version is another one.
    """
    values = _columns({"updated_at": now, **changes})
    statement = (
        sql_update(TICKET)
        .where(TICKET.c.number == number, TICKET.c.version == version)
        .values(version=version + 1, **values)
    )
    if connection.execute(statement).rowcount != 1:
        raise StaleTicket(f"ticket {number} is no longer at version {version}; read it again and repeat.")


def load(connection: Connection, number: int) -> Ticket | None:
    """The ticket with its deadlines, claims and rating."""
    rows = connection.execute(select(TICKET).where(TICKET.c.number == number)).all()
    return next(iter(_with_parts(connection, rows)), None)


def search(
    connection: Connection,
    *,
    status: Status | str | None = None,
    operator: str | None = None,
    customer: str | None = None,
    words: str | None = None,
    limit: int = 1000,
) -> list[Ticket]:
    """Tickets, newest first. Every word must stand in subject, customer or a text of the ticket."""
    query = select(TICKET).order_by(TICKET.c.number.desc()).limit(limit)
    if status is not None:
        query = query.where(TICKET.c.status == str(status))
    if operator is not None:
        query = query.where(TICKET.c.operator == operator)
    if customer is not None:
        query = query.where(TICKET.c.customer_address == customer)
    for word in (words or "").split():
        said = select(ENTRY.c.id).where(ENTRY.c.ticket == TICKET.c.number, _contains(ENTRY.c.text, word))
        query = query.where(
            _contains(TICKET.c.subject, word)
            | _contains(TICKET.c.customer_name, word)
            | _contains(TICKET.c.customer_address, word)
            | said.exists()
        )
    rows = connection.execute(query).all()
    at_once = range(0, len(rows), _PARTS_AT_ONCE)
    return [t for start in at_once for t in _with_parts(connection, rows[start : start + _PARTS_AT_ONCE])]


def _contains(column: Any, word: str) -> Any:
    return column.icontains(word, autoescape=True)


def add_claim(connection: Connection, number: int, claim: Claim) -> None:
    """Remember that an operator asked for the ticket; a second asking keeps the first place."""
    known = select(CLAIM.c.at).where(CLAIM.c.ticket == number, CLAIM.c.operator == claim.operator)
    if connection.execute(known).first() is None:
        put(connection, CLAIM, [{"ticket": number, "operator": claim.operator, "at": claim.at}])


def clear_claims(connection: Connection, number: int) -> None:
    connection.execute(delete(CLAIM).where(CLAIM.c.ticket == number))


def set_rating(connection: Connection, number: int, rating: Rating) -> None:
    """Keep the customer's rating; a later one replaces it (the journal keeps both)."""
    values = {"rating_score": rating.score, "rating_comment": rating.comment, "rating_at": rating.at}
    connection.execute(sql_update(TICKET).where(TICKET.c.number == number).values(values))


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
    return values


def _with_parts(connection: Connection, rows: Sequence[Row[Any]]) -> list[Ticket]:
    numbers = [row.number for row in rows]
    all_deadlines = deadlines.of_tickets(connection, numbers)
    all_claims: dict[int, list[Claim]] = {}
    query = select(CLAIM).where(CLAIM.c.ticket.in_(numbers)).order_by(CLAIM.c.at, CLAIM.c.operator)
    for claim in connection.execute(query):
        all_claims.setdefault(claim.ticket, []).append(Claim(claim.operator, claim.at))
    return [_ticket(row, all_deadlines.get(row.number, []), all_claims.get(row.number, [])) for row in rows]


def _ticket(row: Row[Any], its_deadlines: Sequence[Deadline], its_claims: Sequence[Claim]) -> Ticket:
    values = {name: getattr(row, name) for name in _CHANGEABLE if name != "customer"}
    values |= {name: tuple(values[name]) for name in _TUPLES}
    values |= {"status": Status(row.status), "waiting_for": WaitingFor(row.waiting_for)}
    rated = row.rating_at is not None
    return Ticket(
        number=row.number,
        version=row.version,
        customer=Address(row.customer_name, row.customer_address),
        deadlines=tuple(its_deadlines),
        claims=tuple(its_claims),
        rating=Rating(row.rating_score, row.rating_comment, row.rating_at) if rated else None,
        **values,
    )
