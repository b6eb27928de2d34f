"""The few statements that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart.

Statements of the everyday path are built once, with `bindparam` for what changes, and get their values when they
are executed: to build one takes five times as long as to run it (`docs/performance.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    Insert,
    Select,
    Table,
    bindparam,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from helpdesk.store.later import Do, put_off


def insert_unless_there(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert; False and nothing changed if the primary key exists."""
    statement = _unless_there(table, connection.dialect.name)
    return connection.execute(statement, dict(row)).first() is not None


def put(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; those whose primary key exists take the new values."""
    if not rows:
        return
    connection.execute(_put(table, connection.dialect.name, tuple(rows[0])), [dict(row) for row in rows])


@cache
def _unless_there(table: Table, dialect: str) -> Any:
    # PostgreSQL's driver gives no count of rows here, so the key is asked for
    return _insert(table, dialect).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _put(table: Table, dialect: str, names: tuple[str, ...]) -> Any:
    statement = _insert(table, dialect)
    keys = [column.name for column in table.primary_key]
    fresh = {name: statement.excluded[name] for name in names if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=fresh)


def run(connection: Connection, statement: Executable, each: Sequence[Mapping[str, Any]]) -> None:
    """Execute it with each of these parameters.

    A single one is not handed over as many: to a server that would be two ways there and back.
    """
    if each:
        connection.execute(statement, [dict(one) for one in each] if len(each) > 1 else dict(each[0]))


def add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows whose keys nobody asks for."""
    run(connection, _unasked(table), rows)


def add_later(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same at the end of the transaction, with those of others (`store.later`)."""
    tickets = {row["ticket"] for row in rows} if "ticket" in table.columns else None
    put_off(connection, _adder(table), rows, frozenset({table.name}), tickets)


@cache
def _adder(table: Table) -> Do:
    return lambda connection, rows: add(connection, table, rows)


@cache
def _unasked(table: Table) -> Insert:
    return insert(table).inline()


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows into a table whose primary key counts up; return their keys, in the order of the rows.

    To return them in this order SQLAlchemy would insert the rows one by one on SQLite, and build a long statement
    anew each time on a server.
    """
    if not rows:
        return []
    if connection.dialect.name == "postgresql":
        (key,) = table.primary_key
        keys = list(connection.scalars(_keys_of(table), {"number": len(rows)}))
        numbered = ({key.name: each, **row} for each, row in zip(keys, rows, strict=True))
        connection.execute(_plain(table), list(numbered))
        return keys
    # nobody else writes here meanwhile
    connection.execute(_plain(table), [dict(row) for row in rows])
    return list(connection.scalars(_newest_of(table), {"number": len(rows)}))[::-1]


@cache
def _plain(table: Table) -> Insert:
    return insert(table)


@cache
def _keys_of(table: Table) -> Select[Any]:
    (key,) = table.primary_key
    sequence = func.pg_get_serial_sequence(literal(table.name), literal(key.name))
    series = func.generate_series(1, bindparam("number")).table_valued("one")
    return select(func.nextval(sequence)).select_from(series)


@cache
def _newest_of(table: Table) -> Select[Any]:
    (key,) = table.primary_key
    return select(key).order_by(key.desc()).limit(bindparam("number"))


def _insert(table: Table, dialect: str) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def new_id(result: CursorResult[Any]) -> int:
    """The primary key that an insert was given."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])
