"""Stores for tests, with today's tables: those of a new file are made once and copied, for hundreds of desks."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from helpdesk.store.migrate import Which, upgrade
from helpdesk.store.session import Database


def open_store(database: Database, which: Which) -> None:
    """Create or upgrade it, as a desk does at its start."""
    if database.path and not database.path.exists():
        database.path.write_bytes(_new(which))
    upgrade(database, which)


@cache
def _new(which: Which) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        database = Database(f"sqlite:///{path}")
        upgrade(database, which)
        database.close()
        return path.read_bytes()
