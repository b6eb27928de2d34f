"""The desk's tables on a PostgreSQL server, out to a file by pg_dump and back in one transaction.

Promises: the dump is of one instant, and what it holds was counted in that instant; a restore is committed
whole or not at all, with the desk that was there before kept in the schema `before_restore`.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, NullPool, inspect, text

from helpdesk.store import standstill
from helpdesk.store.backup import server_tools
from helpdesk.store.backup.server_tools import Address
from helpdesk.store.migrate import UPGRADE_LOCK, version_table
from helpdesk.store.progress import Progress
from helpdesk.store.schema import DESK, NODE, SPOOL, TICKET_NUMBER
from helpdesk.store.session import Database, StoreError, make_engine

KEPT = "before_restore"
_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Dumped:
    """`rows` by table; `version` is the server's major version."""

    rows: dict[str, int]
    schema: str
    version: int


def dump(desk: Database, target: Path, progress: Progress) -> Dumped:
    """Write all of spool and desk to `target`, and read it back. Raises StoreError."""
    at = server_tools.address(desk.url)
    with _instant(desk) as connection:
        schema, version = place(connection)
        pg_dump = server_tools.find("pg_dump", version)
        pg_restore = server_tools.find("pg_restore", version)
        names = our_names(connection)
        rows = {name: _count(connection, name) for name in names if name != TICKET_NUMBER.name}
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        command: list[str | Path] = [
            pg_dump,
            "--format=custom",
            "--no-password",
            f"--snapshot={snapshot}",
            "--strict-names",
        ]
        command += [f'--table="{schema}"."{name}"' for name in names]
        _watched(
            [*command, f"--file={target}", f"--dbname={at.conninfo}"], at, target, _size(connection), progress
        )
    progress("reading the copy", 0, 1)
    if (held := _rows_in(pg_restore, target, at)) != rows:
        raise StoreError(f"{target}: holds {held} rows where the server had {rows}. Try again.")
    return Dumped(rows, schema, version)


def load(
    desk: Database,
    source: Path,
    dumped: Dumped,
    *,
    old: Sequence[str],
    keep: bool,
    afterwards: Sequence[str],
) -> None:
    """Bring a dump in, in one transaction.

    1. `old` tables and sequences go to the schema `before_restore` (`keep`), or away where they are empty.
    2. The dump comes in, and its rows are counted.
    3. The statements `afterwards` run; all is committed.
    """
    at = server_tools.address(desk.url)
    with desk.read() as connection:
        schema, version = place(connection)
    if schema != dumped.schema:
        raise StoreError(
            f"{desk.name}: works in the schema {schema!r}, the backup is of {dumped.schema!r}. "
            "Give the database user that search_path."
        )
    pg_restore, psql = (server_tools.find(name, version) for name in ("pg_restore", "psql"))
    before = ["BEGIN", f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})", "SET LOCAL lock_timeout = '30s'"]
    before += [*_nobody(old), *_make_room(schema, old, keep=keep)]
    after = [f'SET LOCAL search_path TO "{schema}"', *_compare(dumped.rows), *afterwards, "COMMIT"]
    _pipe(psql, [pg_restore, "--no-owner", "--no-privileges", "--file=-", source], at, before, after)


def place(connection: Connection) -> tuple[str, int]:
    """The schema in which our tables are, and the server's major version."""
    schema = connection.scalar(text("SELECT current_schema()"))
    version = int(connection.scalar(text("SHOW server_version_num")) or 0)
    return str(schema), version // 10_000


def our_names(connection: Connection) -> list[str]:
    """Our tables that are there, and the sequence that belongs to none of them."""
    there = set(inspect(connection).get_table_names())
    ours = [*SPOOL.tables, *DESK.tables, version_table("spool"), version_table("desk")]
    loose = [TICKET_NUMBER.name] if inspect(connection).has_sequence(TICKET_NUMBER.name) else []
    return [name for name in ours if name in there] + loose


def has_kept(desk: Database) -> bool:
    """Is there a desk that an earlier restore has put aside?"""
    with desk.read() as connection:
        return inspect(connection).has_schema(KEPT)


@contextmanager
def _instant(desk: Database) -> Iterator[Connection]:
    """A transaction that keeps its instant until the dump has been made from it."""
    engine = make_engine(desk.url, write=False, poolclass=NullPool)
    try:
        with engine.execution_options(isolation_level="REPEATABLE READ").begin() as connection:
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # counting a big table
            yield connection
    finally:
        engine.dispose()


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0  # noqa: S608 - our own tables


def _size(connection: Connection) -> int:
    return connection.scalar(text("SELECT pg_database_size(current_database())")) or 1


def _watched(command: Sequence[str | Path], at: Address, target: Path, size: int, progress: Progress) -> None:
    """Run pg_dump and tell how its file grows."""
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(  # noqa: S603 - no shell, our own words
            [str(word) for word in command], env=at.environ, stdin=subprocess.DEVNULL, stderr=said
        )
        try:
            while process.poll() is None:
                progress(
                    "copying the server", min(target.stat().st_size, size) if target.exists() else 0, size
                )
                time.sleep(_LOOK_EVERY)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        said.seek(0)
        if process.returncode:
            raise server_tools.failed(command[0], said.read())


def _rows_in(pg_restore: Path, dump: Path, at: Address) -> dict[str, int]:
    """Read a dump from its first byte to its last, and count its rows by table."""
    rows: dict[str, int] = {}
    table = ""
    command = [str(pg_restore), "--data-only", "--file=-", str(dump)]
    with (
        tempfile.TemporaryFile("w+", errors="replace") as said,
        subprocess.Popen(command, env=at.environ, stdout=subprocess.PIPE, stderr=said) as process,  # noqa: S603
    ):
        assert process.stdout is not None
        for line in process.stdout:
            if not table and line.startswith(b"COPY "):
                table = line.split()[1].decode().rpartition(".")[2].strip('"')
                rows[table] = 0
            elif line == b"\\.\n":
                table = ""
            elif table:
                rows[table] += 1
        if process.wait():
            said.seek(0)
            raise server_tools.failed(pg_restore, said.read())
    return rows


def _nobody(old: Sequence[str]) -> list[str]:
    """No node may begin to work here until all is done, and none may have begun since we looked."""
    return ["LOCK TABLE node IN ACCESS EXCLUSIVE MODE", standstill.NOBODY] if NODE.name in old else []


def _make_room(schema: str, old: Sequence[str], *, keep: bool) -> list[str]:
    tables = [name for name in old if name != TICKET_NUMBER.name]
    loose = [name for name in old if name == TICKET_NUMBER.name]
    if not old:
        return []
    if not keep:
        drop = ", ".join(f'"{schema}"."{name}"' for name in tables)
        return [f"DROP TABLE {drop} CASCADE", *(f'DROP SEQUENCE "{schema}"."{name}"' for name in loose)]
    moves = [f'ALTER TABLE "{schema}"."{name}" SET SCHEMA {KEPT}' for name in tables]
    return [
        f"CREATE SCHEMA {KEPT}",
        *moves,
        *(f'ALTER SEQUENCE "{schema}"."{name}" SET SCHEMA {KEPT}' for name in loose),
    ]


def _compare(rows: dict[str, int]) -> list[str]:
    """A wrong number of rows undoes everything."""
    wrong = "RAISE EXCEPTION 'table % has % rows where the backup has %', '{0}', n, {1};"
    checks = [
        f'SELECT count(*) INTO n FROM "{name}"; IF n <> {count} THEN {wrong.format(name, count)} END IF;'  # noqa: S608
        for name, count in rows.items()
    ]
    return [f"DO $$ DECLARE n bigint; BEGIN {' '.join(checks)} END $$"]


def _pipe(
    psql: Path, script: Sequence[str | Path], at: Address, before: Sequence[str], after: Sequence[str]
) -> None:
    """Let psql run `before`, the output of `script`, `after`. Killed anywhere, nothing of it is committed:
    psql then reads to the end of its input without having seen COMMIT.

    Nothing is sent before psql says that `before` is done, its lock included: whoever gets that lock after us
    finds the transaction ended.
    """
    options = ["--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", f"--dbname={at.conninfo}"]
    script_failed = False
    with (
        tempfile.TemporaryFile("w+", errors="replace") as said,
        subprocess.Popen(  # noqa: S603 - no shell, our own words
            [str(psql), *options], env=at.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            server.stdin.write(b"\\o /dev/null\n")  # results are of no interest
            _say(server, before)
            server.stdin.write(b"\\echo begun\n")
            server.stdin.flush()
            if server.stdout.readline():
                script_failed = not _pump(script, at, server, said)
                if not script_failed:
                    _say(server, after)
        except BrokenPipeError:
            pass  # psql has given up; it says why
        finally:
            _close(server)
        server.wait()
        said.seek(0)
        if server.returncode or script_failed:
            raise server_tools.failed(psql if server.returncode else script[0], said.read())


def _pump(script: Sequence[str | Path], at: Address, server: subprocess.Popen[bytes], said: IO[str]) -> bool:
    """What `script` writes goes to psql; did it end well?"""
    assert server.stdin is not None
    command = [str(word) for word in script]
    with subprocess.Popen(command, env=at.environ, stdout=subprocess.PIPE, stderr=said) as reader:  # noqa: S603
        assert reader.stdout is not None
        shutil.copyfileobj(reader.stdout, server.stdin, 1024 * 1024)
    return reader.returncode == 0


def _close(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin is not None
    try:
        server.stdin.close()
    except BrokenPipeError:
        pass


def _say(server: subprocess.Popen[bytes], statements: Sequence[str]) -> None:
    assert server.stdin is not None
    server.stdin.write("".join(f"{statement};\n" for statement in statements).encode())
    server.stdin.flush()
