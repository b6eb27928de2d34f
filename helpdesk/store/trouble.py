"""Whose fault is it, and does it pass? What drivers raise, told apart by code, never by its words.

Two questions: is the database itself in trouble, so that no mail is to blame (`is_our_trouble`); and may the
same work succeed in a few seconds (`passes`)? Words are only read to name a remedy to people (`explain`).
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from helpdesk.store.errors import DatabaseBroken, DatabaseUnreachable, StaleTicket, StoreError

_SQLITE_TROUBLE = ("FULL", "IOERR", "BUSY", "LOCKED", "READONLY", "CANTOPEN", "CORRUPT", "NOTADB")
_SQLITE_PASSES = ("BUSY", "LOCKED")
# Classes of SQLSTATE and single codes (PostgreSQL, appendix A)
_SERVER_PASSES = (
    "08",  # the connection is lost
    "25006",  # a standby: the primary is elsewhere now
    "25P03",  # we were silent for too long inside a transaction
    "25P04",  # the transaction took too long
    "40",  # deadlock, serialisation
    "53300",  # too many connections
    "55P03",  # a lock was not to be had
    "57",  # shut down, crashed, starting up, cancelled
)
_SERVER_TROUBLE = (
    *_SERVER_PASSES,
    "28",  # we may not log in any more
    "3D",  # the database is gone
    "42501",  # our rights were taken away
    "42P01",  # our tables are gone: another database under the same name
    "53",  # disk full, out of memory
    "55",  # the object is in use
    "58",  # input and output
    "XX001",  # damaged data
    "XX002",  # a damaged index
)
_RACES = ("40001", "40P01", "55P03")
_REMEDIES = {
    "password": "Look at the user in [store] url, at password_file and at the server's pg_hba.conf.",
    "authentication": "Look at the user in [store] url, at password_file and at the server's pg_hba.conf.",
    "pg_hba": "The server does not let us in from here: look at its pg_hba.conf.",
    "does not exist": "Create role and database: CREATE ROLE ... LOGIN; CREATE DATABASE ... OWNER ... ENCODING 'UTF8'.",
    "too many": "Raise max_connections on the server, or run fewer nodes.",
    "connection slots": "Raise max_connections on the server, or run fewer nodes.",
}


def explain(error: DBAPIError, name: str) -> StoreError | None:
    """A message for people when a database cannot be opened; None for any other trouble."""
    if isinstance(error.orig, sqlite3.Error):
        return _explain_file(error, name)
    return _explain_server(error, name)


def _explain_file(error: DBAPIError, name: str) -> StoreError | None:
    text = str(error.orig)
    if "not a database" in text or "malformed" in text:
        return DatabaseBroken(f"{name}: {text}. Move the file away and restore a copy of it.")
    if "unable to open" in text:
        return DatabaseUnreachable(f"{name}: {text}. The folder must exist and be writable for this user.")
    if "locked" in text:
        return DatabaseUnreachable(f"{name}: {text} by another process.")
    if isinstance(error, OperationalError) and "full" not in text:
        return DatabaseUnreachable(f"{name}: {text.strip()}. Is the url in [store] right?")
    return None


def _explain_server(error: DBAPIError, name: str) -> StoreError | None:
    text = " ".join(str(error.orig).split())
    if _state(error) == "42501":
        return StoreError(
            f"{name}: {text}. Once, to make the tables: GRANT CREATE ON SCHEMA public TO our user."
        )
    if not error.connection_invalidated and not isinstance(error, OperationalError | InterfaceError):
        return None
    remedies = (remedy for words, remedy in _REMEDIES.items() if words in text)
    remedy = next(remedies, "Is it running, and the url in [store] right?")
    return DatabaseUnreachable(f"{name}: {text.rstrip('.?!')}. {remedy}")


def is_our_trouble(error: BaseException | None) -> bool:
    """Can the database not work at all now (full, locked, away), whatever it was asked to store?

    Looks at what led to `error` too: SQLite ends the whole transaction when its disk is full, and then the
    way back to a savepoint fails with another error.
    """
    return _any_cause(error, _SQLITE_TROUBLE, _SERVER_TROUBLE)


def passes(error: BaseException | None) -> bool:
    """May the same work, all of it, succeed in a few seconds: connection lost, locked, deadlock?"""
    return _any_cause(error, _SQLITE_PASSES, _SERVER_PASSES)


def lost_a_race(error: BaseException) -> bool:
    """Was another transaction faster? Then the same work, done again from its beginning, will do."""
    orig = getattr(error, "orig", None)
    return isinstance(error, StaleTicket) or getattr(orig, "sqlstate", None) in _RACES


def _any_cause(error: BaseException | None, names: tuple[str, ...], states: tuple[str, ...]) -> bool:
    while error is not None:
        if _says(error, names, states):
            return True
        error = error.__cause__ or error.__context__
    return False


def _says(error: BaseException, names: tuple[str, ...], states: tuple[str, ...]) -> bool:
    if isinstance(error, DatabaseBroken):
        return names is _SQLITE_TROUBLE
    if isinstance(error, DatabaseUnreachable | PendingRollbackError | PoolExhausted):
        return True
    if not isinstance(error, DBAPIError):
        return False
    sqlite_name = getattr(error.orig, "sqlite_errorname", None) or ""
    return (
        error.connection_invalidated
        or sqlite_name.removeprefix("SQLITE_").startswith(names)
        or _state(error).startswith(states)
    )


def _state(error: DBAPIError) -> str:
    """SQLSTATE; empty where the server had no chance to say one."""
    return getattr(error.orig, "sqlstate", None) or ""
