"""Upgrades lose nothing, whenever they are killed (F9, STYLE 51); what cannot be upgraded says so."""

from __future__ import annotations

import faulthandler
import os
import shutil
import stat
import time
import warnings
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, func, select, text

from helpdesk.model.people import Address
from helpdesk.model.ticket import Entry, EntryKind
from helpdesk.store import migrate, tickets
from helpdesk.store.schema import DESK, ENTRY, SPOOL, TICKET
from helpdesk.store.session import (
    Database,
    DatabaseBroken,
    DatabaseFromTheFuture,
    NeedsUpgrade,
    StoreError,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANNE = Address("Anne", "anne@customer.example")
SETS = pytest.mark.parametrize(("which", "metadata"), [("spool", SPOOL), ("desk", DESK)])

# a batch step on a table that others refer to: the one that deletes every child row when done carelessly
NEXT_STEP = '''
"""A priority for every ticket."""

import sqlalchemy as sa
from alembic import op

revision = "9002"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("ticket", recreate="always") as batch:
        batch.add_column(sa.Column("priority", sa.Integer(), server_default="0"))
    {more}
'''


@pytest.fixture
def desk(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'helpdesk.db'}")
    yield database
    database.close()


def fill(desk):
    """Two tickets with three entries between them."""
    migrate.upgrade(desk, "desk")
    with desk.write() as connection:
        for number, said in ((1, 2), (2, 1)):
            tickets.create(connection, number, {"subject": "hello", "customer": ANNE}, NOW)
            entry = Entry(NOW, EntryKind.CUSTOMER, ANNE, ("help@desk.example",), "hello", "hi")
            for _ in range(said):
                tickets.add_entries(connection, [(number, entry)])


def rows(desk):
    with desk.read() as connection:
        return tuple(connection.scalar(select(func.count()).select_from(table)) for table in (TICKET, ENTRY))


def head(folder=None):
    return migrate._scripts("desk", folder)[0]


def next_steps(tmp_path, more="pass"):
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    script = NEXT_STEP.format(head=head(), more=more)
    (folder / "desk" / "versions" / "9002_priority.py").write_text(script)
    return folder


def schema_of(database):
    """Everything SQLite knows about the schema, without spaces and quotation marks."""
    with database.read() as connection:
        lines = connection.execute(text("SELECT type, name, sql FROM sqlite_master ORDER BY type, name"))
        return [(kind, name, "".join((sql or "").replace(chr(34), "").split())) for kind, name, sql in lines]


@SETS
def test_the_steps_lead_to_exactly_the_tables_of_the_schema(tmp_path, which, metadata):
    by_steps, at_once = (Database(f"sqlite:///{tmp_path / name}") for name in ("steps.db", "once.db"))
    migrate.upgrade(by_steps, which, folder=migrate.migrations_folder())
    migrate.upgrade(at_once, which)

    with by_steps.read() as connection:
        options = {
            "version_table": f"alembic_version_{which}",
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "table" or not name.startswith("words_index"),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    for database in (by_steps, at_once):
        migrate.check(database, which)
    columns_and_indexes = [
        {line for line in schema_of(database) if "sqlite_" not in line[1]} for database in (by_steps, at_once)
    ]
    assert columns_and_indexes[0] == columns_and_indexes[1]
    by_steps.close()
    at_once.close()


@SETS
def test_there_is_one_head(which, metadata):
    scripts = ScriptDirectory(migrate.migrations_folder() / which)

    assert scripts.get_heads() == [migrate._scripts(which, None)[0]]


def test_a_new_database_is_made_at_once(desk):
    began = time.process_time()
    migrate.upgrade(desk, "desk")

    assert time.process_time() - began < 0.5
    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600


def test_a_current_database_is_left_alone(desk, tmp_path):
    fill(desk)
    migrate.upgrade(desk, "desk")
    migrate.check(desk, "desk")

    assert rows(desk) == (2, 3)
    assert list(tmp_path.glob("*before*")) == []


def test_an_upgrade_keeps_the_rows_that_refer_to_the_table_it_rebuilds(desk, tmp_path):
    """F9: with foreign keys on, the same step left 0 of 3 messages, without an error."""
    fill(desk)
    folder = next_steps(tmp_path)

    migrate.upgrade(desk, "desk", folder=folder)

    assert rows(desk) == (2, 3)
    migrate.check(desk, "desk", folder=folder)
    with desk.write() as connection:
        assert connection.scalar(text("SELECT sum(priority) FROM ticket")) == 0
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_copy_of_the_old_file_is_kept(desk, tmp_path):
    fill(desk)
    migrate.upgrade(desk, "desk", folder=next_steps(tmp_path))

    copy = tmp_path / "helpdesk.db.before-9002"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("*before*")] == [copy.name]
    old = Database(f"sqlite:///{copy}")
    migrate.check(old, "desk")
    assert rows(old) == (2, 3)
    old.close()


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ('op.execute("DELETE FROM entry WHERE ticket = 2")', r"changed row counts.*entry.*\(3, 2\)"),
        ('op.execute("UPDATE entry SET ticket = 77")', "broke references"),
        ('op.execute("DELETE FROM nowhere")', "nowhere"),
    ],
)
def test_a_step_that_goes_wrong_changes_nothing(desk, tmp_path, more, complaint):
    fill(desk)
    before = schema_of(desk)

    with pytest.raises(Exception, match=complaint):
        migrate.upgrade(desk, "desk", folder=next_steps(tmp_path, more))

    assert rows(desk) == (2, 3)
    assert schema_of(desk) == before
    migrate.check(desk, "desk")


def test_no_room_for_the_copy_stops_the_upgrade(desk, tmp_path):
    fill(desk)
    (tmp_path / "helpdesk.db.before-9002" / "in the way").mkdir(parents=True)

    with pytest.raises(StoreError, match=r"before-9002: the copy before the upgrade failed"):
        migrate.upgrade(desk, "desk", folder=next_steps(tmp_path))
    migrate.check(desk, "desk")


def test_an_upgrade_killed_at_any_statement_can_be_started_again(desk, tmp_path):
    """F9, 5.10: killed mid-way, the careless way leaves _alembic_tmp_ticket and never starts again."""
    fill(desk)
    folder = next_steps(tmp_path)
    before = schema_of(desk)
    cuts = 0
    while killed_upgrade(desk, folder, at=cuts + 1):
        cuts += 1

        assert schema_of(desk) == before
        assert rows(desk) == (2, 3)
    assert cuts > 15, "the test went blind"
    migrate.check(desk, "desk", folder=folder)
    assert rows(desk) == (2, 3)


def killed_upgrade(desk, folder, at):
    """Upgrade in a child that dies before its statement number `at`; False if it came to its end."""
    desk.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with threads
        child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(60, exit=True)  # where, should it ever stand still
        statements = 0

        def die(*_):
            nonlocal statements
            statements += 1
            if statements == at:
                os._exit(9)

        try:
            event.listen(Engine, "before_cursor_execute", die)
            migrate.upgrade(desk, "desk", folder=folder)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9


@SETS
def test_a_database_from_the_future_is_not_touched(tmp_path, which, metadata):
    database = Database(f"sqlite:///{tmp_path / 'helpdesk.db'}")
    migrate.upgrade(database, which)
    with database.write() as connection:
        connection.execute(text(f"UPDATE alembic_version_{which} SET version_num = '9999'"))

    for refuse in (migrate.upgrade, migrate.check):
        with pytest.raises(
            DatabaseFromTheFuture, match=r"helpdesk\.db: schema 9999 is unknown.*Install the newer"
        ):
            refuse(database, which)
    database.close()


def test_an_old_or_empty_database_asks_for_the_upgrade(desk, tmp_path):
    with pytest.raises(NeedsUpgrade, match=r"helpdesk\.db: schema empty.*helpdesk db upgrade"):
        migrate.check(desk, "desk")
    fill(desk)
    with pytest.raises(NeedsUpgrade, match=f"schema {head()}, this helpdesk needs 9002"):
        migrate.check(desk, "desk", folder=next_steps(tmp_path))


def test_a_file_that_is_no_database_is_refused(desk):
    desk.path.write_bytes(b"Dear customer, " * 1000)

    for refuse in (migrate.upgrade, migrate.check):
        with pytest.raises(DatabaseBroken, match=r"helpdesk\.db: file is not a database"):
            refuse(desk, "desk")


def test_a_damaged_file_is_found_by_the_check(desk):
    fill(desk)
    desk.checkpoint()
    desk.close()
    content = bytearray(desk.path.read_bytes())
    content[8192 : len(content) // 2] = b"\xff" * (len(content) // 2 - 8192)
    desk.path.write_bytes(content)

    with pytest.raises(DatabaseBroken, match=r"helpdesk\.db: .*restore a copy"):
        migrate.check(desk, "desk")


def test_tables_without_a_version_are_refused(desk):
    engine = create_engine(desk.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE ticket (number INTEGER)"))
    engine.dispose()

    with pytest.raises(DatabaseBroken, match="no alembic_version_desk"):
        migrate.upgrade(desk, "desk")
