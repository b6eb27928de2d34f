"""Who lives, who leads, whose work is free (P12), on one file and on a server."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from store_helpers import ANNE, NOW, Store, arrival, letter, minutes, open_store

from helpdesk.model.outcome import Accepted, Outcome, TryLater
from helpdesk.store import handled, inbox, marks, nodes, outbox, tickets
from helpdesk.store.holding import hold, hold_everything, holds, try_hold
from helpdesk.store.nodes import Buried, TakenOver
from helpdesk.store.session import savepoint

LEASE = timedelta(seconds=40)
OVER = timedelta()
"""A lease that has run out when it begins: the server's clock cannot be moved."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Store]:
    with open_store("postgresql", tmp_path) as store:
        yield store


def register(store: Store, *names: str, lease: timedelta = LEASE) -> None:
    with store.spool.write() as connection:
        for name in names:
            nodes.register(connection, name, f"machine of {name}", NOW, lease)


def bury(store: Store, by: str) -> list[str]:
    with store.spool.write() as connection:
        return nodes.bury(connection, by, NOW)


@pytest.mark.postgres
def test_a_node_that_was_silent_for_too_long_is_buried_and_hears_of_it(server: Store) -> None:
    register(server, "one")
    register(server, "two", lease=OVER)

    assert bury(server, "one") == ["two"]
    with pytest.raises(Buried), server.spool.write() as connection:
        nodes.renew(connection, "two", NOW, LEASE)


@pytest.mark.postgres
def test_a_node_that_shows_itself_lives_and_one_never_buries_itself(server: Store) -> None:
    """P11: by the server's clock, whatever the nodes' clocks say."""
    register(server, "one", "two", lease=OVER)
    with server.spool.write() as connection:
        nodes.renew(connection, "two", NOW - timedelta(days=365), LEASE)

    assert bury(server, "one") == []
    assert bury(server, "two") == ["one"]


@pytest.mark.postgres
def test_a_mailbox_is_led_by_one_node_until_it_dies_or_leaves(server: Store) -> None:
    register(server, "one", "two", "three")

    with server.spool.write() as connection:
        assert nodes.lead(connection, "imap help/INBOX", "one")
        assert not nodes.lead(connection, "imap help/INBOX", "two")
        assert nodes.lead(connection, "imap help/INBOX", "one")
        nodes.resign(connection, "one")
        assert nodes.lead(connection, "imap help/INBOX", "two")
        assert not nodes.lead(connection, "imap help/INBOX", "three")
        nodes.require_lead(connection, "imap help/INBOX", "two")


@pytest.mark.postgres
def test_a_node_that_leads_no_more_may_not_move_the_cursor(server: Store) -> None:
    register(server, "one", "two")
    with server.spool.write() as connection:
        nodes.lead(connection, "imap help/INBOX", "one")
        nodes.resign(connection, "one")
        nodes.lead(connection, "imap help/INBOX", "two")

    with pytest.raises(TakenOver), server.spool.write() as connection:
        nodes.require_lead(connection, "imap help/INBOX", "one")


@pytest.mark.postgres
def test_two_nodes_that_reach_for_a_mailbox_at_once_do_not_both_get_it(server: Store) -> None:
    names = [f"node {number}" for number in range(4)]
    register(server, *names)
    leaders: list[str] = []

    def reach(name: str) -> None:
        for box in range(10):
            with server.spool.write() as connection:
                if nodes.lead(connection, f"imap box {box}", name):
                    leaders.append(f"box {box}")

    threads = [threading.Thread(target=reach, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(leaders) == sorted(f"box {box}" for box in range(10))


def test_what_a_dead_node_had_in_work_is_taken_by_another_and_no_attempt_is_lost(store: Store) -> None:
    register(store, "two")  # one does not live: it was buried
    with store.spool.write() as spool:
        ids = inbox.append(spool, [arrival(b"Subject: %d\r\n\r\n" % n) for n in range(3)])
    with store.desk.write() as desk, store.spool.read() as spool:
        handled.take(desk, spool, 2, NOW, "one")

    with store.desk.write() as desk, store.spool.read() as spool:
        assert handled.take(desk, spool, 1, NOW, "two") == [(ids[2], 1)], "not before it is free"
        handled.finish(desk, ids[2], state="done", outcome="", reason="", now=NOW)
        assert handled.free(desk, "two") == 2
        assert handled.take(desk, spool, 5, NOW, "two") == [(ids[0], 1), (ids[1], 1)]


@pytest.mark.postgres
def test_a_node_that_lost_its_rows_to_another_is_told(server: Store) -> None:
    register(server, "one", "two")
    with server.spool.write() as spool:
        (row,) = inbox.append(spool, [arrival()])
    with server.desk.write() as desk, server.spool.read() as spool:
        handled.take(desk, spool, 5, NOW, "one")
        assert handled.still_has(desk, [row], "one")

    with server.desk.write() as desk, server.spool.read() as spool:
        nodes.resign(desk, "one")
        handled.free(desk, "two")
        handled.take(desk, spool, 5, NOW, "two")

    with server.desk.write() as desk:
        assert not handled.still_has(desk, [row], "one")
        assert handled.still_has(desk, [row], "two")


@pytest.mark.postgres
def test_what_is_not_committed_yet_is_not_stepped_over(server: Store) -> None:
    """A slow transaction with a lower id: whoever takes waits for it, or the watermark would lose its mail."""
    register(server, "one")
    begun, go_on = threading.Event(), threading.Event()

    def append_slowly() -> None:
        with server.spool.write() as spool:
            inbox.append(spool, [arrival(b"Subject: slow\r\n\r\n")])
            begun.set()
            go_on.wait(20)

    slow = threading.Thread(target=append_slowly)
    slow.start()
    begun.wait(20)
    with server.spool.write() as spool:
        inbox.append(spool, [arrival(b"Subject: fast\r\n\r\n")])
    threading.Timer(0.3, go_on.set).start()
    with server.desk.write() as desk, server.spool.read() as spool:
        taken = handled.take(desk, spool, 5, NOW, "one")
    slow.join()

    assert len(taken) == 2


def queue(store: Store, number: int = 1, *, ticket: int | None = None) -> int:
    with store.desk.write() as desk:
        return outbox.queue(desk, letter(ticket=ticket, message_id=f"m{number}@desk.example"), NOW)


def claim(store: Store, node: str) -> list[int]:
    with store.desk.write() as desk:
        return [one.id for one in outbox.claim(desk, 10, NOW, minutes(30), node)]


def test_the_letters_of_a_dead_node_are_claimed_by_another(store: Store) -> None:
    register(store, "two")
    number = queue(store)
    claim(store, "one")

    assert claim(store, "two") == []
    with store.desk.write() as desk:
        assert outbox.free(desk, "two") == 1
        assert outbox.free(desk, "two") == 0
    assert claim(store, "two") == [number]


def mark(spool: Connection, letter: int, outcome: Outcome | None, node: str) -> None:
    marks.write(spool, [], [marks.Mark(letter, {ANNE.address: outcome})], NOW, node)


def settle(desk: Connection, letter: int, outcomes: Mapping[str, Outcome]) -> None:
    """By node one."""
    attempt = marks.Unsettled(letter, "one", outcomes)
    outbox.settle(desk, [attempt], NOW, retry_for=timedelta(days=5), chance=lambda: 0)


@pytest.mark.postgres
def test_a_zombie_may_not_write_its_dot(server: Store) -> None:
    """It was frozen past its lease: the letter is in other hands, or will be."""
    register(server, "one", "two")
    number = queue(server)
    claim(server, "one")
    with server.spool.write() as spool:
        nodes.resign(spool, "one")

    with pytest.raises(TakenOver), server.spool.write() as spool:
        mark(spool, number, None, "one")


@pytest.mark.postgres
def test_a_letter_in_other_hands_gets_no_dot_even_from_a_node_that_lives(server: Store) -> None:
    register(server, "one", "two")
    number = queue(server)
    claim(server, "one")
    with server.desk.write() as desk:
        outbox.end_leases(desk, "one", [])
    claim(server, "two")

    with pytest.raises(TakenOver), server.spool.write() as spool:
        mark(spool, number, None, "one")
    with server.spool.write() as spool:
        mark(spool, number, None, "two")


def test_of_a_letter_in_other_hands_only_an_end_counts(store: Store) -> None:
    """That somebody has it is true whoever says so; `try later` from a zombie must not disturb the one at work."""
    register(store, "two")
    number = queue(store)
    claim(store, "one")
    with store.desk.write() as desk:
        outbox.free(desk, "two")
    claim(store, "two")

    with store.desk.write() as desk:
        later = {ANNE.address: TryLater("451")}
        settle(desk, number, later)
        assert claim_nothing(store, desk)
        taken = {ANNE.address: Accepted("250")}
        settle(desk, number, taken)
        stored = outbox.load(desk, number)

    assert stored is not None
    assert stored.state == "sent"


def claim_nothing(_store: Store, desk: outbox.Connection) -> bool:
    return outbox.claim(desk, 10, NOW + minutes(10), minutes(30), "two") == []


def test_results_that_a_dead_node_left_are_found_by_the_others(store: Store) -> None:
    register(store, "two", "three")
    with store.spool.write() as spool:
        mark(spool, 7, Accepted("250 ok"), "one")

        assert marks.unsettled(spool, "two") == [
            marks.Unsettled(7, "one", {ANNE.address: Accepted("250 ok")})
        ]
        marks.write(spool, [(7, "one")], [], NOW, "two")
        assert marks.unsettled(spool, "two") == []


@pytest.mark.postgres
def test_names_are_held_by_one_transaction_at_a_time(server: Store) -> None:
    """Two copies of a mail on two nodes: the second sees what the first has made of it."""
    order: list[str] = []
    begun = threading.Event()

    def second() -> None:
        begun.wait(20)
        with server.desk.write() as desk:
            hold(desk, ["<b@customer.example>", "<a@customer.example>"])
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with server.desk.write() as desk:
        hold(desk, ["<a@customer.example>", "<b@customer.example>"])
        begun.set()
        with server.desk.write() as other:
            assert not try_hold(other, "<a@customer.example>")
            assert try_hold(other, "<c@customer.example>")
        assert try_hold(desk, "<a@customer.example>")
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


@pytest.mark.postgres
def test_who_holds_everything_is_waited_for_by_whoever_holds_anything(server: Store) -> None:
    """A whole batch of a node without neighbours; another node may begin in its middle."""
    order: list[str] = []
    begun, waiting = threading.Event(), threading.Event()

    def second() -> None:
        begun.wait(20)
        with server.desk.write() as desk:
            waiting.set()
            hold(desk, ["<a@customer.example>"])
            order.append("second")

    def third() -> None:
        with server.desk.write() as desk:
            hold_everything(desk)
            order.append("third")

    threads = [threading.Thread(target=second), threading.Thread(target=third)]
    threads[0].start()
    with server.desk.write() as desk:
        hold_everything(desk)
        assert holds(desk, "whatever it is called")
        begun.set()
        waiting.wait(20)
        with server.desk.write() as other:
            assert not try_hold(other, "<b@customer.example>")
        order.append("first")
    threads[0].join()
    with server.desk.write() as desk:
        hold(desk, ["<a@customer.example>"])
        threads[1].start()
        order.append("fourth, who held a name")
    threads[1].join()

    assert order == ["first", "second", "fourth, who held a name", "third"]


@pytest.mark.postgres
def test_what_a_transaction_holds_it_does_not_ask_for_again(server: Store) -> None:
    asked: list[str] = []
    event.listen(
        server.desk._writer,
        "before_cursor_execute",
        lambda *given: asked.append(given[2]) if "advisory" in given[2] else None,
    )
    with server.desk.write() as desk:
        assert not holds(desk, "turn of bart")
        assert try_hold(desk, "turn of bart")
        hold(desk, ["a", "b"])
        assert len(asked) == 2

        hold(desk, ["b", "turn of bart"])
        assert try_hold(desk, "a")
        assert holds(desk, "b")
        assert len(asked) == 2
    with server.desk.write() as desk:
        assert not holds(desk, "a")


@pytest.mark.postgres
def test_what_a_savepoint_let_go_is_asked_for_again(server: Store) -> None:
    """The server gives back what was held in one that is undone."""

    def hold_and_fail(desk: Connection) -> None:
        hold(desk, ["a"])
        raise ZeroDivisionError

    with server.desk.write() as desk:
        with pytest.raises(ZeroDivisionError), savepoint(desk):
            hold_and_fail(desk)
        with server.desk.write() as other:
            assert try_hold(other, "a")
            assert not try_hold(desk, "a")


def test_letters_of_a_ticket_to_one_reader_leave_in_their_order(store: Store) -> None:
    """5.3: one that must be tried again is not overtaken; readers of other tickets do not wait for it."""
    with store.desk.write() as desk:
        for ticket in (1, 2):
            tickets.create(desk, ticket, {"subject": "hello", "customer": ANNE}, NOW)
    first, second, other = queue(store, 1, ticket=1), queue(store, 2, ticket=1), queue(store, 3, ticket=2)

    assert claim(store, "one") == [first, other]
    with store.desk.write() as desk:
        assert outbox.next_attempt_at(desk) == NOW + minutes(30), "nothing to wake up for"
        later = {ANNE.address: TryLater("451")}
        settle(desk, first, later)
        assert outbox.next_attempt_at(desk) == NOW + minutes(5)
    assert claim(store, "one") == []
    with store.desk.write() as desk:
        (again,) = outbox.claim(desk, 10, NOW + minutes(6), minutes(30), "one")
        taken = {ANNE.address: Accepted("250")}
        settle(desk, again.id, taken)

    assert again.id == first
    assert claim(store, "one") == [second]


@pytest.mark.postgres
def test_numbers_are_nobody_elses(server: Store) -> None:
    """Two nodes open tickets at the same instant."""
    with server.desk.write() as one, server.desk.write() as two:
        numbers = {tickets.take_number(one), tickets.take_number(two), tickets.take_number(one)}

    assert len(numbers) == 3
