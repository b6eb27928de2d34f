"""The spool, the mailbox cursors and the sender's marks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_helpers import NOW, arrival, letter, minutes

from helpdesk.model.fingerprint import dedupe_key
from helpdesk.model.mail import Happening, Road
from helpdesk.model.outcome import Accepted, Refused, TryLater
from helpdesk.store import inbox, marks, nodes, outbox
from helpdesk.store.marks import Mark, Unsettled
from helpdesk.store.session import is_server


@pytest.fixture
def connection(store):
    with store.spool.write() as connection:
        yield connection


def test_an_arrival_is_kept_as_it_came(connection):
    sent = replace(
        arrival(b"From: a\r\n\r\n\x00\xff"),
        sender="",
        mailbox="help/INBOX",
        peer="127.0.0.1",
        kind=Happening.VOTE,
    )
    unknown_sender = replace(arrival(), sender=None, recipients=())

    ids = inbox.append(connection, [sent, unknown_sender])
    stored = inbox.fetch(connection, ids[::-1])

    assert [row.arrival for row in stored] == [unknown_sender, sent]
    assert [row.dedupe_key for row in stored] == [dedupe_key(unknown_sender.raw), dedupe_key(sent.raw)]


def test_ids_grow_and_are_given_in_order(connection):
    ids = inbox.append(connection, [arrival()] * 5)

    assert ids == sorted(set(ids))
    assert inbox.ids_after(connection, ids[1], 2) == ids[2:4]
    assert inbox.count_after(connection, ids[1]) == 3


def test_many_rows_are_fetched_and_unknown_ones_left_out(connection):
    ids = inbox.append(connection, [arrival()] * 1200)

    assert [row.id for row in inbox.fetch(connection, [*ids, 99999])] == ids


def test_arrivals_are_counted_by_road(connection):
    inbox.append(connection, [arrival(), arrival(road=Road.IMAP), arrival()])

    assert inbox.count(connection) == {"smtp": 2, "imap": 1}


def test_a_key_is_known_per_mailbox(connection):
    inbox.append(connection, [replace(arrival(), mailbox="help/INBOX")])
    key = dedupe_key(arrival().raw)

    assert inbox.has_key(connection, key, "help/INBOX")
    assert not inbox.has_key(connection, key, "other/INBOX")
    assert not inbox.has_key(connection, "0" * 64, "help/INBOX")


def test_a_cursor_moves(connection):
    assert inbox.read_cursor(connection, "help", "INBOX") is None

    for uid in (7, 9):
        inbox.move_cursor(connection, inbox.Cursor("help", "INBOX", 2**32 - 1, uid), NOW)

    assert inbox.read_cursor(connection, "help", "INBOX") == inbox.Cursor("help", "INBOX", 2**32 - 1, 9)


def two_letters(connection):
    """Two letters that node 1 is sending. On a server they must be there; elsewhere nobody can take them."""
    if not is_server(connection):
        return [1, 2]
    nodes.register(connection, "node 1", "", NOW, minutes(1))
    for number in (1, 2):
        outbox.queue(connection, letter(f"{number}@customer.example"), NOW)
    return [held.id for held in outbox.claim(connection, 2, NOW, minutes(1), "node 1")]


def mark(connection, letter_id, outcomes):
    marks.write(connection, [], [Mark(letter_id, outcomes)], NOW, "node 1")


def test_a_dot_without_a_result_is_the_ambiguous_one(connection):
    """P4, F11."""
    first, second = two_letters(connection)
    mark(connection, first, dict.fromkeys(["anne@customer.example", "bart@staff.example"]))
    mark(connection, second, dict.fromkeys(["cate@staff.example"]))
    results = {"cate@staff.example": Accepted("250 ok")}
    mark(connection, second, results)
    nodes.resign(connection, "node 1")

    assert marks.dots(connection, "node 2") == {first: ("anne@customer.example", "bart@staff.example")}
    assert marks.unsettled(connection, "node 2") == [Unsettled(second, "node 1", results)]


def test_every_kind_of_result_comes_back_until_it_is_cleared(connection):
    outcomes = {
        "a@x.example": Accepted("250"),
        "b@x.example": TryLater("451", True),
        "d@x.example": TryLater("our disk is full", ours=True),
        "c@x.example": Refused("550"),
    }
    mark(connection, 3, outcomes)

    assert marks.unsettled(connection, "node 2") == [Unsettled(3, "node 1", outcomes)]
    marks.write(connection, [(3, "node 1")], [], NOW, "node 1")
    assert marks.unsettled(connection, "node 2") == []
    assert marks.dots(connection, "node 2") == {}


def test_a_new_dot_forgets_the_result_of_the_attempt_before(connection):
    first, _ = two_letters(connection)
    mark(connection, first, {"anne@customer.example": TryLater("451")})
    mark(connection, first, dict.fromkeys(["anne@customer.example"]))
    nodes.resign(connection, "node 1")

    assert marks.dots(connection, "node 2") == {first: ("anne@customer.example",)}
    assert marks.unsettled(connection, "node 2") == []
