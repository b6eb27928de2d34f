"""What a transaction may store later than it was asked to: together with more of its kind, and never too late.

Ten tickets in one transaction write their histories with one statement instead of ten. What is put off is done at
the end of the transaction, or as soon as any statement names one of the tables that it is for: nobody can read, change
or remove rows past those that are still to come. A savepoint takes nothing over that was put off before it, and is
left with nothing put off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, event

from helpdesk.store.transaction import MEMORY, memory

Do = Callable[[Connection, Sequence[Any]], None]
_LATER = "later"
_NAME = re.compile(r"\w+")
_PutOff = dict[tuple[Do, frozenset[str]], list[Any]]


def put_off(connection: Connection, do: Do, items: Sequence[Any], tables: frozenset[str]) -> None:
    """Let `do(connection, all items in order)` be done once for this transaction, before `tables` are needed.

    At once where nobody would do it later, which is outside `Database.write`.
    """
    if not items:
        return
    kept = memory(connection)
    if kept is None:
        do(connection, items)
    else:
        kept.setdefault(_LATER, {}).setdefault((do, tables), []).extend(items)


def do_now(connection: Connection) -> None:
    """Do all that was put off; what that puts off itself, too."""
    later: _PutOff = (memory(connection) or {}).get(_LATER, {})
    while later:
        _do(connection, later, next(iter(later)))


def watch(engine: Engine) -> None:
    """From now on no statement of this engine overtakes what was put off for its tables."""

    def before(_cursor: object, statement: str, _parameters: object, context: Any) -> None:
        if (kept := context.execution_options.get(MEMORY)) and (later := kept.get(_LATER)):
            _do_before(context.root_connection, later, _names(statement))

    # these ask no statement of another engine who listens, unlike the events of a connection
    event.listen(engine, "do_execute", before)
    event.listen(engine, "do_executemany", before)
    event.listen(
        engine, "do_execute_no_params", lambda cursor, text, context: before(cursor, text, (), context)
    )


def _do_before(connection: Connection, later: _PutOff, names: frozenset[str]) -> None:
    while due := next((one for one in later if not names.isdisjoint(one[1])), None):
        _do(connection, later, due)


def _do(connection: Connection, later: _PutOff, which: tuple[Do, frozenset[str]]) -> None:
    do, _ = which
    do(connection, later.pop(which))


@lru_cache(maxsize=2048)
def _names(statement: str) -> frozenset[str]:
    """Tables, and some words that are none: a column called like a table costs a statement more, no more."""
    return frozenset(_NAME.findall(statement))
