"""Bring a database to this program's schema, or say why not. Alembic owns the schema; nothing else changes it.

A step is all or nothing (F9): foreign keys off, one BEGIN IMMEDIATE, a backup copy first, row counts and
foreign keys compared before the commit. Killed in the middle, the file is as it was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    NullPool,
    PrimaryKeyConstraint,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DatabaseError

from helpdesk.store import snapshot
from helpdesk.store.schema import DESK, SPOOL
from helpdesk.store.session import (
    Database,
    DatabaseBroken,
    DatabaseFromTheFuture,
    NeedsUpgrade,
    explain,
    make_engine,
)

if TYPE_CHECKING:
    from alembic.config import Config

Which = Literal["spool", "desk"]
_METADATA: Mapping[str, MetaData] = {"spool": SPOOL, "desk": DESK}
UPGRADE_LOCK = 0x48454C51
"""Held by who changes the tables of a server: an upgrade, a restore."""
_REVISION = re.compile(r'^(revision|down_revision)\b[^=\n]*= *(?:"([^"]+)"|None)', re.M)


def migrations_folder() -> Path:
    """Where the scripts are: inside the installed package, else at the root of the repository."""
    package = Path(__file__).parents[1]
    shipped = package / "_shipped" / "migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


def upgrade(database: Database, which: Which, *, folder: Path | None = None) -> None:
    """Create or upgrade the tables. Raises DatabaseFromTheFuture or DatabaseBroken, and then has changed nothing.

    `folder`: other migration scripts than the shipped ones (tests).
    """
    head, known = _scripts(which, folder)
    if database.path and database.path.parent.is_dir():
        database.path.touch(mode=0o600)  # it holds people's mail; SQLite gives its log files the same mode
    if _look(database, which, known) == head:
        return
    engine = make_engine(database.url, write=True, foreign_keys=False, poolclass=NullPool)
    try:
        with engine.begin() as connection:
            _lock_server(connection)
            current = _revision(connection, which)  # again: somebody may have been faster
            if current is None and folder is None:
                _create(connection, which, head)
            elif current != head:
                _migrate(connection, database, which, head, folder or migrations_folder())
    except DatabaseError as error:
        raise explain(error, database.name) or error from error
    finally:
        engine.dispose()


def is_empty(database: Database, which: Which) -> bool:
    """Was nothing ever stored there? Makes no file. Raises StoreError when it cannot be looked at."""
    if database.path and not database.path.exists():
        return True
    return _look(database, which, _scripts(which, None)[1]) is None


def known_revisions(which: Which) -> frozenset[str]:
    """The schemas that this program can use or upgrade."""
    return _scripts(which, None)[1]


def revision(database: Database, which: Which) -> str | None:
    """The schema of a database, None while it is empty. Raises StoreError."""
    return _look(database, which, known_revisions(which))


def version_table(which: Which) -> str:
    """The table in which a set of tables keeps its schema's number."""
    return _version_table(which).name


def require_current(database: Database, which: Which, *, folder: Path | None = None) -> None:
    """Raise DatabaseFromTheFuture, DatabaseBroken or NeedsUpgrade; looks at the version only."""
    head, known = _scripts(which, folder)
    there = database.path is None or database.path.exists()  # looking would make an empty file
    current = _look(database, which, known) if there else None
    if current != head:
        raise NeedsUpgrade(
            f"{database.name}: schema {current or 'empty'}, this helpdesk needs {head}. "
            "Stop the desk and run `helpdesk db upgrade`; `helpdesk serve` does it at its start."
        )


def check(database: Database, which: Which, *, folder: Path | None = None) -> None:
    """Raise DatabaseFromTheFuture, DatabaseBroken or NeedsUpgrade; None if all is well. Reads the whole file."""
    _look(database, which, _scripts(which, folder)[1])
    try:
        with database.read() as connection:
            _require_intact(connection, database)
    except DatabaseError as error:
        raise explain(error, database.name) or error from error
    require_current(database, which, folder=folder)


def alembic_config(connection: Connection, which: Which, folder: Path) -> Config:
    """Alembic's own view of the scripts, on an open connection; for migrations/README.md too."""
    from alembic.config import Config  # slow to import; a fresh or current file needs none of it

    config = Config()
    config.set_main_option("script_location", str(folder / which).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, which=which)
    return config


def run_environment() -> None:
    """What the env.py of both script folders does."""
    from alembic import context

    attributes = context.config.attributes
    which: Which = attributes["which"]
    context.configure(
        connection=attributes["connection"],
        target_metadata=_METADATA[which],
        version_table=f"alembic_version_{which}",
        render_as_batch=True,
        # on a server both sets live in one database: look at our own tables only
        include_name=lambda name, kind, _: kind != "table" or name in _METADATA[which].tables,
    )
    with context.begin_transaction():  # the caller's transaction: Alembic never commits
        context.run_migrations()


def _scripts(which: Which, folder: Path | None) -> tuple[str, frozenset[str]]:
    """The newest revision and all known ones, read without importing Alembic."""
    downs: dict[str, str] = {}
    for script in ((folder or migrations_folder()) / which / "versions").glob("*.py"):
        found = dict(_REVISION.findall(script.read_text(encoding="utf-8")))
        downs[found["revision"]] = found["down_revision"]
    (head,) = downs.keys() - set(downs.values())
    return head, frozenset(downs)


def _look(database: Database, which: Which, known: frozenset[str]) -> str | None:
    """The revision of the database; None if it is empty."""
    try:
        with database.read() as connection:
            current = _revision(connection, which)
            ours = set(_METADATA[which].tables) & set(inspect(connection).get_table_names())
    except DatabaseError as error:
        raise explain(error, database.name) or error from error
    if current is None and ours:
        raise DatabaseBroken(
            f"{database.name}: has tables of the {which} but no alembic_version_{which}. "
            "Restore a backup copy, or move the file away to start empty."
        )
    if current is not None and current not in known:
        raise DatabaseFromTheFuture(
            f"{database.name}: schema {current} is unknown to this helpdesk (newest known: {max(known)}). "
            "Install the newer helpdesk again, or restore the copy made before its upgrade "
            f"({database.path or 'of the server'}.before-...)."
        )
    return current


def _version_table(which: Which) -> Table:
    name = f"alembic_version_{which}"
    column = Column("version_num", String(32), nullable=False)
    return Table(name, MetaData(), column, PrimaryKeyConstraint("version_num", name=f"{name}_pkc"))


def _revision(connection: Connection, which: Which) -> str | None:
    table = _version_table(which)
    if not inspect(connection).has_table(table.name):
        return None
    return connection.scalar(select(table.c.version_num))


def _create(connection: Connection, which: Which, head: str) -> None:
    """A fresh database at once; a test holds that the migrations lead to the same schema."""
    _METADATA[which].create_all(connection, checkfirst=False)
    versions = _version_table(which)
    versions.create(connection, checkfirst=True)
    connection.execute(insert(versions).values(version_num=head))


def _migrate(connection: Connection, database: Database, which: Which, head: str, folder: Path) -> None:
    from alembic import command

    before = _row_counts(connection, which)
    if database.path and any(before.values()):
        snapshot.copy(database.path, Path(f"{database.path}.before-{head}"))
    command.upgrade(alembic_config(connection, which, folder), "head")
    after = _row_counts(connection, which)
    lost = {name: (count, after.get(name)) for name, count in before.items() if after.get(name) != count}
    if lost:
        raise DatabaseBroken(f"{database.name}: the upgrade changed row counts {lost}; nothing was changed.")
    if database.is_sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise DatabaseBroken(f"{database.name}: the upgrade broke references; nothing was changed.")


def _row_counts(connection: Connection, which: Which) -> dict[str, int]:
    present = set(inspect(connection).get_table_names())
    tables = [table for table in _METADATA[which].sorted_tables if table.name in present]
    return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def _require_intact(connection: Connection, database: Database) -> None:
    if not database.is_sqlite:
        return
    verdict = connection.execute(text("PRAGMA integrity_check(1)")).scalar()
    if verdict != "ok":
        raise DatabaseBroken(f"{database.name}: {verdict}. Move the file away and restore a copy of it.")


def _lock_server(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
