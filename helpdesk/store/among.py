"""`column IN (these)` that is one and the same statement however many they are.

SQLAlchemy's own writes a mark for each value into the text of the statement, each time it is executed, which takes five
times as long as the rest of a small one, and a server has to understand each length anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Dialect, String, bindparam, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Is the column, of numbers or texts, one of the values that the parameter `name` is a list of?

    They are compared as they would be stored (`store.columns.Key`).
    """
    return _Among(column, bindparam(name, type_=_Values(column.type)))


def one_of(column: ColumnElement[Any], *values: str) -> ColumnElement[bool]:
    """Is the column one of these few, which are always the same?"""
    return or_(*(column == value for value in values))


class _Values(TypeDecorator[Collection[Any]]):
    """An array of `item` on a server, JSON on SQLite."""

    impl = String
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        if dialect.name == "postgresql":  # an array asks its items' type itself
            return values
        if isinstance(self.item, TypeDecorator):
            values = [self.item.process_bind_param(one, dialect) for one in values]
        return json.dumps(values)


class _Among(FunctionElement[bool]):
    # a Boolean is written as `... = 1` on SQLite, which then reads the whole table
    type = NullType()  # type: ignore[assignment]
    inherit_cache = True


@compiles(_Among)
def _in_json(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    found = f"SELECT value FROM json_each({compiler.process(values, **how)})"  # noqa: S608 - a parameter
    return f"{compiler.process(column, **how)} IN ({found})"


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(values, **how)})"
