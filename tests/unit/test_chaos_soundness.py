"""The judge's I8: a row that its index does not have is seen, and one whose parent is gone; nothing is left behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from helpdesk.store.migrate import upgrade
from helpdesk.store.session import Database
from helpdesk.testing.chaos.soundness import unsound
from helpdesk.testing.postgres import a_database

_SPOILT = """
CREATE FUNCTION place(number integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT number';
CREATE TABLE paper (number integer);
CREATE INDEX paper_place ON paper (place(number));
INSERT INTO paper SELECT generate_series(1, 100);
CREATE OR REPLACE FUNCTION place(number integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT -number'
"""
"""An index over a function that has changed since: no row is where the index should have it."""

_SPOILT_FILE = """
CREATE TABLE paper (number integer);
CREATE INDEX paper_place ON paper (number + 1);
INSERT INTO paper VALUES (1);
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = 'CREATE INDEX paper_place ON paper (number + 2)' WHERE name = 'paper_place'
"""
_ORPHANED_FILE = """
PRAGMA foreign_keys = OFF;
CREATE TABLE folder (id integer PRIMARY KEY);
CREATE TABLE paper (folder integer REFERENCES folder);
INSERT INTO paper VALUES (7)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    desk = Database(f"sqlite:///{tmp_path}/helpdesk.db")
    upgrade(desk, "desk")
    desk.close()
    return tmp_path / "helpdesk.db"


def wrong_with(file: Path) -> list[str]:
    desk = Database(f"sqlite:///{file}")
    with desk.read() as connection:
        found = unsound(connection)
    desk.close()
    return found


def test_a_sound_file_has_no_finding(file: Path) -> None:
    assert wrong_with(file) == []


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (_SPOILT_FILE, "row 1 missing from index paper_place"),
        (_ORPHANED_FILE, "orphan ('paper', 1, 'folder', 0)"),
    ],
    ids=["index", "orphan"],
)
def test_a_file_that_is_not_sound_is_found(file: Path, statements: str, told: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(statements)
        connection.commit()

    assert told in wrong_with(file)


@pytest.mark.postgres
def test_a_sound_desk_has_no_finding() -> None:
    with a_database(upgraded=True) as url:
        database = Database(url)
        with database.read() as connection:
            assert unsound(connection) == []
            extensions = connection.scalars(text("SELECT extname FROM pg_extension")).all()
        database.close()

    assert "amcheck" not in extensions


@pytest.mark.postgres
def test_an_index_that_does_not_have_its_rows_is_found() -> None:
    with a_database(upgraded=True) as url:
        database = Database(url)
        with database.write("spoil") as connection:
            for statement in _SPOILT.split(";"):
                connection.execute(text(statement))
        with database.read() as connection:
            (finding,) = unsound(connection)
        database.close()

    assert finding.startswith("index paper_place: ")
