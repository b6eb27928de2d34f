"""Whatever somebody changes in the history or in a ticket by hand, the audit finds it and says where (T29)."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from helpdesk.flow.audit import MOST_FINDINGS, audit
from helpdesk.model.account import Fate
from helpdesk.model.mail import Arrival, Road
from helpdesk.store import journal
from helpdesk.store.schema import JOURNAL, TICKET
from helpdesk.store.session import Database
from helpdesk.testing.desk import Desk

LINE = "ticket, at, event, by, reason, reasons, status_before, status_after, changes, hash"
OTHER = {"status": "'closed'", "status_before": "'closed'", "status_after": "'closed'", "acknowledged": "2"}
ODD = ("NULL", "''", "'no value of this kind'", "x'00ff'", "-1", "'[1]'", "'2026-03-02T02:00:00.000001Z'")


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory):
    """Ticket 1 closed with a rating, ticket 2 open, ticket 3 split off, a line without a ticket."""
    folder = tmp_path_factory.mktemp("lived-in")
    desk = Desk(folder)
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("It is on its way.")
    desk.bart.answers("#close")
    desk.dora.replies("", "close_notice")
    desk.votes(1, 4, "good")
    desk.votes(1, 5, "better")
    desk.anne.asks("An invoice", "Please send me the invoice.")
    with desk.shop.desk.write() as connection:
        for number in range(3):
            journal.write(connection, journal.Line(desk.clock(), "told", "clock", f"number {number}"))
    desk.shop.desk.checkpoint()
    desk.shop.spool.checkpoint()
    desk.close()
    return folder


@pytest.fixture
def stores(lived_in, tmp_path):
    """Spool and desk, to be changed."""
    for name in ("spool", "helpdesk"):
        shutil.copy(lived_in / f"{name}.db", tmp_path)
    opened = [Database(f"sqlite:///{tmp_path}/{name}.db") for name in ("spool", "helpdesk")]
    yield opened
    for database in opened:
        database.close()


def change(database, *statements):
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def one(database, query):
    with closing(sqlite3.connect(database.path)) as connection:
        return connection.execute(query).fetchone()


def found(stores):
    return [(finding.ticket, finding.line) for finding in audit(*stores).findings]


def changes_of(column, old):
    """Other values for a column, most of which no desk would write there."""
    values = [OTHER[column]] if column in OTHER else ["'changed'"]
    return [value for value in (*values, *ODD) if value != old]


def test_an_honest_desk_has_no_findings(stores):
    result = audit(*stores)

    assert (result.found, result.tickets) == (0, 2)
    assert result.totals()[Fate.UNACCOUNTED] == 0
    assert sum(result.totals().values()) == one(stores[0], "SELECT count(*) FROM inbox")[0]
    assert result.head == one(stores[1], "SELECT hash FROM journal ORDER BY id DESC")[0]


@pytest.mark.parametrize("column", [c.name for c in JOURNAL.columns if c.name not in ("id", "ticket")])
@pytest.mark.parametrize("line", ["first", "last"])
def test_every_column_of_a_line_is_watched(stores, column, line):
    _, desk = stores
    line_id = one(desk, f"SELECT {'min' if line == 'first' else 'max'}(id) FROM journal WHERE ticket = 1")[0]
    (old,) = one(desk, f'SELECT quote("{column}") FROM journal WHERE id = {line_id}')
    tried = 0
    for value in changes_of(column, old):
        try:
            change(desk, f'UPDATE journal SET "{column}" = {value} WHERE id = {line_id}')
        except sqlite3.IntegrityError:
            continue  # the schema itself refuses it
        tried += 1

        assert (1, line_id) in found(stores), value
    assert tried >= 3


@pytest.mark.parametrize("column", [c.name for c in TICKET.columns if c.name != "number"])
def test_every_column_of_a_ticket_is_watched(stores, column):
    _, desk = stores
    (old,) = one(desk, f"SELECT quote({column}) FROM ticket WHERE number = 1")
    tried = 0
    for value in changes_of(column, old):
        try:
            change(desk, f"UPDATE ticket SET {column} = {value} WHERE number = 1")
        except sqlite3.IntegrityError:
            continue
        tried += 1

        assert {ticket for ticket, _ in found(stores)} == {1}, value
    assert tried >= 3


@pytest.mark.parametrize(
    ("how", "statements"),
    [
        ("first removed", ["DELETE FROM journal WHERE id = 1"]),
        ("middle removed", ["DELETE FROM journal WHERE id = 3"]),
        ("last removed", ["DELETE FROM journal WHERE id = (SELECT max(id) FROM journal WHERE ticket = 1)"]),
        ("all removed", ["DELETE FROM journal WHERE ticket = 1"]),
        ("one given twice", [f"INSERT INTO journal SELECT 999, {LINE} FROM journal WHERE id = 2"]),
        ("two exchanged", ["UPDATE journal SET id = -1 WHERE id = 2", "UPDATE journal SET id = 2 WHERE id = 3",
                           "UPDATE journal SET id = 3 WHERE id = -1"]),
        ("one moved to another ticket", ["UPDATE journal SET ticket = 2 WHERE id = 2"]),
        ("the number changed", ["UPDATE ticket SET number = 7 WHERE number = 1"]),
        ("the ticket removed", ["DELETE FROM ticket WHERE number = 1"]),
    ],
)  # fmt: skip
def test_a_line_removed_added_or_moved_is_found(stores, how, statements):
    change(stores[1], *statements)

    assert 1 in {ticket for ticket, _ in found(stores)}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM journal WHERE id = (SELECT min(id) FROM journal WHERE ticket IS NULL)",
        "DELETE FROM journal WHERE id = (SELECT max(id) FROM journal WHERE ticket IS NULL)",
        "UPDATE journal SET reason = 'x' WHERE id = (SELECT max(id) FROM journal WHERE ticket IS NULL)",
        "DELETE FROM journal WHERE ticket IS NULL",
    ],
)
def test_lines_without_a_ticket_have_a_chain_of_their_own(stores, statement):
    change(stores[1], statement)

    assert {ticket for ticket, _ in found(stores)} == {None}


def test_a_ticket_without_a_history_proves_nothing(stores):
    columns = ", ".join(f'"{column.name}"' for column in TICKET.columns if column.name != "number")
    change(stores[1], f"INSERT INTO ticket (number, {columns}) SELECT 50, {columns} FROM ticket WHERE number = 1",
           "UPDATE ticket SET journal_head = '' WHERE number = 50")  # fmt: skip

    assert found(stores) == [(50, None)]


def test_a_lost_mail_is_unaccounted_for(stores):
    change(stores[1], "DELETE FROM handled WHERE spool_id = 1")
    result = audit(*stores)

    assert result.totals()[Fate.UNACCOUNTED] == 1
    assert [finding.what.partition(":")[0] for finding in result.findings] == [
        "inbox row 1 (by smtp) is unaccounted for"
    ]


def test_a_mail_that_waits_is_no_lost_one(stores):
    spool, _ = stores
    change(spool, "INSERT INTO inbox (kind, road, received_at, recipients, mailbox, peer, dedupe_key, raw) "
           "SELECT kind, road, received_at, recipients, mailbox, peer, 'new', raw FROM inbox WHERE id = 1")  # fmt: skip
    result = audit(*stores)

    assert (result.totals()[Fate.WAITING], result.found) == (1, 0)


def test_a_mail_gone_from_the_spool_is_missed(stores):
    change(stores[0], "DELETE FROM inbox WHERE id = 1")

    assert "the spool holds no such mail" in audit(*stores).findings[0].what

    change(stores[0], "DELETE FROM inbox")
    assert audit(*stores).found == one(stores[1], "SELECT count(*) FROM handled")[0]


def test_an_outcome_that_nobody_knows_is_unaccounted_for(stores):
    change(stores[1], "UPDATE handled SET outcome = 'eaten' WHERE spool_id = 1")

    assert "'eaten' is no outcome" in audit(*stores).findings[0].what


def test_only_the_period_is_accounted_for_but_every_history_is_verified(stores):
    change(stores[0], "UPDATE inbox SET received_at = '2027-01-01T00:00:00.000000Z' WHERE id = 1")
    year = datetime(2027, 1, 1, tzinfo=UTC)

    assert sum(audit(*stores, since=year).totals().values()) == 1
    assert sum(audit(*stores, until=year).totals().values()) > 1
    assert audit(*stores, since=year).tickets == 2


def test_where_everything_is_wrong_all_is_counted_and_some_is_kept(stores):
    columns = ", ".join(column.name for column in TICKET.columns if column.name != "number")
    change(stores[1], "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1700) "
           f"INSERT INTO ticket (number, {columns}) SELECT i, {columns} FROM n, ticket WHERE number = 1")  # fmt: skip
    result = audit(*stores)

    assert (result.found, len(result.findings), result.tickets) == (1601, MOST_FINDINGS, 1603)


def test_a_desk_in_the_middle_of_its_work_has_no_findings(tmp_path):
    """Mails that arrive between the two looks wait; they are not lost."""
    desk = Desk(tmp_path)
    desk.anne.asks("My order", "Where is it?")
    desk.arrive(Arrival(b"Subject: hi\r\n\r\nhi", Road.SMTP, desk.clock(), "x@y.example"))

    result = audit(desk.shop.spool, desk.shop.desk)
    assert (result.found, result.totals()[Fate.WAITING]) == (0, 1)
    desk.close()
