"""What a transaction may store later than it was asked to: together with more of its kind, and never too late.

Ten tickets in one transaction write their histories with one statement instead of ten. What is put off is done at
the end of the transaction, or as soon as any statement names one of the tables that it is for: nobody can read, change
or remove rows past those that are still to come. A statement that concerns certain tickets alone (`about`) need not
wait for what belongs to others. A savepoint takes nothing over that was put off before it, and is left with nothing
put off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, event

from helpdesk.store import foreseen
from helpdesk.store.transaction import MEMORY, memory

Do = Callable[[Connection, Sequence[Any]], None]
_LATER = "later"
_DOING = "doing"
_ABOUT = "about"
_NAME = re.compile(r"\w+")

S = TypeVar("S", bound=Executable)


@dataclass(slots=True)
class _Some:
    """Items, and the tickets that they belong to; None where they do not belong to certain ones."""

    items: list[Any] = field(default_factory=list)
    tickets: set[int] | None = field(default_factory=set)


_PutOff = dict[tuple[Do, frozenset[str]], _Some]


def put_off(
    connection: Connection,
    do: Do,
    items: Sequence[Any],
    tables: frozenset[str],
    tickets: Collection[int] | None = None,
) -> None:
    """Let `do(connection, all items in order)` be done once for this transaction, before `tables` are needed.

    `tickets`: what is stored belongs to these alone. At once where nobody would do it later, which is outside
    `Database.write`.
    """
    if not items:
        return
    kept = memory(connection)
    if kept is None:
        do(connection, items)
        return
    some = kept.setdefault(_LATER, {}).setdefault((do, tables), _Some())
    some.items.extend(items)
    if tickets is None:
        some.tickets = None
    elif some.tickets is not None:
        some.tickets.update(tickets)


def about(statement: S, parameter: str) -> S:
    """The statement reads or changes only what belongs to the tickets that `parameter` names: a number or several."""
    return statement.execution_options(**{_ABOUT: parameter})


def do_now(connection: Connection) -> None:
    """Do all that was put off; what that puts off itself, too."""
    later: _PutOff = (memory(connection) or {}).get(_LATER, {})
    while later:
        _do(connection, later, next(iter(later)))


def watch(engine: Engine) -> None:
    """From now on no statement of this engine overtakes what was put off for its tables."""

    def before(_cursor: object, statement: str, _parameters: object, context: Any) -> None:
        if not (kept := context.execution_options.get(MEMORY)):
            return
        names = _names(statement)
        if later := kept.get(_LATER):
            _do_before(context.root_connection, later, names, _tickets(context))
        if not kept.get(_DOING):  # what was put off was foreseen
            foreseen.forget(kept, statement, names)

    # these ask no statement of another engine who listens, unlike the events of a connection
    event.listen(engine, "do_execute", before)
    event.listen(engine, "do_executemany", before)
    event.listen(
        engine, "do_execute_no_params", lambda cursor, text, context: before(cursor, text, (), context)
    )


def _tickets(context: Any) -> frozenset[int] | None:
    """Those that the statement is about; None: it may be about all."""
    parameter = context.execution_options.get(_ABOUT)
    if parameter is None:
        return None
    numbers = context.compiled_parameters[0][parameter]
    return frozenset([numbers] if isinstance(numbers, int) else numbers)


def _do_before(
    connection: Connection, later: _PutOff, names: frozenset[str], tickets: frozenset[int] | None
) -> None:
    def is_due(which: tuple[Do, frozenset[str]]) -> bool:
        of_others = (
            tickets is not None and (its := later[which].tickets) is not None and tickets.isdisjoint(its)
        )
        return not (names.isdisjoint(which[1]) or of_others)

    while due := next(filter(is_due, later), None):
        _do(connection, later, due)


def _do(connection: Connection, later: _PutOff, which: tuple[Do, frozenset[str]]) -> None:
    do, _ = which
    kept = memory(connection) or {}
    was_doing, kept[_DOING] = kept.get(_DOING), True
    try:
        do(connection, later.pop(which).items)
    finally:
        kept[_DOING] = was_doing


@lru_cache(maxsize=2048)
def _names(statement: str) -> frozenset[str]:
    """Tables, and some words that are none: a column called like a table costs a statement more, no more."""
    return frozenset(_NAME.findall(statement))
