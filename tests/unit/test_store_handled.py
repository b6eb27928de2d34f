"""What became of each mail: taken, forgiven, finished, parked, replayed (P2, P6, R35)."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import delete
from store_helpers import NOW, arrival, minutes

from helpdesk.store import earlier, handled, inbox
from helpdesk.store.schema import HANDLED


class Office:
    """A desk and its spool; every call is one transaction, as in the worker."""

    def __init__(self, store):
        self.desk, self.spool = store.desk, store.spool

    def arrive(self, number):
        with self.spool.write() as spool:
            return inbox.append(spool, [arrival()] * number)

    @contextmanager
    def both(self):
        with self.desk.write() as desk, self.spool.read() as spool:
            yield desk, spool

    def take(self, limit=10):
        with self.both() as (desk, spool):
            return handled.take(desk, spool, limit, NOW, "node 1")

    def do(self, function, *arguments, **named):
        with self.desk.write() as desk:
            return function(desk, *arguments, **named)

    def finish(self, spool_id, **named):
        values = {"state": "done", "outcome": "ticket opened", "reason": "new", "now": NOW} | named
        self.do(handled.finish, spool_id, **values)

    def waiting(self):
        with self.both() as (desk, spool):
            return handled.waiting_count(desk, spool)


@pytest.fixture
def office(store):
    return Office(store)


def test_new_mails_are_taken_oldest_first_up_to_the_limit(office):
    a, b, c = office.arrive(3)

    assert office.take(2) == [(a, 1), (b, 1)]
    office.finish(a)
    office.finish(b)
    assert office.take(2) == [(c, 1)]
    office.finish(c)
    assert office.take(2) == []


def test_a_mail_that_was_tried_before_comes_alone_and_first(office):
    """P6: what killed a worker once takes nobody with it."""
    a, b, c = office.arrive(3)
    office.take(2)

    assert office.take() == [(a, 2)]
    assert office.take() == [(a, 3)]
    office.finish(a)
    assert office.take() == [(b, 2)]
    office.finish(b)
    assert office.take() == [(c, 1)]


def test_the_rest_of_a_killed_batch_loses_no_attempt(office):
    a, b, c, d = office.arrive(4)
    office.take(3)

    office.do(handled.forgive, b, "node 1")

    assert office.take() == [(a, 1)], "what was said before it is heard before it"
    office.finish(a)
    assert office.take() == [(b, 2)]
    office.finish(b)
    assert office.take() == [(c, 1), (d, 1)]


def test_an_attempt_of_an_earlier_batch_is_not_forgiven(office):
    """A mail that raised in the batch before has used its attempt."""
    a, b = office.arrive(2)
    office.take(2)
    office.take()  # a, alone
    office.do(handled.forgive, a, "node 1")

    office.finish(a)
    assert office.take() == [(b, 2)]


def test_without_a_culprit_the_whole_batch_is_forgiven(office):
    a, b = office.arrive(2)
    office.take()

    office.do(handled.forgive, None, "node 1")
    office.do(handled.forgive, None, "node 1")

    assert office.take() == [(a, 1), (b, 1)]


def test_an_attempt_that_was_not_committed_does_not_count(office):
    (a,) = office.arrive(1)

    def killed_before_the_commit():
        with office.both() as (desk, spool):
            handled.take(desk, spool, 10, NOW, "node 1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        killed_before_the_commit()

    assert office.take() == [(a, 1)]


def test_a_parked_mail_keeps_its_reason_and_is_taken_again_when_released(office):
    a, b = office.arrive(2)
    office.take()
    office.finish(a, state="parked", outcome="", reason="tried three times", dedupe_key="k" * 64)
    office.finish(b)

    (parked,) = office.do(handled.parked)
    assert (parked.spool_id, parked.reason, parked.attempts) == (a, "tried three times", 1)
    assert office.take() == []

    office.do(handled.release, a, NOW)
    assert office.do(handled.parked) == []
    assert office.do(earlier.alike, "k" * 64, None) == [], "it would be a duplicate of itself"
    assert office.take() == [(a, 1)]


def test_a_row_that_was_stepped_over_is_taken_when_released_and_one_that_waits_is_not_disturbed(office):
    """What audit calls unaccounted: nothing but a bug or a hand in the database makes it."""
    a, b, c = office.arrive(3)
    office.take(2)
    office.finish(b)
    office.do(lambda desk: desk.execute(delete(HANDLED).where(HANDLED.c.spool_id == a)))

    assert office.do(handled.is_lost, a)
    assert not office.do(handled.is_lost, c)
    office.do(handled.release, a, NOW)
    office.do(handled.release, c, NOW)

    assert office.take() == [(a, 1), (c, 1)]


def test_waiting_counts_what_is_not_finished(office):
    a, b, _ = office.arrive(3)
    office.take(2)
    office.finish(a)
    office.finish(b, state="parked")

    assert office.waiting() == 1


def test_the_same_mail_is_found_by_its_key_and_by_its_id(office):
    """R35: same id with other content are two mails."""
    a, b, c = office.arrive(3)
    office.take()
    office.finish(
        a, message_id="m@x.example", dedupe_key="1" * 64, sender="Anne@customer.example", road="smtp"
    )
    office.finish(b, message_id="m@x.example", dedupe_key="2" * 64)

    (first,) = office.do(earlier.alike, "1" * 64, "other@x.example")
    assert (first.spool_id, first.sender) == (a, "anne@customer.example")
    assert [row.spool_id for row in office.do(earlier.alike, "1" * 64, "m@x.example")] == [a, b]
    assert office.do(earlier.alike, "", None) == office.do(earlier.alike, "", "") == []
    assert office.do(handled.load, c) is None, "still in work"


def test_mails_of_one_address_are_counted_in_a_time(office):
    a, b = office.arrive(2)
    office.finish(a, sender="Anne@Customer.example", now=NOW - minutes(11))
    office.finish(b, sender="anne@customer.example")

    assert office.do(earlier.mails_of, "ANNE@customer.example", NOW - minutes(10)) == 1


def test_a_row_can_be_finished_without_having_been_taken(office):
    a, b = office.arrive(2)
    office.finish(a)

    assert office.take() == [(b, 1)]
