"""A whole desk from one store to another, SQLite to PostgreSQL or back, the desk standing still.

Promises: the target was empty and is filled in one transaction (per file on SQLite, where the files get their
names at the end), or it stays empty; every table has as many rows as before, with the same ids and the same
bytes; ids that were ever given are not given again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from helpdesk.store import identity, migrate, search, standstill
from helpdesk.store.columns import UtcTime
from helpdesk.store.migrate import Which
from helpdesk.store.progress import Progress
from helpdesk.store.schema import DESK, INBOX, NODE, OUTBOX, SPOOL, TICKET, TICKET_NUMBER
from helpdesk.store.session import Database, StoreError, is_server
from helpdesk.store.snapshot import sync

_ROWS_AT_ONCE = 500
_BYTES_AT_ONCE = 8_000_000
_BIG_ROWS_IN_HAND = 8  # a mail may have 30 MB
_SETS: dict[Which, MetaData] = {"spool": SPOOL, "desk": DESK}
_NOT_COPIED = {NODE.name}
"""Who lives is true of this minute only."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What must be equal on both sides."""

    rows: int
    ids: int | None
    raw_bytes: int | None


def copy(source: dict[Which, Database], target: dict[Which, Database], progress: Progress) -> dict[str, int]:
    """Copy spool and desk; return the rows by table. Raises StoreError, and then the target is as empty as before.

    The caller holds the locks of SQLite files on both sides.
    """
    _require_empty(target)
    for which, database in source.items():
        migrate.require_current(database, which)
    with standstill.nobody_may_start(source["desk"]), _new_store(target) as made:
        return _copy_sets(source, made, progress)


def _copy_sets(
    source: dict[Which, Database], target: dict[Which, Database], progress: Progress
) -> dict[str, int]:
    """Each set in one transaction; on a server both in the same one."""
    counted: dict[str, int] = {}
    with ExitStack() as whole:
        shared = None if target["desk"].is_sqlite else whole.enter_context(target["desk"].write())
        for which, metadata in _SETS.items():
            with ExitStack() as each:
                old = each.enter_context(source[which].read())
                new = shared or each.enter_context(target[which].write())
                counted |= _copy_tables(old, new, metadata.sorted_tables, progress)
                if which == "desk":
                    progress("making the search", 0, 1)
                    search.rebuild(new)
    return counted


def _require_empty(target: dict[Which, Database]) -> None:
    if identity.has_data(target["spool"], target["desk"]):
        raise StoreError(f"{target['desk'].name}: is not empty. Name a store without a desk in it.")
    for database in target.values():
        if database.path and not database.path.parent.is_dir():
            raise StoreError(f"{database.path.parent}: no such folder. Make it first.")


@contextmanager
def _new_store(target: dict[Which, Database]) -> Iterator[dict[Which, Database]]:
    """The target with today's tables. Files get their names when all went well."""
    if not target["desk"].is_sqlite:
        for which, database in target.items():
            migrate.upgrade(database, which)
        _require_unused(target["desk"])
        with standstill.nobody_may_start(target["desk"]):
            yield target
        return
    drafts: dict[Which, Database] = {which: _draft(database) for which, database in target.items()}
    try:
        for which, database in drafts.items():
            migrate.upgrade(database, which)
        yield drafts
        for which in _SETS:
            drafts[which].checkpoint()
            drafts[which].close()
            _rename(drafts[which].path, target[which].path)
    finally:
        for database in drafts.values():
            database.close()
            _remove(database.path)


def _require_unused(desk: Database) -> None:
    """A desk that has been started there, without mail yet, has an id of its own already."""
    with desk.read() as connection:
        if identity.id_of(connection) is not None:
            raise StoreError(
                f"{desk.name}: a desk has been started there. Name a store without a desk in it."
            )


def _draft(database: Database) -> Database:
    assert database.path is not None
    path = database.path.with_name(database.path.name + ".unfinished")
    _remove(path)
    return Database(database.url.set(database=str(path)).render_as_string(hide_password=False))


def _rename(draft: Path | None, place: Path | None) -> None:
    assert draft is not None
    assert place is not None
    sync(draft)
    _remove(place)  # an unused file, its log included
    draft.rename(place)
    sync(place.parent)


def _remove(path: Path | None) -> None:
    assert path is not None
    for suffix in ("-wal", "-shm", ""):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _copy_tables(
    old: Connection, new: Connection, tables: Sequence[Table], progress: Progress
) -> dict[str, int]:
    """All rows and what the next ids are, then compare."""
    for connection in (old, new):
        if is_server(connection):
            # a date of the year 9999 has no place in time zones east of Greenwich
            connection.execute(text("SET LOCAL timezone TO 'UTC'"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
    copied = [_plain(table) for table in tables if table.name not in _NOT_COPIED]
    counted: dict[str, int] = {}
    for table in copied:
        total = old.scalar(select(func.count()).select_from(table)) or 0
        for number, rows in enumerate(_batches(old, table)):
            new.execute(insert(table), rows)
            counted[table.name] = counted.get(table.name, 0) + len(rows)
            if number % 10 == 0:
                progress(f"copying {table.name}", counted[table.name], total)
        counted.setdefault(table.name, 0)
        before, after = _figures(old, table), _figures(new, table)
        if before != after:
            raise StoreError(f"table {table.name}: {before} there, {after} here; nothing was copied.")
    for table in tables:
        _continue_ids(old, new, table)
    return counted


def _plain(table: Table) -> Table:
    """The table without our columns' habits: a key that was cut and hashed once must not be hashed again."""
    columns = [
        Column(column.name, _bare(column.type), primary_key=column.primary_key) for column in table.columns
    ]
    return Table(table.name, MetaData(), *columns)


def _bare(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, UtcTime | Boolean | LargeBinary):
        return kind
    inner = kind.impl if isinstance(kind, TypeDecorator) else kind
    return BigInteger() if isinstance(inner, Integer) else Text()


def _batches(old: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Rows in the order of their keys, as many as fit into memory."""
    big = "raw" in table.columns
    query = select(table).order_by(*table.primary_key.columns)
    options = {"stream_results": True, "yield_per": _BIG_ROWS_IN_HAND if big else _ROWS_AT_ONCE}
    batch: list[dict[str, Any]] = []
    size = 0
    for row in old.execute(query, execution_options=options).mappings():
        batch.append(dict(row))
        size += len(row["raw"]) if big else 0
        if len(batch) >= _ROWS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _figures(connection: Connection, table: Table) -> Figures:
    key = next(iter(table.primary_key.columns))
    numbers = isinstance(key.type, BigInteger)
    raw = table.columns.get("raw")
    row = connection.execute(
        select(
            func.count(),
            func.sum(key) if numbers else text("NULL"),
            func.sum(func.length(raw)) if raw is not None else text("NULL"),
        ).select_from(table)
    ).one()
    count, ids, size = row
    return Figures(count, None if ids is None else int(ids), None if size is None else int(size))


def _continue_ids(old: Connection, new: Connection, table: Table) -> None:
    """The next id is above every one that was ever given, not only above those that are there."""
    column = next(iter(table.primary_key.columns))
    if is_server(new):
        _continue_on_server(old, new, table, column)
    elif table.dialect_options["sqlite"]["autoincrement"]:
        last = max(_last_given(old, table, column), _highest(new, column))
        new.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        row = {"name": table.name, "last": last}
        new.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), row)


def _continue_on_server(old: Connection, new: Connection, table: Table, column: Column[Any]) -> None:
    place = {"table": table.name, "column": column.name}
    sequence = new.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), place)
    if table is TICKET and inspect(new).has_sequence(TICKET_NUMBER.name):
        sequence = TICKET_NUMBER.name
    if sequence:
        last = max(_last_given(old, table, column), _highest(new, column))
        new.execute(text("SELECT setval(:sequence, :next, false)"), {"sequence": sequence, "next": last + 1})


def _highest(connection: Connection, column: Column[Any]) -> int:
    return connection.scalar(select(func.max(column))) or 0


def _last_given(old: Connection, table: Table, column: Column[Any]) -> int:
    """The last id given, as the old store remembers it; 0 where it does not."""
    if not is_server(old):
        if table not in {INBOX, OUTBOX}:
            return 0
        query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return old.scalar(query, {"name": table.name}) or 0
    place = {"table": table.name, "column": column.name}
    sequence = old.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), place)
    if table is TICKET and inspect(old).has_sequence(TICKET_NUMBER.name):
        sequence = TICKET_NUMBER.name
    if not sequence:
        return 0
    row = old.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - the server's name
    return int(row.last_value) if row.is_called else int(row.last_value) - 1
