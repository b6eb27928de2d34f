"""One database file (or server) and its transactions.

Promises: `write` holds the write lock from its first statement, so no read-modify-write is lost (F8);
`read` never takes it and cannot write; what `write` has committed survives a power cut (P1). Engines are
made on first use, so a Database costs nothing until then and each process makes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Pool, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

BUSY_MILLISECONDS = 10_000
_PG_OPTIONS = "-c lock_timeout=5000 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"


class StoreError(Exception):
    """The database could not do what was asked; the message names the file or url and the remedy."""


class AlreadyRunning(StoreError):
    """Another daemon works on the same database (P13)."""


class DatabaseFromTheFuture(StoreError):
    """A newer helpdesk has upgraded this database."""


class DatabaseBroken(StoreError):
    """The file is no database, or it is damaged."""


class DatabaseUnreachable(StoreError):
    """The file or the server cannot be opened now."""


class NeedsUpgrade(StoreError):
    """The database is older than this helpdesk."""


class StaleTicket(StoreError):
    """Somebody else changed the ticket since it was read; read it again and repeat."""


def _nothing() -> None:
    pass


class Database:
    """One SQLite file with one writing process, or a PostgreSQL url.

    `before_commit` and `after_commit` are called around every commit of `write`; what they raise is passed on
    (before: nothing is stored; after: everything is).
    """

    def __init__(
        self,
        url: str,
        *,
        before_commit: Callable[[], None] = _nothing,
        after_commit: Callable[[], None] = _nothing,
    ) -> None:
        self.url: URL = make_url(url)
        self._before_commit = before_commit
        self._after_commit = after_commit

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file, None on a server."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @property
    def name(self) -> str:
        """File or url as shown to people, without the password."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Commit at the end; roll back and pass on whatever is raised inside."""
        with self._transaction(self._writer) as connection:
            yield connection
            self._before_commit()
        self._after_commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot for reading. Keep it short: a long one stops the checkpoints of the write-ahead log."""
        with self._transaction(self._reader) as connection:
            yield connection

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file (housekeeping; nothing to do on a server)."""
        if self.is_sqlite:
            raw = self._writer.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    def close(self) -> None:
        """Close every connection; the next use opens new ones."""
        for name in ("_writer", "_reader"):
            engine = self.__dict__.get(name)
            if engine is not None:
                engine.dispose()

    @cached_property
    def _writer(self) -> Engine:
        return make_engine(self.url, write=True)

    @cached_property
    def _reader(self) -> Engine:
        return make_engine(self.url, write=False)

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(engine.connect())
                stack.enter_context(connection.begin())
            except DBAPIError as error:
                explained = explain(error, self.name)
                if explained is None:
                    raise
                raise explained from error
            yield connection


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """What is raised inside undoes what was done inside, and is passed on; the transaction goes on."""
    nested = connection.begin_nested()
    try:
        yield
    except BaseException as error:
        try:
            nested.rollback()
        except DBAPIError:
            # SQLite ends the whole transaction when its disk is full; that is what must be told
            if not is_our_trouble(error):
                raise
        raise
    nested.commit()


def spool_url(desk_url: str) -> str:
    """Where the spool of a desk is: its own file beside helpdesk.db; the same database on a server."""
    url = make_url(desk_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return desk_url
    desk = Path(url.database)
    name = "spool" if desk.stem == "helpdesk" else f"{desk.stem}-spool"
    return url.set(database=str(desk.with_stem(name))).render_as_string(hide_password=False)


def make_engine(
    url: URL, *, write: bool, foreign_keys: bool = True, poolclass: type[Pool] | None = None
) -> Engine:
    """An engine whose every connection keeps the rules of this page."""
    if url.get_backend_name() != "sqlite":
        # pre-ping: without it the first use after a server restart fails (MAIL_RULES 4)
        options: dict[str, Any] = {"pool_pre_ping": True, "connect_args": {"options": _PG_OPTIONS}}
        engine = create_engine(url, poolclass=poolclass, **options)
        return engine if write else engine.execution_options(postgresql_readonly=True)
    engine = create_engine(url, poolclass=poolclass)
    pragmas = _pragmas(write=write, foreign_keys=foreign_keys)

    def prepare(dbapi_connection: Any, _record: object) -> None:
        # F8: the driver's own transaction handling loses updates; BEGIN is ours
        dbapi_connection.isolation_level = None
        for pragma in pragmas:
            dbapi_connection.execute(f"PRAGMA {pragma}")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _pragmas(*, write: bool, foreign_keys: bool) -> tuple[str, ...]:
    common = (f"busy_timeout={BUSY_MILLISECONDS}", "trusted_schema=OFF")
    if not write:
        return (*common, "query_only=ON")
    # P1: WAL with synchronous=NORMAL can lose the last commits at a power cut
    keys = "ON" if foreign_keys else "OFF"
    return (*common, "journal_mode=WAL", "synchronous=FULL", f"foreign_keys={keys}")


def explain(error: DBAPIError, name: str) -> StoreError | None:
    """A message for people when a database cannot be opened; None for any other trouble."""
    text = str(error.orig)
    if "not a database" in text or "malformed" in text:
        return DatabaseBroken(f"{name}: {text}. Move the file away and restore a copy of it.")
    if "unable to open" in text:
        return DatabaseUnreachable(f"{name}: {text}. The folder must exist and be writable for this user.")
    if "locked" in text:
        return DatabaseUnreachable(f"{name}: {text} for {BUSY_MILLISECONDS // 1000} s by another process.")
    if isinstance(error, OperationalError) and error.connection_invalidated is False and "full" not in text:
        return DatabaseUnreachable(f"{name}: {text.strip()}. Is it running and the url in [store] right?")
    return None


_OUR_TROUBLE = {
    "sqlite": ("FULL", "IOERR", "BUSY", "LOCKED", "READONLY", "CANTOPEN", "CORRUPT", "NOTADB"),
    "postgresql": (
        "08",
        "40",
        "53",
        "55",
        "57",
        "58",
    ),  # classes of SQLSTATE: connection, resources, shutdown ...
}


def is_our_trouble(error: BaseException | None) -> bool:
    """Can the database not work at all now (full, locked, away), whatever it was asked to store?

    Looks at what led to `error` too: SQLite ends the whole transaction when its disk is full, and then the
    way back to a savepoint fails with another error.
    """
    if error is None:
        return False
    return _says_our_trouble(error) or is_our_trouble(error.__cause__ or error.__context__)


def _says_our_trouble(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError):
        return isinstance(error, DatabaseUnreachable | DatabaseBroken)
    sqlite_name = getattr(error.orig, "sqlite_errorname", None) or ""
    state = getattr(error.orig, "sqlstate", None) or ""
    return (
        error.connection_invalidated
        or sqlite_name.removeprefix("SQLITE_").startswith(_OUR_TROUBLE["sqlite"])
        or state.startswith(_OUR_TROUBLE["postgresql"])
    )
