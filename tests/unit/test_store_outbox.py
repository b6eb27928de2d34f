"""Letters: claimed by one, settled once per recipient, retried with pauses, never sent when parked (P3, P5)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from store_helpers import ANNE, BART, NOW, letter, minutes

from helpdesk.model.outcome import Accepted, Refused, TryLater
from helpdesk.store import outbox
from helpdesk.store.marks import Unsettled
from helpdesk.store.session import StoreError
from helpdesk.store.settle import pause_after

LEASE = timedelta(seconds=60)
DAYS5 = timedelta(days=5)
OK = Accepted("250 ok")
LATER = TryLater("451 try later")
NEVER = Refused("550 no such user")


@pytest.fixture
def desk(store):
    return store.desk


@pytest.fixture
def connection(desk):
    with desk.write() as connection:
        yield connection


def claim(connection, now=NOW, limit=10):
    return outbox.claim(connection, limit, now, LEASE, "front-1")


def settle(connection, letter_id, outcomes, now=NOW, retry_for=DAYS5, chance=0.0):
    return outbox.settle(
        connection,
        [Unsettled(letter_id, "front-1", outcomes)],
        now,
        retry_for=retry_for,
        chance=lambda: chance,
    )


def test_a_queued_letter_is_handed_over_with_its_bytes(connection):
    """P3: every attempt sends the same bytes."""
    new = replace(
        letter(ANNE.address, BART),
        cc=(BART, "dora@staff.example"),
        raw=b"\x00\xff\r\n",
        sender="help@desk.example",
    )
    letter_id = outbox.queue(connection, new, NOW)

    (claimed,) = claim(connection)

    assert (claimed.id, claimed.raw, claimed.sender) == (letter_id, new.raw, "help@desk.example")
    assert claimed.recipients == (ANNE.address, BART, "dora@staff.example")
    assert (claimed.message_id, claimed.letter, claimed.attempts) == (new.message_id, "acknowledgement", 1)


def test_a_claimed_letter_is_not_claimed_again_until_its_lease_ends(connection):
    outbox.queue(connection, letter(), NOW)
    claim(connection)

    assert claim(connection, NOW + LEASE - timedelta(seconds=1)) == []
    assert outbox.next_attempt_at(connection) == NOW + LEASE
    (again,) = claim(connection, NOW + LEASE)
    assert again.attempts == 2


def test_what_the_sender_does_not_hold_can_be_claimed_again_and_the_rest_not(connection):
    """The answer to its claim was lost, with a worker or a connection: nobody else would ever free it."""
    lost, held, done = (outbox.queue(connection, letter(), NOW) for _ in range(3))
    claim(connection)
    settle(connection, done, {ANNE.address: OK})

    outbox.end_leases(connection, "front-1", [held])

    assert [one.id for one in claim(connection, NOW + timedelta(seconds=1))] == [lost]


def test_after_the_clock_was_set_back_only_letters_that_were_tried_wait(connection):
    """Theirs is a pause after an attempt; the others were to go at once."""
    tried, new = (outbox.queue(connection, letter(), NOW) for _ in range(2))
    outbox.claim(connection, 1, NOW, LEASE, "front-1")
    settle(connection, tried, {ANNE.address: LATER})
    before = NOW - timedelta(hours=2)
    assert claim(connection, before) == []

    outbox.bring_forward(connection, before)

    assert [one.id for one in claim(connection, before)] == [new]


def test_letters_are_claimed_oldest_first_up_to_the_limit(connection):
    ids = [outbox.queue(connection, letter(), NOW) for _ in range(3)]

    assert [claimed.id for claimed in claim(connection, limit=2)] == ids[:2]
    assert [claimed.id for claimed in claim(connection, limit=2)] == ids[2:]


def test_two_senders_never_get_the_same_letter(desk):
    """F8: with a plain SELECT, 200 jobs became 500 sends."""
    with desk.write() as connection:
        ids = [outbox.queue(connection, letter(), NOW) for _ in range(60)]
    got = []

    def claim_until_empty(owner):
        while True:
            with desk.write() as connection:
                claimed = outbox.claim(connection, 4, NOW, LEASE, owner)
            if not claimed:
                return
            got.extend(one.id for one in claimed)

    threads = [threading.Thread(target=claim_until_empty, args=(f"front-{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == ids


def test_a_letter_everybody_accepted_is_sent(connection):
    letter_id = outbox.queue(connection, letter(), NOW)
    claim(connection)

    assert settle(connection, letter_id, {ANNE.address: OK}) == []
    stored = outbox.load(connection, letter_id)
    assert (stored.state, stored.sent_at, stored.next_attempt_at, stored.attempts) == ("sent", NOW, None, 1)
    assert claim(connection, NOW + DAYS5) == []


def test_only_those_who_have_not_got_it_are_tried_again(connection):
    """P5, R69."""
    letter_id = outbox.queue(connection, letter(ANNE.address, BART), NOW)
    claim(connection)
    settle(connection, letter_id, {ANNE.address: OK, BART: LATER})

    stored = outbox.load(connection, letter_id)
    assert (stored.state, stored.last_error, stored.next_attempt_at) == (
        "queued",
        "451 try later",
        NOW + minutes(5),
    )
    assert claim(connection, NOW + minutes(4)) == []
    (again,) = claim(connection, NOW + minutes(5))
    assert again.recipients == (BART,)


def test_a_letter_that_our_own_trouble_held_back_is_tried_again_in_seconds(connection):
    letter_id = outbox.queue(connection, letter(ANNE.address, BART), NOW)
    claim(connection)
    ours = TryLater("trouble of our own", ours=True)

    settle(connection, letter_id, {ANNE.address: ours, BART: ours})

    assert outbox.load(connection, letter_id).next_attempt_at == NOW + timedelta(seconds=5)


def test_a_refused_recipient_is_reported_and_the_letter_fails(connection):
    """R70: 5yz fails that recipient; the others still get theirs."""
    letter_id = outbox.queue(connection, letter(ANNE.address, BART), NOW)
    claim(connection)

    refused = settle(connection, letter_id, {ANNE.address: NEVER, BART: LATER})

    assert refused == [outbox.Settled(letter_id, None, "acknowledgement", "c", ANNE.address, NEVER, False)]
    assert outbox.load(connection, letter_id).state == "queued"
    claim(connection, NOW + minutes(5))
    assert settle(connection, letter_id, {BART: OK}) == []
    stored = outbox.load(connection, letter_id)
    assert (stored.state, stored.last_error) == ("failed", f"{ANNE.address}: 550 no such user")


def test_settling_twice_changes_nothing_more(connection):
    letter_id = outbox.queue(connection, letter(ANNE.address, BART), NOW)
    claim(connection)
    outcomes = {ANNE.address: NEVER, BART: LATER}
    first = settle(connection, letter_id, outcomes)
    once = outbox.load(connection, letter_id)

    again = settle(connection, letter_id, outcomes, NOW + minutes(3))

    assert len(first) == 1
    assert again == []
    assert outbox.load(connection, letter_id) == once


def test_a_late_acceptance_still_counts(connection):
    """A sender thought dead reports after its lease: the letter is out, nobody sends it again."""
    letter_id = outbox.queue(connection, letter(), NOW)
    claim(connection)
    settle(connection, letter_id, {ANNE.address: LATER})

    settle(connection, letter_id, {ANNE.address: OK}, NOW + minutes(1))

    assert outbox.load(connection, letter_id).state == "sent"
    assert settle(connection, letter_id, {ANNE.address: NEVER}) == []
    assert outbox.load(connection, letter_id).state == "sent"


def test_an_attempt_without_any_result_is_repeated(connection):
    letter_id = outbox.queue(connection, letter(), NOW)
    claim(connection)

    assert settle(connection, letter_id, {}) == []
    assert outbox.load(connection, letter_id).next_attempt_at == NOW + minutes(5)
    assert settle(connection, 999, {ANNE.address: OK}) == []


def test_pauses_double_from_five_minutes_to_an_hour(connection):
    """R68."""
    pauses = [pause_after(attempts, DAYS5, 0.0) / minutes(1) for attempts in (1, 2, 3, 4, 5, 6, 10_000)]

    assert pauses == [5, 10, 20, 40, 60, 60, 60]
    assert pause_after(1, DAYS5, 0.5) == minutes(5) * 1.125
    assert pause_after(1, timedelta(seconds=40), 0.0) == timedelta(seconds=2)


def test_a_letter_is_given_up_after_its_time(connection):
    letter_id = outbox.queue(connection, letter(ANNE.address, BART), NOW)
    now, retry_for = NOW, timedelta(hours=4)
    ends = []
    while not ends:
        (claimed,) = claim(connection, now)
        ends = settle(connection, letter_id, dict.fromkeys(claimed.recipients, LATER), now, retry_for)
        now = outbox.next_attempt_at(connection) or now

    assert [(end.recipient, end.outcome, end.gave_up) for end in ends] == [
        (ANNE.address, LATER, True),
        (BART, LATER, True),
    ]
    assert retry_for <= now - NOW <= retry_for + timedelta(hours=1)
    stored = outbox.load(connection, letter_id)
    assert (stored.state, stored.attempts) == ("failed", 8)
    assert outbox.next_attempt_at(connection) is None


def test_a_failed_letter_can_be_tried_again_by_hand(connection):
    letter_id = outbox.queue(connection, letter(ANNE.address, BART), NOW)
    claim(connection)
    settle(connection, letter_id, {ANNE.address: OK, BART: NEVER})
    much_later = NOW + timedelta(days=9)

    outbox.retry(connection, letter_id, much_later)

    (again,) = claim(connection, much_later)
    assert (again.recipients, again.attempts) == ((BART,), 1)
    assert settle(connection, letter_id, {BART: LATER}, much_later) == [], "its time begins anew"


def test_what_cannot_be_tried_again_says_why(connection):
    sent = outbox.queue(connection, letter(), NOW)
    claim(connection)
    with pytest.raises(StoreError, match="being sent just now"):
        outbox.retry(connection, sent, NOW)
    settle(connection, sent, {ANNE.address: OK})
    parked = outbox.park(connection, letter(), "a header we did not mean", NOW)

    with pytest.raises(StoreError, match=f"letter {sent}: it has been sent"):
        outbox.retry(connection, sent, NOW)
    with pytest.raises(StoreError, match="own check"):
        outbox.retry(connection, parked, NOW)
    with pytest.raises(StoreError, match="no such letter"):
        outbox.retry(connection, 99, NOW)


def test_a_parked_letter_is_never_sent(connection):
    """F1."""
    parked = outbox.park(connection, letter(), "a header we did not mean", NOW)

    assert claim(connection, NOW + DAYS5) == []
    stored = outbox.load(connection, parked)
    assert (stored.state, stored.last_error) == ("parked", "a header we did not mean")


def test_a_letter_to_nobody_is_refused(connection):
    with pytest.raises(ValueError, match="no recipients"):
        outbox.queue(connection, replace(letter(), to=()), NOW)


def test_a_letter_is_found_by_its_message_id(connection):
    outbox.queue(connection, letter(message_id="m1@desk.example"), NOW)
    letter_id = outbox.queue(connection, letter(message_id="m2@desk.example"), NOW)

    found = outbox.by_message_id(connection, "m2@desk.example")
    assert (found.id, found.to, found.raw) == (letter_id, (ANNE.address,), letter().raw)
    assert outbox.by_message_id(connection, "m3@desk.example") is None


def test_the_listing_and_the_counts_show_a_letter_in_work_as_queued(connection):
    ids = [outbox.queue(connection, letter(), NOW) for _ in range(3)]
    claim(connection, limit=1)
    outbox.park(connection, letter(), "bad", NOW)

    assert [(one.id, one.state, one.raw) for one in outbox.listing(connection, 3)] == [
        (ids[1], "queued", b""),
        (ids[2], "queued", b""),
        (ids[2] + 1, "parked", b""),
    ]
    assert outbox.counts(connection) == {"queued": 3, "sent": 0, "failed": 0, "parked": 1}


def test_letters_of_a_kind_are_counted_for_caps(connection):
    """P7."""
    outbox.queue(connection, letter(), NOW - timedelta(hours=25))
    outbox.queue(connection, letter(ANNE.address, BART), NOW)
    outbox.queue(connection, letter(BART), NOW)
    since = NOW - timedelta(hours=24)

    assert outbox.count_since(connection, "acknowledgement", since) == 2
    assert outbox.count_since(connection, "acknowledgement", since, ANNE.address) == 1
    assert outbox.count_since(connection, "survey", since) == 0


def test_letters_queued_together_get_their_ids_and_their_readers_in_order(connection):
    new = [letter(ANNE.address, BART, message_id="m1@desk.example"), letter(message_id="m2@desk.example")]

    ids = outbox.queue_all(connection, [(one, NOW) for one in new])

    claimed = outbox.claim(connection, 10, NOW, timedelta(minutes=1), "node 1")
    assert [one.id for one in claimed] == ids
    assert [one.message_id for one in claimed] == ["m1@desk.example", "m2@desk.example"]
    assert [len(one.recipients) for one in claimed] == [2, 1]
    assert outbox.queue_all(connection, []) == []
