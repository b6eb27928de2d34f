"""Is nobody at work on this server? (On SQLite the lock files say so, P13.)"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, inspect, select, text

from helpdesk.store.schema import NODE
from helpdesk.store.session import AlreadyRunning, Database

NOBODY = (
    "DO $$ BEGIN IF EXISTS (SELECT 1 FROM node WHERE until > now()) THEN "
    "RAISE EXCEPTION 'a node of the desk has started meanwhile'; END IF; END $$"
)
"""The same question as a statement for psql."""


def require_nobody(desk: Database) -> None:
    """Raise AlreadyRunning while a node works on this server, or was killed so lately that it may live."""
    if desk.is_sqlite:
        return
    with desk.read() as connection:
        _require_nobody(connection, desk)


@contextmanager
def nobody_may_start(desk: Database) -> Iterator[None]:
    """As `require_nobody`, and until the end of this no node can begin to work there."""
    if desk.is_sqlite:
        yield
        return
    with desk.write() as connection:
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("LOCK TABLE node IN SHARE MODE"))
        _require_nobody(connection, desk)
        yield


def _require_nobody(connection: Connection, desk: Database) -> None:
    if not inspect(connection).has_table(NODE.name):
        return
    living = select(NODE.c.name).where(NODE.c.until > text("now()")).order_by(NODE.c.name)
    if names := list(connection.scalars(living)):
        raise AlreadyRunning(
            f"{desk.name}: {', '.join(names)} works on this desk. Stop every node first; "
            "one that was killed counts as living for up to a minute."
        )
