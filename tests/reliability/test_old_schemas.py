"""Every schema since the first, with data: upgraded, and killed at each statement on the way (5.10, F9)."""

import os
import re
import shutil
import warnings

import pytest
from desks_on_disk import LATE, House
from sqlalchemy import Engine, MetaData, Table, event, inspect, text

from helpdesk.flow.audit import audit
from helpdesk.store import migrate
from helpdesk.store.schema import DESK, SPOOL
from helpdesk.store.session import Database
from helpdesk.testing.postgres import a_database

SETS = {"spool": SPOOL, "desk": DESK}
REVISIONS = {
    which: sorted(path.name[:4] for path in (migrate.migrations_folder() / which / "versions").glob("0*.py"))
    for which in SETS
}
PAST = [(which, revision) for which, revisions in REVISIONS.items() for revision in revisions[:-1]]
HEADS = {which: revisions[-1] for which, revisions in REVISIONS.items()}
SERVER = pytest.param("postgresql", marks=pytest.mark.postgres)
EACH = pytest.param(1, marks=[pytest.mark.chaos, pytest.mark.timeout(600)])


@pytest.fixture
def database(tmp_path, request):
    kind = request.getfixturevalue("kind")
    if kind == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'old.db'}")
        yield opened
        opened.close()
        return
    with a_database() as url:
        opened = Database(url)
        yield opened
        opened.close()


def steps_up_to(tmp_path, which, revision):
    """The scripts as they were when `revision` was the newest."""
    folder = tmp_path / f"until-{revision}"
    shutil.copytree(migrate.migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    for script in (folder / which / "versions").glob("*.py"):
        if script.name[:4] > revision:
            script.unlink()
    return folder


def old_database(database, tmp_path, which, revision):
    """A database of that time, with two rows in every table that it had, written without our schema."""
    migrate.upgrade(database, which, folder=steps_up_to(tmp_path, which, revision))
    with database.write() as connection:
        for name in tables_in_order(connection, which):
            for number in (1, 2):
                row = raw_row(connection, name, number)
                columns = ", ".join(f'"{column}"' for column in row)
                values = ", ".join(f":{column}" for column in row)
                connection.execute(text(f'INSERT INTO "{name}" ({columns}) VALUES ({values})'), row)
    return contents(database, which)


def tables_in_order(connection, which):
    there = set(inspect(connection).get_table_names())
    return [table.name for table in SETS[which].sorted_tables if table.name in there]


def raw_row(connection, name, number):
    """Values by the kind of column that the database itself tells."""
    references = {key["constrained_columns"][0] for key in inspect(connection).get_foreign_keys(name)}
    row = {}
    for column in [one for one in inspect(connection).get_columns(name) if "computed" not in one]:
        kind, key = str(column["type"]).upper(), column["name"]
        if key in references:
            row[key] = number if name in ("journal", "words") else 1
        elif key in ("status", "status_before", "status_after"):  # what the audit will believe
            row[key] = None if key == "status_before" else "open"
        elif key == "state":
            row[key] = {"handled": "done", "outbox": "sent"}.get(name, "waiting")
        elif "TIMESTAMP" in kind or "27" in kind:
            row[key] = LATE if "TIMESTAMP" in kind else "9999-12-31T23:59:59.999999Z"
        elif "BLOB" in kind or "BYTEA" in kind:
            row[key] = bytes([number, 0, 255])
        elif "BOOL" in kind:
            row[key] = number == 1
        elif "INT" in kind:
            row[key] = number
        elif key in json_columns(name):
            row[key] = '["é"]'
        else:
            row[key] = f"{number}é"
    return row


def json_columns(name):
    tables = {**SPOOL.tables, **DESK.tables}
    return {column.name for column in tables[name].columns if type(column.type).__name__ == "Json"}


def contents(database, which):
    """Every row with the columns that it has, as text."""
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET LOCAL timezone TO 'UTC'"))
        found = {}
        for name in tables_in_order(connection, which):
            rows = connection.execute(text(f'SELECT * FROM "{name}"')).mappings()
            found[name] = sorted(
                ({key: _shown(value) for key, value in row.items()} for row in rows), key=str
            )
        return found


def _shown(value):
    return bytes(value) if isinstance(value, memoryview) else value


def kept(before, after):
    """Is every row still there, with the values it had?"""
    return all(
        [{key: row.get(key) for key in old} for old, row in zip(rows, after[name], strict=True)] == rows
        for name, rows in before.items()
    )


def schema_of(database):
    with database.read() as connection:
        there = MetaData()
        there.reflect(connection)
        return {name: _columns(table) for name, table in there.tables.items()}


def _columns(table: Table):
    return {(column.name, str(column.type), column.nullable, column.primary_key) for column in table.columns}


@pytest.mark.parametrize("kind", ["sqlite", SERVER])
@pytest.mark.parametrize(("which", "revision"), PAST)
def test_every_old_schema_is_upgraded_with_its_data(database, tmp_path, kind, which, revision):
    before = old_database(database, tmp_path, which, revision)
    assert all(len(rows) == 2 for rows in before.values())

    migrate.upgrade(database, which)

    after = contents(database, which)
    assert kept(before, after)
    migrate.check(database, which)
    assert migrate.revision(database, which) == HEADS[which]


@pytest.mark.parametrize("stride", [7, EACH])
@pytest.mark.parametrize("kind", ["sqlite", SERVER])
@pytest.mark.parametrize(("which", "revision"), PAST)
def test_an_upgrade_killed_at_each_statement_can_be_started_again(
    database, tmp_path, kind, which, revision, stride
):
    """At one in so many of them; at each in `make chaos`."""
    before = old_database(database, tmp_path, which, revision)
    schema, at = schema_of(database), 1

    while killed_upgrade(database, which, at):
        assert schema_of(database) == schema
        assert contents(database, which) == before
        at += stride

    assert at > 8, "the test went blind"
    migrate.check(database, which)
    assert kept(before, contents(database, which))


@pytest.mark.parametrize("kind", ["sqlite", SERVER])
def test_a_desk_of_the_first_schema_goes_on_after_its_upgrade(tmp_path, kind, request):
    """Its journal proves itself from here on, it has an id, and its next ids are new."""
    with a_database() if kind == "postgresql" else _nothing() as url:
        house = House(tmp_path / "house", url or "")
        for which, database in house.stores.items():
            old_database(database, tmp_path / which, which, "0001")

        house.start()

        found = audit(house.spool, house.desk)
        house.close()
        assert (found.tickets, found.lines) == (2, 2)
        assert [
            finding for finding in found.findings if "inbox row" not in finding.what
        ] == []  # these mails are none
        assert (house.folder / "desk").exists()


@pytest.mark.postgres
def test_a_server_that_was_upgraded_equals_one_that_was_made_new(tmp_path):
    with a_database() as old_url, a_database() as new_url:
        old, new = House(tmp_path / "old", old_url), House(tmp_path / "new", new_url)
        for which in SETS:
            migrate.upgrade(old.stores[which], which, folder=migrate.migrations_folder())
            migrate.upgrade(new.stores[which], which)

        assert schema_of(old.desk) == schema_of(new.desk)
        assert sequences(old.desk) == sequences(new.desk)
        for house in (old, new):
            house.close()


def sequences(database):
    with database.read() as connection:
        return set(inspect(connection).get_sequence_names())


class _nothing:  # noqa: N801 - in the place of a server
    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


def killed_upgrade(database, which, at):
    """Upgrade in a child that dies before its statement number `at`; False if it came to its end."""
    database.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with threads
        child = os.fork()
    if child == 0:
        statements = 0

        def die(_connection, _cursor, statement, *_):
            nonlocal statements
            # looking at the catalogue changes nothing, and there is a lot of it
            if re.match(r"\s*(SELECT (pg_catalog|CASE)|PRAGMA main)", statement):
                return
            statements += 1
            if statements == at:
                os._exit(9)

        try:
            event.listen(Engine, "before_cursor_execute", die)
            migrate.upgrade(database, which)
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, 9}
    return code == 9
