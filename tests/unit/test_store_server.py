"""What only a server can do to us, and what we ask of it (P1, T16, T24; MAIL_RULES 5.6)."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from store_helpers import ANNE, NOW, arrival, open_store

from helpdesk.model.mail import Happening, Road
from helpdesk.model.ticket import Clock, DeadlineKind, EntryKind, Status, WaitingFor
from helpdesk.store import inbox, migrate, people, pinging
from helpdesk.store.engines import KEPT_CONNECTIONS, MOST_CONNECTIONS
from helpdesk.store.retrying import persist
from helpdesk.store.schema import DEADLINE, ENTRY, HANDLED, INBOX, JOURNAL, TICKET
from helpdesk.store.session import (
    Database,
    DatabaseBroken,
    DatabaseUnreachable,
    StoreError,
    is_our_trouble,
    savepoint,
)
from helpdesk.store.trouble import passes
from helpdesk.testing import postgres
from helpdesk.testing.patience import until

pytestmark = pytest.mark.postgres


@pytest.fixture
def server():
    return postgres.shared()


@pytest.fixture
def store(tmp_path):
    with open_store("postgresql", tmp_path) as store:
        yield store


@pytest.fixture
def desk(store):
    return store.desk


def reasons(database):
    with database.read() as connection:
        return [card.reason for card in people.cards(connection)]


def card(connection, reason="late"):
    people.add_card(connection, None, "bart@staff.example", reason, NOW)


def cut(server, database):
    """Somebody ends every connection to it."""
    assert server.terminate_backends(server.url(database.url.database))


def setting(database, name):
    with database.write() as connection:
        return connection.scalar(text(f"SHOW {name}"))


def test_commits_wait_for_the_disk_whatever_the_server_does_by_default(server, desk):
    """P1: also where an administrator has switched it off for everybody."""
    server.execute(f"ALTER DATABASE {desk.url.database} SET synchronous_commit = off")
    server.execute("ALTER ROLE helpdesk SET synchronous_commit = off")

    assert setting(desk, "synchronous_commit") == "on"
    server.execute("ALTER ROLE helpdesk RESET synchronous_commit")


def test_nobody_waits_or_holds_for_ever(desk):
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "application_name")

    assert [setting(desk, name) for name in names] == ["5s", "8s", "20s", "helpdesk"]


def test_a_reader_sees_one_snapshot_however_long_it_looks(desk):
    with desk.read() as reader:
        before = [found.reason for found in people.cards(reader)]
        with desk.write() as connection:
            card(connection)
        after = [found.reason for found in people.cards(reader)]

    assert before == after == []
    assert reasons(desk) == ["late"]


def test_a_connection_that_died_unused_is_not_noticed(server, desk):
    reasons(desk)
    server.restart("immediate")

    assert reasons(desk) == []


@pytest.fixture
def asked(monkeypatch):
    """Filled with the connections that are asked whether they live."""
    asked = []
    ask = PGDialect_psycopg.do_ping

    def listening(dialect, connection):
        asked.append(connection)
        return ask(dialect, connection)

    monkeypatch.setattr(PGDialect_psycopg, "do_ping", listening)
    return asked


def test_a_connection_in_use_is_not_asked_whether_it_lives_and_its_end_is_not_noticed(server, asked, desk):
    for _ in range(5):
        reasons(desk)
    assert asked == []

    cut(server, desk)
    asyncio.run(until(lambda: not server.connections(str(desk.url)), "somebody is still connected"))
    assert reasons(desk) == []
    assert len(asked) == 1


def test_a_connection_that_has_rested_is_asked_whether_it_lives(monkeypatch, asked, desk):
    reasons(desk)
    monkeypatch.setattr(pinging, "RESTED_SECONDS", 0.0)

    assert reasons(desk) == []
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("which", "table", "column"),
    [
        ("spool", "inbox", "raw"),
        ("desk", "outbox", "raw"),
        ("desk", "entry", "text"),
        ("desk", "words", "words"),
        ("desk", "words", "lexemes"),
    ],
)
def test_what_is_long_is_packed_quickly_on_a_server(store, which, table, column):
    with getattr(store, which).read() as connection:
        packed = connection.scalar(
            text(
                "SELECT attcompression FROM pg_attribute"
                f" WHERE attrelid = '{table}'::regclass AND attname = '{column}'"
            )
        )

    assert packed == "l"


def test_a_connection_cut_inside_a_transaction_is_our_trouble_and_undoes_it(server, desk):
    def work():
        with desk.write() as connection:
            card(connection)
            cut(server, desk)
            card(connection)

    with pytest.raises(DBAPIError) as caught:
        work()

    assert is_our_trouble(caught.value)
    assert passes(caught.value)
    assert reasons(desk) == []


def test_a_connection_cut_inside_a_savepoint_tells_what_has_happened(server, desk):
    def work():
        with desk.write() as connection, savepoint(connection):
            cut(server, desk)
            card(connection)

    with pytest.raises(DBAPIError) as caught:
        work()

    assert is_our_trouble(caught.value)


def test_who_swallows_a_lost_connection_is_still_told_of_it_at_the_end(server, desk):
    def work():
        with desk.write() as connection:
            cut(server, desk)
            with pytest.raises(DBAPIError):
                card(connection)
            card(connection, "after it")

    with pytest.raises(SQLAlchemyError) as caught:
        work()

    assert is_our_trouble(caught.value)


def test_two_who_wait_for_each_other_are_our_trouble(desk):
    """40P01: the server ends one of them."""
    with desk.write() as connection:
        card(connection, "first")
        card(connection, "second")
    meeting, troubles = threading.Barrier(2), []

    def lift(first, second):
        try:
            with desk.write() as connection:
                for turn, reason in enumerate((first, second)):
                    connection.execute(text("UPDATE card SET at = at WHERE reason = :r"), {"r": reason})
                    if not turn:
                        meeting.wait(10)
        except DBAPIError as error:
            troubles.append(error)

    threads = [
        threading.Thread(target=lift, args=pair) for pair in (("first", "second"), ("second", "first"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [getattr(error.orig, "sqlstate", None) for error in troubles] == ["40P01"]
    assert is_our_trouble(troubles[0])
    assert passes(troubles[0])


def hasty_card(connection):
    connection.execute(text("SET LOCAL lock_timeout = 50"))
    card(connection)


def test_a_lock_that_is_not_to_be_had_is_our_trouble(desk):
    with desk.write() as holder:
        holder.execute(text("LOCK TABLE card"))
        with pytest.raises(DBAPIError) as caught:
            persist(desk, hasty_card, timedelta(0))

    assert is_our_trouble(caught.value)
    assert passes(caught.value)


def test_what_a_mail_brings_is_not_our_trouble(desk):
    with pytest.raises(DBAPIError) as caught, desk.write() as connection:
        people.add_card(connection, 99, "bart@staff.example", "of no ticket", NOW)

    assert not is_our_trouble(caught.value)


def test_an_error_does_not_quote_the_mail(desk):
    """T24."""
    with pytest.raises(DBAPIError) as caught, desk.write() as connection:
        connection.execute(text("SELECT :words FROM nowhere"), {"words": "my secret question"})

    assert "my secret question" not in str(caught.value)


def test_rights_that_were_taken_away_are_our_trouble(server, desk):
    reasons(desk)
    server.execute("ALTER TABLE card OWNER TO postgres", desk.url.database)

    with pytest.raises(DBAPIError) as caught, desk.write() as connection:
        card(connection)
    assert is_our_trouble(caught.value)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (TICKET.c.status, Status),
        (TICKET.c.waiting_for, WaitingFor),
        (JOURNAL.c.status_after, Status),
        (ENTRY.c.kind, EntryKind),
        (DEADLINE.c.kind, DeadlineKind),
        (DEADLINE.c.clock, Clock),
        (INBOX.c.road, Road),
        (INBOX.c.kind, Happening),
        (HANDLED.c.road, Road),
    ],
    ids=str,
)
def test_every_word_of_ours_fits_its_column(column, kind):
    """A server minds the length, SQLite does not."""
    assert max(len(word) for word in kind) <= column.type.length


def test_a_mail_of_thirty_megabytes_comes_back(store):
    raw = b"Subject: large\r\n\r\n" + bytes(range(256)) * (30 * 4096)

    with store.spool.write() as spool:
        (spool_id,) = inbox.append(spool, [replace(arrival(raw), sender=ANNE.address)])
    with store.spool.read() as spool:
        (stored,) = inbox.fetch(spool, [spool_id])

    assert stored.arrival.raw == raw


def test_a_unit_of_work_is_done_again_when_its_connection_is_cut(server, desk):
    tries = []

    def work(connection):
        tries.append(len(tries))
        card(connection, f"try {len(tries)}")
        if len(tries) < 3:
            cut(server, desk)
        return connection.scalar(text("SELECT count(*) FROM card"))

    assert persist(desk, work, timedelta(seconds=20)) == 1
    assert reasons(desk) == ["try 3"]


def test_the_patience_of_a_unit_of_work_ends():
    clock, nowhere = [0.0], Database("postgresql+psycopg://desk@127.0.0.1:1/desk")

    def sleep(seconds):
        clock[0] += seconds

    with pytest.raises(DatabaseUnreachable):
        persist(nowhere, card, timedelta(seconds=30), sleep=sleep, clock=lambda: clock[0], chance=lambda: 0.0)
    nowhere.close()

    assert 28 <= clock[0] <= 30


def test_a_fault_of_the_work_itself_is_not_repeated(desk):
    tries = []

    def work(connection):
        tries.append(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        persist(desk, work, timedelta(seconds=20))
    assert len(tries) == 1


def test_a_database_takes_a_handful_of_connections_at_most(server):
    desk = Database(server.fresh(upgraded=True))
    together, seen = threading.Barrier(MOST_CONNECTIONS), []

    def look():
        with desk.write() as connection:
            connection.scalar(text("SELECT 1"))
            if together.wait(20) == 0:
                seen.extend(server.connections(server.url(desk.url.database)))
            together.wait(20)

    threads = [threading.Thread(target=look) for _ in range(MOST_CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [name for name, _ in seen].count("helpdesk") == MOST_CONNECTIONS
    # a backend takes a moment to notice that its client has gone
    few = lambda: len(server.connections(desk.url)) <= KEPT_CONNECTIONS  # noqa: E731
    asyncio.run(until(few, "the connections beyond those that are kept were not closed"))
    desk.close()


def test_the_host_that_lives_is_found_among_several(server, desk):
    hosts = f"host=127.0.0.1:1&host=127.0.0.1:{server.port}"
    several = Database(f"postgresql+psycopg://helpdesk@/{desk.url.database}?{hosts}")

    assert reasons(several) == []
    several.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://helpdesk@127.0.0.1:{port}/nowhere", "does not exist.*CREATE DATABASE"),
        ("postgresql+psycopg://nobody@127.0.0.1:{port}/empty", "does not exist.*CREATE ROLE"),
        ("postgresql+psycopg://desk:hush@127.0.0.1:1/desk", r"desk:\*\*\*@127.*Is it running"),
    ],
)
def test_a_server_that_lets_nobody_in_is_named_with_a_remedy(server, url, words):
    database = Database(url.format(port=server.port))

    with pytest.raises(DatabaseUnreachable, match=words) as caught:
        database.write().__enter__()
    database.close()
    assert "hush" not in str(caught.value)


def test_a_database_that_cannot_hold_all_letters_is_refused(server):
    server.execute(
        "CREATE DATABASE latin OWNER helpdesk ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
    )
    database = Database(server.url("latin"))

    with pytest.raises(DatabaseBroken, match=r"latin is in LATIN1: .*ENCODING 'UTF8'"):
        database.write().__enter__()
    database.close()
    server.drop(server.url("latin"))


def test_who_may_not_make_tables_is_told_what_to_grant(server):
    """PostgreSQL 15 and later: nobody but the owner of a database may make tables in it."""
    server.execute("CREATE DATABASE foreign_one OWNER postgres TEMPLATE template0")
    database = Database(server.url("foreign_one"))

    with pytest.raises(StoreError, match=r"permission denied.*GRANT CREATE ON SCHEMA public TO"):
        migrate.upgrade(database, "desk")
    database.close()
    server.drop(server.url("foreign_one"))


def test_what_the_url_says_is_kept_but_for_our_promises(desk):
    own = {"options": "-c synchronous_commit=off -c work_mem=5MB", "application_name": "desk 2"}
    url = make_url(desk.url).update_query_dict(own)
    database = Database(url.render_as_string(hide_password=False))

    found = [setting(database, name) for name in ("synchronous_commit", "work_mem", "application_name")]
    database.close()
    assert found == ["on", "5MB", "desk 2"]
