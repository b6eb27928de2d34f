"""What a transaction knows already of what it will ask: answers for a whole batch of mails, asked for together.

Only where nobody else writes until it ends: on SQLite, and on a server to a node that holds everything. Who puts off
a write to these tables (`store.later`) changes what is kept here in the same breath, so it always says what the tables
and what is put off say together. Any other write to one of the tables, by whomever, and it is forgotten: from then on
the tables themselves are asked. So is all of it at a savepoint's end that undoes what was done inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection, Table

from helpdesk.store.transaction import memory

_FORESEEN = "foreseen"

T = TypeVar("T")


def keep(connection: Connection, answers: object, tables: Iterable[Table], *, of_rows: bool = False) -> None:
    """Know `answers`, which are all of a kind of their own, until these tables are written to.

    `of_rows`: they say which rows there are, and not what is in them, so that an UPDATE leaves them true.
    """
    kept = memory(connection)
    if kept is not None:
        names = frozenset(table.name for table in tables)
        kept.setdefault(_FORESEEN, {})[type(answers)] = answers, names, of_rows


def foreseen(connection: Connection, kind: type[T]) -> T | None:
    """What is known of this kind; None where the tables have to be asked."""
    answers: T | None = (memory(connection) or {}).get(_FORESEEN, {}).get(kind, (None,))[0]
    return answers


def forget(kept: Mapping[str, Any], statement: str, names: frozenset[str]) -> None:
    """This statement, which has these words in it, is about to be executed; `kept`: the transaction's memory."""
    known = kept.get(_FORESEEN)
    if not known or statement.startswith("SELECT"):
        return
    is_update = statement.startswith("UPDATE")
    for kind, (_, tables, of_rows) in list(known.items()):
        if not (names.isdisjoint(tables) or (is_update and of_rows)):
            del known[kind]
