"""What a transaction puts off is done once, together, and before anything could miss it (F8, T29)."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, delete, event, insert, select, update
from store_helpers import NOW

from helpdesk.store import people
from helpdesk.store.among import among
from helpdesk.store.later import about, do_now, put_off
from helpdesk.store.schema import CARD, SETTING
from helpdesk.store.session import savepoint

CARDS = frozenset({CARD.name})


@pytest.fixture
def desk(store):
    return store.desk


@pytest.fixture
def statements(desk):
    """What was stored in the table of cards, statement by statement: how many rows."""
    seen = []

    def heard(_connection, _cursor, statement, parameters, _context, many):
        if statement.startswith("INSERT INTO card"):
            seen.append(len(parameters) if many else 1)

    event.listen(desk._writer, "before_cursor_execute", heard)
    return seen


def card(reason):
    return {"operator": "bart@staff.example", "reason": reason, "at": NOW}


def add_later(connection, *reasons):
    put_off(connection, _add, [card(reason) for reason in reasons], CARDS)


def _add(connection, rows):
    connection.execute(insert(CARD), rows)


def cards(database):
    with database.read() as connection:
        return [card.reason for card in people.cards(connection)]


def test_what_is_put_off_is_stored_at_the_end_in_one_statement(desk, statements):
    with desk.write() as connection:
        add_later(connection, "one")
        add_later(connection)
        connection.execute(select(SETTING)).all()
        add_later(connection, "two", "three")
        assert statements == []

    assert cards(desk) == ["one", "two", "three"]
    assert statements == [3]


@pytest.mark.parametrize(
    "statement",
    [
        select(CARD.c.reason),
        select(SETTING.c.name).where(SETTING.c.name.in_(select(CARD.c.reason))),
        delete(CARD).where(CARD.c.reason == "none"),
        update(CARD).values(reason=CARD.c.reason),
        insert(CARD).values(card("by itself")),
    ],
    ids=["select", "subquery", "delete", "update", "insert"],
)
def test_no_statement_overtakes_what_was_put_off_for_its_tables(desk, statements, statement):
    with desk.write() as connection:
        add_later(connection, "one", "two")
        connection.execute(statement)
        assert 2 in statements
        add_later(connection, "three")

    assert cards(desk) == ["one", "two", *(["by itself"] if statement.is_insert else []), "three"]


@pytest.mark.parametrize(("asked", "stored"), [(7, []), ([8, 9], []), (3, [3]), ([1, 9], [3])], ids=str)
def test_a_statement_about_some_tickets_leaves_what_belongs_to_others(desk, statements, asked, stored):
    theirs = among(CARD.c.ticket, "them") if isinstance(asked, list) else CARD.c.ticket == bindparam("them")
    with desk.write() as connection:
        for reasons, number in (("a", 1), ("b", 2), ("c", 3)):
            put_off(connection, _add, [card(reasons)], CARDS, [number])
        connection.execute(about(select(CARD).where(theirs), "them"), {"them": asked}).all()
        assert statements == stored
        connection.execute(select(CARD)).all()
        assert statements == [3]


def test_what_belongs_to_no_certain_ticket_is_overtaken_by_none(desk, statements):
    this = about(select(CARD).where(CARD.c.ticket == bindparam("this")), "this")
    with desk.write() as connection:
        put_off(connection, _add, [card("a")], CARDS, [1])
        put_off(connection, _add, [card("b")], CARDS)
        connection.execute(this, {"this": 7}).all()
        assert statements == [2]


def test_neither_do_many_at_once_nor_words_handed_to_the_driver(desk):
    with desk.write() as connection:
        add_later(connection, "one")
        connection.execute(insert(CARD), [card("two"), card("three")])
        add_later(connection, "four")
        connection.exec_driver_sql("UPDATE card SET reason = 'last' WHERE reason = 'four'")

    assert cards(desk) == ["one", "two", "three", "last"]


def test_what_is_put_off_while_others_are_done_is_done_too(desk):
    def first(connection, reasons):
        add_later(connection, *reasons)

    with desk.write() as connection:
        put_off(connection, first, ["one"], frozenset({SETTING.name}))

    assert cards(desk) == ["one"]


def test_a_savepoint_takes_back_what_was_put_off_in_it_and_nothing_else(desk):
    with desk.write() as connection:
        add_later(connection, "before")
        with pytest.raises(ZeroDivisionError), savepoint(connection):
            add_later_and_fail(connection)
        with savepoint(connection):
            add_later(connection, "inside")
        add_later(connection, "after")

    assert cards(desk) == ["before", "inside", "after"]


def test_a_savepoint_is_told_of_what_fails_though_it_was_put_off(desk):
    def fail(_connection, _items):
        raise ZeroDivisionError

    with desk.write() as connection:
        add_later(connection, "before")
        with pytest.raises(ZeroDivisionError), savepoint(connection):
            put_off(connection, fail, [1], CARDS)
        with savepoint(connection):
            add_later(connection, "kept")

    assert cards(desk) == ["before", "kept"]


def add_later_and_fail(connection):
    add_later(connection, "undone")
    raise ZeroDivisionError


def test_nothing_is_left_for_the_next_transaction_of_the_connection(desk):
    with pytest.raises(ZeroDivisionError), desk.write() as connection:
        add_later_and_fail(connection)
    with desk.write():
        pass

    assert cards(desk) == []


def test_what_fails_at_the_end_undoes_everything(desk):
    def fail(_connection, _items):
        raise ZeroDivisionError

    def add_and_fail(connection):
        add_later(connection, "undone")
        put_off(connection, fail, [1], CARDS)

    with pytest.raises(ZeroDivisionError), desk.write() as connection:
        add_and_fail(connection)

    assert cards(desk) == []


def test_it_can_be_done_at_once(desk, statements):
    with desk.write() as connection:
        add_later(connection, "one")
        do_now(connection)
        assert statements == [1]
        do_now(connection)

    assert cards(desk) == ["one"]


def test_who_has_no_transaction_of_the_desk_stores_at_once(desk):
    with desk._writer.begin() as connection:
        add_later(connection, "one")
        assert len(people.cards(connection)) == 1
