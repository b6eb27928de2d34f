"""Tickets are found by the words on them, alike on SQLite and on PostgreSQL."""

from dataclasses import replace

import pytest
from sqlalchemy import text, update
from store_helpers import ANNE, NOW

from helpdesk.model.people import Address
from helpdesk.model.ticket import Entry, EntryKind, Status
from helpdesk.store import search, tickets
from helpdesk.store.schema import ENTRY, WORDS
from helpdesk.store.session import is_server

SAID = Entry(NOW, EntryKind.CUSTOMER, ANNE, ("help@desk.example",), "hello", "Where is my parcel?")


@pytest.fixture
def desk(store):
    with store.desk.write() as connection:
        yield connection


def opened(desk, number, subject="hello", customer=ANNE, texts=(), **changes):
    tickets.create(desk, number, {"subject": subject, "customer": customer, **changes}, NOW)
    tickets.add_entries(desk, [(number, replace(SAID, text=text)) for text in texts])
    search.note(desk, number)
    return [entry.id for entry in tickets.entries(desk, number)]


def found(desk, words, **narrow):
    return [ticket.number for ticket in tickets.search(desk, words=words, **narrow)]


def test_all_words_must_stand_somewhere_on_the_ticket_and_the_newest_comes_first(desk):
    opened(desk, 1, "Parcel late", texts=["Order 1234", "It has come."])
    opened(desk, 2, "Refund", Address("Émil Zátopek", "emil@runner.example"), texts=["parcel lost"])
    opened(desk, 3, "Nothing")

    assert found(desk, "parcel") == [2, 1]
    assert found(desk, "PARCEL emil") == [2]
    assert found(desk, "come late order") == [1]
    assert found(desk, "emil@runner.example") == [2]
    assert found(desk, "zatopek") == [2]
    assert found(desk, "parcel zebra") == []
    assert found(desk, "parcel", limit=1) == [2]


@pytest.mark.parametrize("few", [0, 2, 2000])
def test_few_and_many_are_found_alike(desk, monkeypatch, few):
    """A server goes another way for words that few tickets have."""
    monkeypatch.setattr(search, "_FEW", few)
    for number in range(1, 6):
        opened(desk, number, texts=["a blue parcel" if number % 2 else "a red parcel"])

    assert found(desk, "parcel") == [5, 4, 3, 2, 1]
    assert found(desk, "blue", limit=2) == [5, 3]
    assert found(desk, "red parc") == [4, 2]
    assert found(desk, "green") == []


def test_where_no_ticket_has_the_words_the_last_may_be_a_beginning_of_four_letters_or_more(desk):
    opened(desk, 1, "Parcel late")
    opened(desk, 2, "Par three")

    assert [found(desk, words) for words in ("parc", "late parc", "parc late", "lat")] == [[1], [1], [], []]
    assert found(desk, "par") == [2]


def test_status_and_operator_narrow_what_was_found(desk):
    opened(desk, 1, "Parcel", status=Status.OPEN, operator="bart@staff.example")
    opened(desk, 2, "Parcel", status=Status.CLOSED, operator="cate@staff.example")

    assert found(desk, "parcel", status=Status.OPEN) == [1]
    assert found(desk, "parcel", operator="cate@staff.example") == [2]


@pytest.mark.parametrize(
    "hostile",
    ['"', "' OR 1", "a AND", "NEAR(a b)", "-x", "^parcel", "words:parcel", "parcel*", "!&|():*\\", "\x00"],
)
def test_what_is_asked_is_never_syntax(desk, hostile):
    opened(desk, 1, "Words parcel")

    assert found(desk, hostile) in ([], [1])


def test_signs_alone_find_nothing(desk):
    opened(desk, 1, "?!")

    assert found(desk, "?!") == []


def test_what_is_written_later_is_found_with_what_was_written_before(desk):
    opened(desk, 1, "Parcel", texts=["first"])
    assert found(desk, "first") == [1]
    tickets.add_entries(desk, [(1, replace(SAID, text="second", kind=EntryKind.NOTE))])

    assert found(desk, "second") == []
    search.note(desk, 1)
    assert found(desk, "parcel first second") == [1]


def test_a_new_subject_takes_the_place_of_the_old(desk):
    opened(desk, 1, "Parcel", texts=["first"])

    tickets.update(desk, 1, 1, {"subject": "Refund"}, NOW)
    assert found(desk, "parcel") == []
    assert found(desk, "refund first") == [1]


def test_an_entry_that_moves_is_found_where_it_went(desk):
    (moves,) = opened(desk, 1, "Parcel", texts=["zebra"])
    opened(desk, 2, "Refund")

    tickets.move_entry(desk, moves, 2)
    assert found(desk, "zebra") == [2]
    assert found(desk, "parcel") == [1]


def test_what_was_overwritten_is_found_no_more(desk):
    """Erasing a customer overwrites their words where they stand, and these."""
    opened(desk, 1, "Parcel", texts=["zebra"])
    desk.execute(update(ENTRY).values(text="(erased)"))

    search.rewrite(desk, 1)
    assert found(desk, "zebra") == []
    assert "zebra" not in str(desk.execute(WORDS.select()).all())


def test_many_tickets_are_noted_together_new_ones_and_known_ones(desk):
    for number in range(1, 13):
        opened(desk, number, "Parcel")
    for number in range(13, 25):
        tickets.create(desk, number, {"subject": "Parcel", "customer": ANNE}, NOW)
    tickets.add_entries(desk, [(number, replace(SAID, text="zebra")) for number in range(1, 25)])

    search.note(desk, *reversed(range(1, 25)), 99)
    assert found(desk, "parcel zebra") == [*reversed(range(1, 25))]
    if not is_server(desk):
        desk.execute(text("INSERT INTO words_index (words_index, rank) VALUES ('integrity-check', 1)"))


def test_the_index_is_made_of_the_words_and_of_nothing_else(desk):
    opened(desk, 1, "Parcel", texts=["zebra"])
    opened(desk, 2, "Refund")
    tickets.add_entries(desk, [(2, replace(SAID, text="horse"))])
    search.note(desk, 2)
    search.rewrite(desk, 1)

    search.rebuild(desk)
    assert found(desk, "horse refund") == [2]
    assert found(desk, "zebra") == [1]
    if not is_server(desk):
        desk.execute(text("INSERT INTO words_index (words_index, rank) VALUES ('integrity-check', 1)"))
