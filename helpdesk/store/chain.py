"""How the journal proves itself (T29): each line's hash covers the line and the hash of the line before it.

What is hashed and folded are values as the database gives them back, in JSON's words: instants in ISO-8601
UTC, text as the columns clean it, tuples as lists. So what was written can be compared with what is read,
byte by byte, on SQLite and PostgreSQL alike. Ticket numbers, hashes and `journal_head` are not folded: the
chain itself holds them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, Dialect, Integer, String, Table, Text, type_coerce
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.elements import ColumnElement

from helpdesk.store.columns import Json, UtcTime, cleaned
from helpdesk.store.schema import TICKET

HASHED = ("ticket", "at", "event", "by", "reason", "reasons", "status_before", "status_after", "changes")
FOLDED = tuple(column.name for column in TICKET.columns if column.name not in {"number", "journal_head"})
"""The columns of a ticket that the changes of its lines add up to."""

_PLAIN = sqlite.dialect()

# repr: what a vandal wrote may be no JSON; it must be found, not fail
_in_one_line = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


def link(before: str, line: Mapping[str, Any]) -> str:
    """The hash of a line, given the hash of the one before it ('' for the first)."""
    words = [before, *(line[name] for name in HASHED)]
    return hashlib.sha256(_in_one_line(words).encode()).hexdigest()


def as_stored(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of these columns as they will be read, in JSON's words."""
    columns = _columns(table)
    return {name: columns[name](value) for name, value in values.items()}


@cache
def _columns(table: Table) -> dict[str, Callable[[Any], Any]]:
    """What makes of a value what is read, for each column."""
    return {column.name: _storing(column) for column in table.c}


def _storing(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, Json):
        return cleaned
    clean = getattr(column.type, "process_bind_param", None)

    def stored(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, datetime):
            return moment(value)
        if isinstance(value, StrEnum):
            return str(value)
        return clean(value, _PLAIN) if clean else value

    return stored


def moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


def bare(column: Column[Any], dialect: Dialect) -> ColumnElement[Any]:
    """The column so that reading it never fails, whatever somebody wrote there; see `as_read`."""
    kind = column.type
    if isinstance(kind, Json):
        return type_coerce(column, Text()).label(column.name)
    if isinstance(kind, UtcTime) and dialect.name == "sqlite":
        return type_coerce(column, String()).label(column.name)
    if isinstance(kind, Boolean) and dialect.name == "sqlite":
        return type_coerce(column, Integer()).label(column.name)
    return column


def as_read(column: Column[Any], value: Any) -> Any:
    """A value of `bare` in JSON's words, the way `as_stored` says it; what is no value of this kind stays itself."""
    if value is None:
        return None
    try:
        if isinstance(column.type, Json):
            return json.loads(value)
        if isinstance(column.type, UtcTime):
            return moment(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return value
    if isinstance(column.type, Boolean) and value in (0, 1):
        return bool(value)
    return value
