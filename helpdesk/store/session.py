"""One database file (or server) and its transactions.

Promises: on SQLite `write` holds the write lock from its first statement, so no read-modify-write is lost
(F8); on a server others write at the same time, and who reads in order to change locks what he reads. `read`
sees one snapshot and cannot write; what `write` has committed survives a power cut (P1). Engines are made on
first use, so a Database costs nothing until then and each process makes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from helpdesk.store import later, transaction
from helpdesk.store.engines import BUSY_MILLISECONDS, make_engine
from helpdesk.store.errors import (
    AlreadyRunning,
    DatabaseBroken,
    DatabaseFromTheFuture,
    DatabaseUnreachable,
    DiskUnsure,
    NeedsUpgrade,
    StaleTicket,
    StoreError,
)
from helpdesk.store.trouble import explain, is_our_trouble, lost_a_race

__all__ = [
    "BUSY_MILLISECONDS",
    "AlreadyRunning",
    "Database",
    "DatabaseBroken",
    "DatabaseFromTheFuture",
    "DatabaseUnreachable",
    "DiskUnsure",
    "NeedsUpgrade",
    "StaleTicket",
    "StoreError",
    "explain",
    "is_our_trouble",
    "is_server",
    "lost_a_race",
    "make_engine",
    "savepoint",
    "spool_url",
]


def _nothing() -> None:
    pass


def _unnoticed(_what: str) -> None:
    pass


class Database:
    """One SQLite file with one writing process, or a PostgreSQL url.

    `before_commit` and `after_commit` are called around every commit of `write`; what they raise is passed on
    (before: nothing is stored; after: everything is). `passed` hears of them too, as "before WHAT" and "after
    WHAT", where WHAT is the name that `write` was given.

    A file whose fsync has failed is written no more by this process (MAIL_RULES 5.2): the kernel may have thrown
    the pages away, and a second fsync would say that all is well. `when_unsure` is called then, on the thread of
    the write; who gets it should end the process, since only a new one reads what is really there.
    """

    def __init__(
        self,
        url: str,
        *,
        before_commit: Callable[[], None] = _nothing,
        after_commit: Callable[[], None] = _nothing,
        passed: Callable[[str], None] = _unnoticed,
    ) -> None:
        self.url: URL = make_url(url)
        self._passed = passed
        self._before_commit = before_commit
        self._after_commit = after_commit
        self.is_unsure = False
        self.when_unsure: Callable[[], None] = _nothing

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
    def write(self, what: str = "write") -> Iterator[Connection]:
        """Commit at the end; roll back and pass on whatever is raised inside. `what` names the transaction."""
        if self.is_unsure:
            raise DiskUnsure(f"{self.name}: {DiskUnsure.__doc__}")
        try:
            with self._transaction(self._writer) as connection:
                transaction.begin(connection)
                yield connection
                later.do_now(connection)
                self._before_commit()
                self._passed(f"before {what}")
        except DBAPIError as error:
            self._doubt(error)
            raise
        self._passed(f"after {what}")
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

    def _doubt(self, error: DBAPIError) -> None:
        name = getattr(error.orig, "sqlite_errorname", None) or ""
        if name.endswith("FSYNC"):  # SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC
            self.is_unsure = True
            self.when_unsure()

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


def is_server(connection: Connection) -> bool:
    """PostgreSQL, where other nodes may work at the same time; else a SQLite file of our own."""
    return connection.dialect.name == "postgresql"


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """What is raised inside undoes what was done inside, and is passed on; the transaction goes on.

    One inside another is fine: the name means the innermost. SQLAlchemy's own takes four times as long.
    """
    later.do_now(connection)
    connection.exec_driver_sql("SAVEPOINT part")
    try:
        yield
        later.do_now(connection)
    except BaseException as error:
        if kept := transaction.memory(connection):
            kept.clear()  # what is put off here is undone, too; so are locks that were taken here
        try:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT part")
            connection.exec_driver_sql("RELEASE SAVEPOINT part")
        except SQLAlchemyError:
            # SQLite ends the whole transaction when its disk is full, a server's may be cut off: tell of that
            if not is_our_trouble(error):
                raise
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT part")


def spool_url(desk_url: str) -> str:
    """Where the spool of a desk is: its own file beside helpdesk.db; the same database on a server."""
    url = make_url(desk_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return desk_url
    desk = Path(url.database)
    name = "spool" if desk.stem == "helpdesk" else f"{desk.stem}-spool"
    return url.set(database=str(desk.with_stem(name))).render_as_string(hide_password=False)
