"""Many new rows go to a server by COPY, which takes it a third less time than an INSERT for each.

In binary: a server that refuses a row of text tells all of it in its error, and so in our log (T24).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, Table, event
from sqlalchemy.dialects import postgresql

from helpdesk.store.metadata import DESK, SPOOL

MANY = 8
"""Rows; fewer are as fast otherwise."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_PLAIN = re.compile(r"INSERT INTO \w+ \(([^()]+)\) VALUES \((.+)\)")
_VALUE = re.compile(r"%\((\w+)\)s(?:::[A-Z ]+(?:\(\d+\))?)?")
_NAMES = {"VARCHAR": "text", "TIMESTAMP WITH TIME ZONE": "timestamptz"}
"""How the driver calls types, where not as SQL does."""


def copy_where_many(engine: Engine) -> None:
    """From now on rows are copied where nothing but their values is said and asked."""

    def execute(cursor: Any, statement: str, rows: Sequence[Mapping[str, Any]], context: Any) -> bool:
        if not context.isinsert or len(rows) < MANY or (plain := _plain(statement)) is None:
            return False
        table = context.compiled.statement.table
        if table.metadata not in (DESK, SPOOL):  # the server may have other types than it says
            return False
        columns, values = plain
        with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(_types(table, columns))
            for row in rows:
                copy.write_row([row[name] for name in values])
        return True

    event.listen(engine, "do_executemany", execute)


@lru_cache
def _plain(statement: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The columns as they are written, and the names of their values; None if the statement says more."""
    parts = _PLAIN.fullmatch(statement)
    if parts is None:
        return None
    columns, values = parts.groups()
    found = [_VALUE.fullmatch(value) for value in values.split(", ")]
    names = tuple(one[1] for one in found if one)
    return (tuple(columns.split(", ")), names) if len(names) == len(found) else None


@lru_cache
def _types(table: Table, columns: tuple[str, ...]) -> list[str]:
    each = (table.columns[name.strip('"')].type.compile(_DIALECT).partition("(")[0] for name in columns)
    return [_NAMES.get(name, name.lower()) for name in each]
