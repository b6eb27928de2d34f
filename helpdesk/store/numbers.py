"""The numbers of new tickets: none is given twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, column, func, select, table

from helpdesk.store.foreseen import foreseen, keep
from helpdesk.store.holding import holds_everything
from helpdesk.store.later import put_off
from helpdesk.store.schema import NUMBERS_FROM, SETTING, TICKET, TICKET_NUMBER
from helpdesk.store.session import is_server

_NUMBERS = select(
    select(func.max(TICKET.c.number)).scalar_subquery(),
    select(SETTING.c.value).where(SETTING.c.name == NUMBERS_FROM).scalar_subquery(),
)
_TAKE = select(TICKET_NUMBER.next_value())
_COUNTER = table(TICKET_NUMBER.name, column("last_value"), column("is_called"))
_LAST = select(_COUNTER.c.last_value, _COUNTER.c.is_called)
_COUNT_ON = select(func.setval(TICKET_NUMBER.name, func.greatest(bindparam("last"), _COUNTER.c.last_value)))
_COUNTED = frozenset({TICKET_NUMBER.name})


@dataclass(slots=True)
class _Next:
    """The number that the next ticket gets."""

    number: int


def next_number(connection: Connection) -> int:
    """The number of the next ticket; on SQLite sure as long as the write transaction lasts."""
    last, first = connection.execute(_NUMBERS).one()
    return max((last or 0) + 1, int(first or 1))


def take_number(connection: Connection) -> int:
    """A number for a new ticket that nobody else gets; on a server one may stay unused if other nodes work there."""
    if not holds_everything(connection):
        return connection.scalar(_TAKE) or 0
    if known := foreseen(connection, _Next):
        return known.number
    number = _after_the_last(connection) if is_server(connection) else next_number(connection)
    keep(connection, _Next(number), [TICKET, SETTING], of_rows=True)
    return number


def give(connection: Connection, number: int) -> None:
    """A ticket with this number is made."""
    if known := foreseen(connection, _Next):
        known.number = max(known.number, number + 1)
    if is_server(connection) and holds_everything(connection):
        put_off(connection, _count_on, [number], _COUNTED)


def _after_the_last(connection: Connection) -> int:
    last, is_given = connection.execute(_LAST).one()
    return int(last) + bool(is_given)


def _count_on(connection: Connection, numbers: Sequence[int]) -> None:
    connection.execute(_COUNT_ON, {"last": max(numbers)})
