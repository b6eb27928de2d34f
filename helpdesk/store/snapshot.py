"""Copies of SQLite files, each of one instant, made while they are in use.

Promises: a copy is whole or not there, and readable by this user only; writers never wait for it. In WAL mode
a read transaction keeps its instant for as long as it lasts, so a copy need not start again when others write.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from helpdesk.store.progress import Progress, silent
from helpdesk.store.session import BUSY_MILLISECONDS, DatabaseBroken, StoreError

_PAGES_AT_ONCE = 2048


def copy(source: Path, target: Path) -> None:
    """Copy what is committed in `source` to `target`; replaces an older copy. Raises StoreError."""
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        with frozen(source) as old:
            write(old, unfinished)
        unfinished.replace(target)
        sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{target}: the copy before the upgrade failed: {error}. Make room there."
        ) from error


@contextmanager
def frozen(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which time stands still: it reads what is committed now, whatever others commit."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master")  # the instant is that of the first look
        yield connection


def write(
    source: sqlite3.Connection, target: Path, progress: Progress = silent, what: str = "copying"
) -> None:
    """Write all that `source` sees to a new file, down to the disk."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it holds people's mail
    with closing(sqlite3.connect(target)) as new:
        source.backup(
            new,
            pages=_PAGES_AT_ONCE,
            progress=lambda _, left, total: progress(what, total - left, total),
            sleep=0,
        )
        new.execute("PRAGMA journal_mode=DELETE")  # one file, no log beside it
    sync(target)


def row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    )
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - our own tables
        for (name,) in names.fetchall()
    }


def require_sound(connection: sqlite3.Connection, name: str) -> None:
    """Read everything. Raises DatabaseBroken."""
    verdict = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DatabaseBroken(f"{name}: {verdict}.")
    if connection.execute("PRAGMA foreign_key_check").fetchone():
        raise DatabaseBroken(f"{name}: has rows that refer to others which are not there.")


def sync(path: Path) -> None:
    """What was written to this file, or renamed in this folder, survives a power cut from now on."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
