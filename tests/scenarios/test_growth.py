"""A desk that has grown is as quick as on its first day: no statement of the everyday work reads a whole table.

SQLite chooses its plans by the indexes there are and not by the number of rows, so a desk of two tickets shows them.
"""

import re

import pytest
from scenario_rules import rules
from sqlalchemy import Engine, event, select, text

from helpdesk.store import search, tickets, views
from helpdesk.store.schema import DESK, SPOOL, WORDS
from helpdesk.testing.desk import Desk

SMALL = {"alarm", "absence", "card", "node", "lease", "occasion", "setting", "imap_cursor", "mark"}
"""Tables that do not grow with the tickets: what stands, what one person did wrong, one row a day."""

SCAN = re.compile(r"SCAN (\w+)")


@pytest.fixture
def desk(tmp_path):
    opened = Desk(tmp_path, rules())
    yield opened
    opened.close()


@pytest.fixture
def asked(desk):
    """Every statement from here on, with one set of its parameters."""
    statements = {}

    def note(_connection, _cursor, statement, parameters, context, many):
        if re.match(r"\s*(SELECT|UPDATE|DELETE)", statement):
            statements[statement] = (context.engine.url.database, parameters[0] if many else parameters)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


def scans(desk, statements):
    """Statements that read a growing table from one end to the other; with a LIMIT they read its end only."""
    growing = {*SPOOL.tables, *DESK.tables} - SMALL
    databases = {str(one.path): one for one in (desk.shop.desk, desk.shop.spool)}
    found = []
    for statement, (file, parameters) in statements.items():
        if "LIMIT" in statement:
            continue
        with databases[file].read() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            details = [row.detail for row in plan]
        found += [(detail, statement) for detail in details if set(SCAN.findall(detail)) & growing]
    return found


def test_no_mail_letter_or_deadline_reads_a_whole_table(desk, asked):
    desk.anne.asks("My order", "Where is it?")
    desk.bart.claims()
    desk.bart.answers("It is on its way.")
    desk.anne.replies("Thank you, but when?", "answer")
    desk.passes(days=9)

    assert len(asked) > 55, "the test went blind"
    assert scans(desk, asked) == []


def test_neither_lists_nor_searches_read_a_whole_table(desk, asked):
    desk.anne.asks("My order", "Where is it?")
    asked.clear()

    with desk.shop.desk.read() as connection:
        found = tickets.search(connection, words="order", operator="bart@staff.example")
        found += tickets.search(connection, status="open")
        views.tickets_json(connection, found, {})
        views.ticket_json(connection, 1, {})

    assert len(asked) > 7, "the test went blind"
    assert scans(desk, asked) == []


def words_of_tickets(connection):
    rows = connection.execute(select(WORDS.c.ticket, WORDS.c.words))
    return {ticket: sorted(words.split(" ")) for ticket, words in rows}


def test_what_can_be_found_is_what_stands_on_the_tickets(desk):
    """Collected anew, the words of every ticket are those that were noted mail by mail, and the index is theirs."""
    desk.anne.asks("My order", "Where is it?")
    desk.bart.claims()
    desk.bart.answers("#note a secret remark")
    desk.bart.answers("It is on its way.")
    desk.anne.replies("Thank you, but when?", "answer")
    desk.passes(days=9)

    with desk.shop.desk.write() as connection:
        noted = words_of_tickets(connection)
        for number in noted:
            search.rewrite(connection, number)
        assert words_of_tickets(connection) == noted
        connection.execute(text("INSERT INTO words_index (words_index, rank) VALUES ('integrity-check', 1)"))
        found = tickets.search(connection, words="secret when order anne@customer.example")
    assert [ticket.number for ticket in found] == [1]
