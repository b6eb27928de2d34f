"""How connections are made: what every one of them promises, on SQLite and on PostgreSQL.

On a server: a commit is on its disk before it is reported (P1), whatever its own default is; no lock is waited
for longer than 5 s; a server that vanished is noticed within 10 s; a process that stands still holds nothing
for longer than 20 s. A reader works on one snapshot and cannot write. What a statement was to store, people's
mail, never stands in an error and so in no log (T24).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, Pool, create_engine, event

from helpdesk.store import later
from helpdesk.store.copy_in import copy_where_many
from helpdesk.store.errors import DatabaseBroken
from helpdesk.store.pinging import ping_where_needed

BUSY_MILLISECONDS = 10_000

CACHE_KIB = 32 * 1024
"""Of a writer: with SQLite's own 2 MB a mail costs a quarter more among a million tickets. Taken when it is needed."""

KEPT_CONNECTIONS, MOST_CONNECTIONS = 2, 8
"""On a server, for each of the two kinds (reading, writing) of a Database."""

_READER = {"statement_timeout": "30s"}
# Shorter than a worker's wall (10 s), or it would be killed and the mail in its hands blamed
_WRITER = {"statement_timeout": "8s"}
_SESSION = {
    "synchronous_commit": "on",  # P1
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "20s",  # half of a node's lease
    "timezone": "UTC",  # elsewhere, instants at the edge of the calendar leave it
}
_TCP = {
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "9000",
}


def make_engine(
    url: URL, *, write: bool, foreign_keys: bool = True, poolclass: type[Pool] | None = None
) -> Engine:
    """An engine whose every connection keeps the rules of this page."""
    if url.get_backend_name() == "sqlite":
        engine = _file_engine(url, write=write, foreign_keys=foreign_keys, poolclass=poolclass)
    else:
        engine = _server_engine(url, write=write, poolclass=poolclass)
    if write:
        later.watch(engine)
        if engine.dialect.name == "postgresql":
            copy_where_many(engine)
    return engine


def _file_engine(url: URL, *, write: bool, foreign_keys: bool, poolclass: type[Pool] | None) -> Engine:
    engine = create_engine(url, poolclass=poolclass, hide_parameters=True)
    pragmas = _pragmas(write=write, foreign_keys=foreign_keys)

    def prepare(dbapi_connection: Any, _record: object) -> None:
        # F8: the driver's own transaction handling loses updates; BEGIN is ours
        dbapi_connection.isolation_level = None
        for pragma in pragmas:
            dbapi_connection.execute(f"PRAGMA {pragma}")

    def begin(dbapi_connection: Any) -> None:
        dbapi_connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine, "connect", prepare)
    # not a listener of the engine's: with one, every statement asks who listens (3 of its 14 us)
    engine.dialect.do_begin = begin  # type: ignore[method-assign]
    return engine


def _pragmas(*, write: bool, foreign_keys: bool) -> tuple[str, ...]:
    common = (f"busy_timeout={BUSY_MILLISECONDS}", "trusted_schema=OFF")
    if not write:
        return (*common, "query_only=ON")
    # P1: WAL with synchronous=NORMAL can lose the last commits at a power cut
    keys = "ON" if foreign_keys else "OFF"
    rules = ("journal_mode=WAL", "synchronous=FULL", f"foreign_keys={keys}", f"cache_size=-{CACHE_KIB}")
    return (*common, *rules)


def _server_engine(url: URL, *, write: bool, poolclass: type[Pool] | None) -> Engine:
    pool: dict[str, Any] = {"poolclass": poolclass}
    if poolclass is None:
        extra = MOST_CONNECTIONS - KEPT_CONNECTIONS
        # last in, first out: the server sees no more connections than are in use
        pool = {
            "pool_size": KEPT_CONNECTIONS,
            "max_overflow": extra,
            "pool_timeout": 10,
            "pool_use_lifo": True,
        }
    engine = create_engine(
        url,
        hide_parameters=True,
        # pre-ping: without it the first use after a server restart fails (MAIL_RULES 4)
        pool_pre_ping=True,
        isolation_level="READ COMMITTED" if write else "REPEATABLE READ",
        connect_args=_connect_args(url, write=write),
        **pool,
    )
    event.listen(engine, "connect", _require_unicode)
    ping_where_needed(engine)
    return engine if write else engine.execution_options(postgresql_readonly=True)


def _connect_args(url: URL, *, write: bool) -> dict[str, str]:
    """What the url says itself goes first, but for what we promise."""
    settings = _SESSION | (_WRITER if write else _READER)
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    chosen = {name: value for name, value in url.query.items() if isinstance(value, str)}
    arguments = {"application_name": "helpdesk", "client_encoding": "utf8", **_TCP}
    if write:
        arguments["target_session_attrs"] = "read-write"  # of several hosts, not the standby
    return {**arguments, **chosen, "options": f"{chosen.get('options', '')} {ours}".strip()}


def _require_unicode(dbapi_connection: Any, _record: object) -> None:
    """Where text is stored in less than Unicode, most people's mail could not be."""
    encoding = dbapi_connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        name = dbapi_connection.info.dbname
        dbapi_connection.close()
        raise DatabaseBroken(
            f"database {name} is in {encoding}: make it anew with ENCODING 'UTF8' TEMPLATE template0."
        )
