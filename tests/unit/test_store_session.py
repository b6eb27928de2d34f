"""Transactions: nothing lost, nothing half done, readers never write (F8, P1)."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from store_helpers import ANNE, NOW

from helpdesk.store import engines, people, session, tickets
from helpdesk.store.schema import CARD
from helpdesk.store.session import (
    Database,
    DatabaseBroken,
    DatabaseUnreachable,
    savepoint,
    spool_url,
)

ONLY_SQLITE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


@pytest.fixture
def desk(store):
    return store.desk


def cards(database):
    with database.read() as connection:
        return [card.reason for card in people.cards(connection)]


def test_concurrent_read_modify_writes_lose_nothing(desk):
    """F8: with the driver's defaults 122 of these 180 were lost."""
    with desk.write() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    errors = []

    def count_sixty_times():
        try:
            for _ in range(60):
                with desk.write() as connection:
                    number = connection.scalar(text("SELECT n FROM counter" + lock_clause(desk)))
                    connection.execute(text("UPDATE counter SET n = :n"), {"n": number + 1})
        except DBAPIError as error:
            errors.append(error)

    threads = [threading.Thread(target=count_sixty_times) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with desk.read() as connection:
        assert connection.scalar(text("SELECT n FROM counter")) == 180
    assert errors == []


def lock_clause(database):
    return "" if database.is_sqlite else " FOR UPDATE"


def test_a_reader_cannot_write(desk):
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), desk.read() as connection:
        people.add_card(connection, None, "bart@staff.example", "late", NOW)


def test_a_reader_is_not_stopped_by_a_writer_and_sees_what_was_committed(desk):
    with desk.write() as writing:
        people.add_card(writing, None, "bart@staff.example", "late", NOW)

        assert cards(desk) == []
    assert cards(desk) == ["late"]


def add_card_and_fail(connection):
    people.add_card(connection, None, "bart@staff.example", "undone", NOW)
    raise ZeroDivisionError


def test_what_is_raised_rolls_everything_back(desk):
    with pytest.raises(ZeroDivisionError), desk.write() as connection:
        add_card_and_fail(connection)

    assert cards(desk) == []


def test_a_savepoint_undoes_only_its_own_part(desk):
    with desk.write() as connection:
        people.add_card(connection, None, "bart@staff.example", "kept", NOW)
        with pytest.raises(ZeroDivisionError), savepoint(connection):
            add_card_and_fail(connection)
        people.add_card(connection, None, "bart@staff.example", "kept too", NOW)

    assert cards(desk) == ["kept", "kept too"]


@pytest.mark.parametrize(("when", "stored"), [("before_commit", []), ("after_commit", ["late"])])
def test_the_power_can_be_cut_around_a_commit(desk, when, stored):
    def cut():
        raise KeyboardInterrupt

    cut_off = Database(desk.url.render_as_string(hide_password=False), **{when: cut})
    with pytest.raises(KeyboardInterrupt), cut_off.write() as connection:
        people.add_card(connection, None, "bart@staff.example", "late", NOW)
    cut_off.close()

    assert cards(desk) == stored


def test_references_are_enforced(desk):
    with pytest.raises(DBAPIError), desk.write() as connection:
        connection.execute(
            insert(CARD).values(ticket=99, operator="bart@staff.example", reason="late", at=NOW)
        )


@ONLY_SQLITE
def test_commits_survive_a_power_cut(desk):
    """P1: in WAL mode anything less than synchronous=FULL (2) can lose the last commits."""
    with desk.write() as connection:
        settings = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
        }

    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "trusted_schema": 0,
    }


@ONLY_SQLITE
def test_a_checkpoint_empties_the_log(desk):
    desk.checkpoint()

    assert Path(f"{desk.path}-wal").stat().st_size == 0


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/nowhere/helpdesk.db")

    with pytest.raises(DatabaseUnreachable, match=r"nowhere/helpdesk\.db: .*folder must exist"):
        database.write().__enter__()
    database.close()


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "helpdesk.db").write_bytes(b"Dear customer, " * 1000)
    database = Database(f"sqlite:///{tmp_path}/helpdesk.db")

    with pytest.raises(DatabaseBroken, match=r"helpdesk\.db: file is not a database.*restore"):
        database.write().__enter__()
    database.close()


def test_a_file_locked_for_too_long_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_MILLISECONDS", 50)
    holder, other = (Database(f"sqlite:///{tmp_path}/helpdesk.db") for _ in range(2))

    with holder.write(), pytest.raises(DatabaseUnreachable, match="database is locked"):
        other.write().__enter__()
    holder.close()
    other.close()


def test_a_server_that_does_not_answer_is_named_without_its_password():
    database = Database("postgresql+psycopg://desk:hush@127.0.0.1:1/desk")

    with pytest.raises(DatabaseUnreachable, match=r"desk:\*\*\*@127") as caught:
        database.write().__enter__()
    database.close()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("desk_url", "expected"),
    [
        ("sqlite:////var/lib/helpdesk.db", "sqlite:////var/lib/spool.db"),
        ("sqlite:////var/lib/other.db", "sqlite:////var/lib/other-spool.db"),
        ("postgresql+psycopg://a:b@h/d", "postgresql+psycopg://a:b@h/d"),
    ],
)
def test_the_spool_is_beside_the_desk(desk_url, expected):
    assert spool_url(desk_url) == expected


def test_the_version_of_a_ticket_catches_a_second_writer(desk):
    with desk.write() as connection:
        tickets.create(connection, 1, {"subject": "hello", "customer": ANNE}, NOW)
        tickets.update(connection, 1, 1, {"subject": "first"}, NOW)
        with pytest.raises(session.StaleTicket, match=r"ticket 1 .*version 1"):
            tickets.update(connection, 1, 1, {"subject": "second"}, NOW)
        loaded = tickets.load(connection, 1)

    assert (loaded.subject, loaded.version) == ("first", 2)
