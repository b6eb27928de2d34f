"""Tickets by the words on them: subject, customer, and every text that was written, notes included.

`words` holds for each ticket all of its different words, in one line, and the last entry that is in it. Over it
lies an index of the database's own: FTS5 on SQLite, a tsvector under GIN on PostgreSQL. Both are written in the
transaction that changes the ticket, so what can be found is what stands there: `note` adds what was written since,
`rewrite` begins anew where something was taken away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from helpdesk.store.among import among
from helpdesk.store.later import put_off
from helpdesk.store.schema import ENTRY, TICKET, WORDS
from helpdesk.store.session import is_server
from helpdesk.store.words import merged

PREFIX_FROM = 4
"""Letters that a word needs to be looked for as the beginning of longer ones: fewer begin half of all words."""

_FTS = table("words_index", column("rowid"), column("words_index"))
_LEXEMES = table("words", column("ticket"), column("lexemes"))

_TO_NOTE: Select[Any] = (
    select(
        TICKET.c.number,
        TICKET.c.subject,
        TICKET.c.customer_name,
        TICKET.c.customer_address,
        WORDS.c.words,
        WORDS.c.entry,
        ENTRY.c.id,
        ENTRY.c.text,
    )
    .select_from(TICKET)
    .outerjoin(WORDS, WORDS.c.ticket == TICKET.c.number)
    .outerjoin(ENTRY, and_(ENTRY.c.ticket == TICKET.c.number, ENTRY.c.id > func.coalesce(WORDS.c.entry, 0)))
    .where(among(TICKET.c.number, "numbers"))
    .order_by(TICKET.c.number)
)
_FEW = 2000
_READ_AT_ONCE = 10
"""Tickets whose new texts are in memory together."""

_AS_NOTED: dict[str, Any] = {"entry": bindparam("entry"), "words": bindparam("words")}
_INDEX = frozenset({WORDS.name, "words_index"})
_INSERT = insert(WORDS).values(ticket=bindparam("number"), **_AS_NOTED)
_UPDATE = update(WORDS).where(WORDS.c.ticket == bindparam("number")).values(_AS_NOTED)
_PUT_IN = text("INSERT INTO words_index (rowid, words) VALUES (:number, :words)")
_TAKE_OUT = text("INSERT INTO words_index (words_index, rowid, words) VALUES ('delete', :number, :words)")


class Matching(NamedTuple):
    """A table with a row for each ticket found: its column of ticket numbers, which is sorted, and the condition."""

    ticket: Any
    condition: Any


class _Noted(NamedTuple):
    """All words of a ticket up to an entry, and those that were known of before."""

    number: int
    known: str | None
    entry: int
    words: str


def note(connection: Connection, *numbers: int) -> None:
    """What was written on these tickets since they were noted last can be found after this transaction.

    FTS5 writes what it was told at every savepoint and wherever a ticket's number is lower than the one before, and
    each time merges it with what it has: many tickets at the end of a transaction cost little more than one.
    """
    put_off(connection, _note, numbers, _INDEX)


def _note(connection: Connection, numbers: Sequence[int]) -> None:
    ordered = sorted(set(numbers))
    noted: list[_Noted] = []
    for first in range(0, len(ordered), _READ_AT_ONCE):
        rows = connection.execute(_TO_NOTE, {"numbers": ordered[first : first + _READ_AT_ONCE]})
        noted += filter(None, (_noted(list(its)) for _, its in groupby(rows, attrgetter("number"))))
    _write(connection, noted)


def _noted(rows: Sequence[Row[Any]]) -> _Noted | None:
    """What is new on a ticket, if anything is: one row for each entry since the last one."""
    first = rows[0]
    known = first.words
    texts = [row.text for row in rows if row.text]
    if known is None:
        texts += [first.subject, first.customer_name, first.customer_address]
    together = merged(known or "", texts)
    entry = max((row.id for row in rows if row.id), default=first.entry or 0)
    return None if together == known else _Noted(first.number, known, entry, together)


def rewrite(connection: Connection, number: int) -> None:
    """Something is no longer on the ticket: its words are collected anew."""
    forget(connection, number)
    note(connection, number)


def forget(connection: Connection, number: int) -> None:
    """The ticket is not found any more, until it is noted."""
    known = connection.scalar(select(WORDS.c.words).where(WORDS.c.ticket == number))
    if known is not None:
        _take_out(connection, [{"number": number, "words": known}])
        connection.execute(delete(WORDS).where(WORDS.c.ticket == number))


def rebuild(connection: Connection) -> None:
    """Make the index of all of `words` that stands there; a server keeps its index by itself."""
    if not is_server(connection):
        connection.execute(text("INSERT INTO words_index (words_index) VALUES ('rebuild')"))


def matching(connection: Connection, words: Sequence[str], *, beginning: bool = False) -> Matching:
    """Tickets that have all of these words (of `words_in`, at least one); `beginning`: the last may go on.

    Whatever the words are, they are never taken for a query's syntax.
    """
    if is_server(connection):
        lexemes: Any = bindparam("asked", _tsquery(words, beginning=beginning), unique=True)
        return Matching(_LEXEMES.c.ticket, _LEXEMES.c.lexemes.op("@@")(cast(lexemes, TSQUERY)))
    return Matching(_FTS.c.rowid, _FTS.c.words_index.op("MATCH")(_fts_query(words, beginning=beginning)))


def few(connection: Connection, matching: Matching) -> Sequence[int] | None:
    """Their numbers where they are few, for a server; None where they are many, and on SQLite.

    A server believes rare words to be more frequent than they are, and would go through all tickets, newest first, to
    find a hundred with them. Asked for all of them it takes its index.
    """
    if not is_server(connection):
        return None
    numbers = select(matching.ticket).where(matching.condition).limit(_FEW + 1)
    found = connection.scalars(numbers).all()
    return found if len(found) <= _FEW else None


def may_go_on(words: Sequence[str]) -> bool:
    """Is the last word long enough to be looked for as the beginning of others?"""
    return len(words[-1]) >= PREFIX_FROM


def _fts_query(words: Sequence[str], *, beginning: bool) -> str:
    return " AND ".join(f'"{word}"' for word in words) + (" *" if beginning else "")


def _tsquery(words: Sequence[str], *, beginning: bool) -> str:
    return " & ".join(f"'{word}'" for word in words) + (":*" if beginning else "")


def _write(connection: Connection, noted: Sequence[_Noted]) -> None:
    fresh = [one._asdict() for one in noted if one.known is None]
    more = [one._asdict() for one in noted if one.known is not None]
    if fresh:
        connection.execute(_INSERT, fresh)
    if more:
        connection.execute(_UPDATE, more)
        _take_out(connection, [{"number": one["number"], "words": one["known"]} for one in more])
    if noted and not is_server(connection):
        connection.execute(_PUT_IN, [{"number": one.number, "words": one.words} for one in noted])


def _take_out(connection: Connection, known: Sequence[Mapping[str, Any]]) -> None:
    """FTS5 keeps no copy of its own: it must be told what it had been told."""
    if not is_server(connection):
        connection.execute(_TAKE_OUT, known)
