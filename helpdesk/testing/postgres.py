"""A private, real PostgreSQL for tests: own data folder and port of 127.0.0.1, ended by process id.

    with Server() as server:
        url = server.fresh()               # an empty database of its own, as [store] url wants it
        server.restart("immediate")        # as after a crash: recovery from the write-ahead log
        server.terminate_backends()        # every connection is cut
        server.stop(); ...; server.start() # away for a while, on the same port

`shared()` is one server for all tests of this process; a test takes a database from it and gives it back:

    with a_database(upgraded=True) as url: ...

The databases belong to `helpdesk`, who is nobody special: no superuser, may not create databases. What may
differ from SQLite differs here: texts sort by the rules of English, the server's time zone is not UTC.
The server dies with the process that started it, even when that is killed.
"""

from __future__ import annotations

import atexit
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Self

from sqlalchemy import make_url

from helpdesk.store.migrate import upgrade
from helpdesk.store.session import Database
from helpdesk.testing.postgres_process import ServerProcess


class Server(ServerProcess):
    """`durable`: wait for the disk at every commit, as in life. `settings`: further lines of postgresql.conf."""

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(durable=durable, settings=settings)
        self._serial = itertools.count(1)

    def __enter__(self) -> Self:
        try:
            self.prepare()
            self.start()
            self.execute("CREATE ROLE helpdesk LOGIN")
            self.execute("CREATE DATABASE empty OWNER helpdesk")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def url(self, name: str, *, user: str = "helpdesk") -> str:
        """As `[store] url` wants it."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{name}"

    def fresh(self, *, upgraded: bool = False) -> str:
        """The url of a database that nobody else has; `upgraded`: with today's tables of spool and desk."""
        template = self._template() if upgraded else "empty"
        name = f"test_{next(self._serial)}"
        self.execute(f"CREATE DATABASE {name} OWNER helpdesk TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Who is still connected is thrown out."""
        self.execute(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def save(self, url: str) -> str:
        """A copy of a database as it is; the url of the copy. Nobody may be connected."""
        name = f"saved_{next(self._serial)}"
        self.execute(f"CREATE DATABASE {name} OWNER helpdesk TEMPLATE {make_url(url).database}")
        return self.url(name)

    def bring_back(self, url: str, saved: str) -> None:
        """The database is again what it was when it was saved. Who is connected is thrown out."""
        self.drop(url)
        name, template = make_url(url).database, make_url(saved).database
        self.execute(f"CREATE DATABASE {name} OWNER helpdesk TEMPLATE {template}")

    def terminate_backends(self, url: str | None = None) -> int:
        """Cut every connection of `helpdesk`, or those to one database, and wait for their end; return how many."""
        rows = self.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'helpdesk'"
            + (f" AND datname = '{make_url(url).database}'" if url else "")
        )
        return len(rows)

    def connections(self, url: str) -> list[tuple[str, str]]:
        """Who is connected to a database: application name and state."""
        return self.execute(
            f"SELECT application_name, state FROM pg_stat_activity WHERE datname = '{make_url(url).database}'"
        )

    def execute(self, sql: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """As superuser, each statement committed at once."""
        with self.superuser(name) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    @cache  # noqa: B019 - a server lives as long as its tests
    def _template(self) -> str:
        self.execute("CREATE DATABASE upgraded OWNER helpdesk TEMPLATE empty")
        database = Database(self.url("upgraded"))
        upgrade(database, "spool")
        upgrade(database, "desk")
        database.close()
        return "upgraded"


@cache
def shared() -> Server:
    """One server for all tests of this process, stopped at its end."""
    server = Server().__enter__()
    atexit.register(server.__exit__)
    return server


@contextmanager
def a_database(*, upgraded: bool = False) -> Iterator[str]:
    """The url of a database of the shared server; gone afterwards."""
    server = shared()
    url = server.fresh(upgraded=upgraded)
    try:
        yield url
    finally:
        server.drop(url)
