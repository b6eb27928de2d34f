"""The spool, the mailbox cursors and the sender's marks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_helpers import NOW, arrival, make_desk, make_spool

from helpdesk.model.fingerprint import dedupe_key
from helpdesk.model.mail import Happening, Road
from helpdesk.model.outcome import Accepted, Refused, TryLater
from helpdesk.store import inbox, marks


@pytest.fixture
def connection(tmp_path):
    make_desk(tmp_path).close()
    database = make_spool(tmp_path)
    with database.write() as connection:
        yield connection
    database.close()


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


def test_a_dot_without_a_result_is_the_ambiguous_one(connection):
    """P4, F11."""
    marks.mark_dot(connection, 1, ["anne@customer.example", "bart@staff.example"], NOW)
    marks.mark_dot(connection, 2, ["cate@staff.example"], NOW)
    marks.mark_result(connection, 2, {"cate@staff.example": Accepted("250 ok")}, NOW)

    assert marks.dots(connection) == {1: ("anne@customer.example", "bart@staff.example")}
    assert marks.unsettled(connection) == [(2, {"cate@staff.example": Accepted("250 ok")})]


def test_every_kind_of_result_comes_back_until_it_is_cleared(connection):
    outcomes = {
        "a@x.example": Accepted("250"),
        "b@x.example": TryLater("451", True),
        "c@x.example": Refused("550"),
    }
    marks.mark_result(connection, 3, outcomes, NOW)

    assert marks.unsettled(connection) == [(3, outcomes)]
    marks.clear(connection, [3])
    assert marks.unsettled(connection) == []
    assert marks.dots(connection) == {}


def test_a_new_dot_forgets_the_result_of_the_attempt_before(connection):
    marks.mark_result(connection, 1, {"anne@customer.example": TryLater("451")}, NOW)
    marks.mark_dot(connection, 1, ["anne@customer.example"], NOW)

    assert marks.dots(connection) == {1: ("anne@customer.example",)}
    assert marks.unsettled(connection) == []
