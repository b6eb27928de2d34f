"""The judge's I8 on a server: amcheck sees a row that its index does not have, and leaves nothing behind."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from helpdesk.store.session import Database
from helpdesk.testing.chaos.soundness import unsound
from helpdesk.testing.postgres import a_database

pytestmark = pytest.mark.postgres

_SPOILT = """
CREATE FUNCTION place(number integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT number';
CREATE TABLE paper (number integer);
CREATE INDEX paper_place ON paper (place(number));
INSERT INTO paper SELECT generate_series(1, 100);
CREATE OR REPLACE FUNCTION place(number integer) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT -number'
"""
"""An index over a function that has changed since: no row is where the index should have it."""


def test_a_sound_desk_has_no_finding() -> None:
    with a_database(upgraded=True) as url:
        database = Database(url)
        with database.read() as connection:
            assert unsound(connection) == []
            extensions = connection.scalars(text("SELECT extname FROM pg_extension")).all()
        database.close()

    assert "amcheck" not in extensions


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
