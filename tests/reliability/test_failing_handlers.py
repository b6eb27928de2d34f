"""What cannot be handled is tried three times and set aside; nothing else suffers from it (P6, STYLE 16, 17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from helpdesk.decide.desk import decide
from helpdesk.flow import admin
from helpdesk.flow.apply import apply
from helpdesk.flow.intake import take_in
from helpdesk.flow.ring import POSTPONED_FOR, ring
from helpdesk.flow.standing import with_standing
from helpdesk.flow.workshop import Workshop
from helpdesk.model.events import DeadlinePassed
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.outcome import Refused
from helpdesk.model.ticket import DeadlineKind, Status, Ticket
from helpdesk.render.sandbox import Fault
from helpdesk.render.trouble import CannedError
from helpdesk.store import handled, journal, outbox, tickets
from helpdesk.store.session import StaleTicket
from helpdesk.testing.desk import ADDRESS, LIST, PIC, Desk
from helpdesk.testing.mailing_list import MailingList
from helpdesk.testing.postgres import a_database


class TornPart:
    def render(self, _values: Any) -> str:
        raise Fault(1, "the letter is larger than 256 KB")


class TornShelf:
    """Canned responses of which some letters cannot be written, until they are `mended`: they are not found, or,
    `late`, found out when they are filled in, at the end of the transaction.
    """

    late = False

    def __init__(self, whole: Any, *torn: str) -> None:
        self._whole, self._torn = whole, set(torn)

    def filling(self, letter: str, *args: Any) -> Any:
        whole = self._whole.filling(letter, *args)
        if letter not in self._torn:
            return whole
        if not self.late:
            raise CannedError(f"the desk writes no letter called {letter!r}")
        return replace(whole, response=replace(whole.response, body=TornPart()))

    def mended(self) -> None:
        self._torn.clear()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    with a_database(upgraded=True) if request.param == "postgresql" else nullcontext() as url:
        desk = Desk(tmp_path, url=url)
        yield desk
        desk.close()


@pytest.fixture(params=[False, True], ids=["not found", "not filled in"])
def _whenever(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TornShelf, "late", request.param)


def torn(desk: Desk, *letters: str) -> TornShelf:
    shelf = TornShelf(desk.shop.library, *letters)
    desk.shop.library = shelf  # type: ignore[assignment]
    return shelf


def question(desk: Desk, text: str) -> int:
    """A mail that waits in the spool."""
    mail = desk.anne.new([ADDRESS], f"About {text}", f"What about {text}?")
    return desk.receive(mail.as_bytes(), desk.anne.address, (ADDRESS,))


def nonsense(desk: Desk) -> int:
    """A row that no handler understands."""
    arrival = Arrival(raw=b"{", road=Road.WEB, received_at=desk.clock(), kind=Happening.VOTE)
    return desk.arrive(arrival)


def parked(desk: Desk) -> list[int]:
    with desk.shop.desk.read() as connection:
        return [row.spool_id for row in handled.parked(connection)]


def all_tickets(desk: Desk) -> list[Ticket]:
    with desk.shop.desk.read() as connection:
        return tickets.search(connection)


def replay(desk: Desk, row: int) -> None:
    desk.arrive(admin.ask("inbox_replay", row, desk.clock()))
    desk.run()


def test_a_row_that_raises_costs_the_rest_of_its_batch_nothing(desk: Desk) -> None:
    rows = [question(desk, "one"), nonsense(desk), question(desk, "two")]

    take_in(desk.shop)

    with desk.shop.desk.read() as connection:
        states = [row and row.state for row in (handled.load(connection, r) for r in rows)]
    assert states == ["done", None, "done"]
    assert len(all_tickets(desk)) == 2


def test_a_row_that_raised_is_taken_again_alone_and_parked_after_the_third_time(desk: Desk) -> None:
    bad = nonsense(desk)
    take_in(desk.shop)
    good = question(desk, "later")
    taken = [take_in(desk.shop) for _ in range(desk.shop.limits.attempts - 1)]
    before = parked(desk)
    desk.run()

    assert taken == [1, 1]  # the new mail waits while the suspect is in hand
    assert before == parked(desk) == [bad]
    assert desk.outcome(bad).reason.startswith("JSONDecodeError")
    assert desk.outcome(good).outcome == "customer_wrote"


def test_pic_are_told_of_a_parked_row_once(desk: Desk) -> None:
    bad = nonsense(desk)
    desk.run()
    desk.passes(days=2)

    notices = desk.letters("parked")
    assert [n.to for n in notices] == [(PIC,)]
    assert str(bad) in notices[0].text


@pytest.mark.usefixtures("_whenever")
def test_a_row_is_parked_even_if_pic_cannot_be_told(desk: Desk) -> None:
    """Otherwise it would stand before all that wait, for ever."""
    torn(desk, "parked")
    bad, good = nonsense(desk), question(desk, "the next one")
    desk.run()

    assert parked(desk) == [bad]
    assert desk.outcome(good).outcome == "customer_wrote"


@pytest.mark.usefixtures("_whenever")
def test_a_mail_whose_letters_cannot_be_written_leaves_nothing_half_done(desk: Desk) -> None:
    torn(desk, "acknowledgement")
    row = question(desk, "it")
    desk.run()

    assert parked(desk) == [row]
    with desk.shop.desk.read() as connection:
        assert tickets.next_number(connection) == 1
        assert journal.of_ticket(connection, 1) == []
        assert [letter.letter for letter in outbox.listing(connection)] == ["parked"]


def test_a_replayed_mail_is_handled_as_if_it_had_just_come(desk: Desk) -> None:
    shelf = torn(desk, "acknowledgement")
    row = question(desk, "it")
    desk.run()
    shelf.mended()
    replay(desk, row)

    assert parked(desk) == []
    assert desk.outcome(row).outcome == "customer_wrote"
    assert [letter.to for letter in desk.letters("acknowledgement")] == [(desk.anne.address,)]


def test_a_replay_is_not_lost_to_its_own_duplicate(desk: Desk) -> None:
    """The second copy was set aside for the sake of the first: it must not count against it (R35)."""
    shelf = torn(desk, "acknowledgement")
    raw = desk.anne.new([ADDRESS], "It", "What about it?").as_bytes()
    first = desk.receive(raw, desk.anne.address, (ADDRESS,))
    desk.run()
    second = desk.receive(raw, desk.anne.address, (ADDRESS,))
    desk.run()
    shelf.mended()
    replay(desk, first)

    assert desk.outcome(second).outcome == "duplicate"
    assert desk.outcome(first).outcome == "customer_wrote"
    assert len(desk.letters("acknowledgement")) == 1


def test_a_replay_after_the_lists_copy_was_handled_is_a_duplicate(desk: Desk) -> None:
    shelf = torn(desk, "acknowledgement")
    raw = desk.anne.new([ADDRESS], "It", "What about it?", cc=[LIST]).as_bytes()
    direct = desk.receive(raw, desk.anne.address, (ADDRESS,))
    desk.run()
    shelf.mended()
    milis = MailingList(LIST, footer="The milis")
    desk.receive(milis.copy(raw), milis.bounces, (ADDRESS,))
    desk.run()
    replay(desk, direct)

    assert desk.outcome(direct).outcome == "duplicate"
    assert len(all_tickets(desk)) == 1


@pytest.mark.usefixtures("_whenever")
def test_a_deadline_that_raises_is_moved_on_and_the_others_ring(desk: Desk) -> None:
    desk.anne.asks("First", "Where is it?")
    desk.anne.asks("Second", "And the invoice?")
    desk.bart.answers("It is under way.")
    desk.cate.answers("Here it is.")
    closing = {d.kind: d for d in desk.ticket(1).deadlines}[DeadlineKind.AUTO_CLOSE]
    torn_shelf = torn(desk, "closed_no_feedback")
    torn_for = desk.ticket(1).number
    desk.clock.now = closing.due_at
    rung = ring(desk.shop)

    waiting = [d for n in (1, 2) for d in desk.ticket(n).deadlines if d.kind is DeadlineKind.AUTO_CLOSE]
    assert rung >= 2
    assert {d.due_at for d in waiting} == {desk.clock() + POSTPONED_FOR}
    assert desk.ticket(torn_for).status is Status.PENDING

    torn_shelf.mended()
    desk.run()
    desk.passes(minutes=6)

    assert [desk.ticket(n).status for n in (1, 2)] == [Status.SOLVED, Status.SOLVED]
    assert len(desk.letters("closed_no_feedback")) == 2 * 3  # the customer, the list, PIC


def test_a_letter_that_cannot_be_stored_puts_off_its_own_deadline_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letters of several deadlines are stored together."""
    desk.anne.asks("First", "Where is it?")
    desk.anne.asks("Second", "And the invoice?")
    desk.clock.move(timedelta(hours=25))
    store = outbox.queue_all

    def fails_for_the_first(connection: Any, letters: Any) -> Any:
        if any(letter.ticket == 1 for letter, _ in letters):
            raise ValueError("a letter without recipients")
        return store(connection, letters)

    monkeypatch.setattr(outbox, "queue_all", fails_for_the_first)
    rung = ring(desk.shop)
    monkeypatch.undo()
    desk.run()

    assert rung >= 2
    assert {d.due_at for d in desk.ticket(1).deadlines} >= {desk.clock() + POSTPONED_FOR}
    assert "no_card" not in desk.history(1)
    assert "no_card" in desk.history(2)


@pytest.mark.parametrize("beats", range(4))
@pytest.mark.parametrize("work", [ring, take_in])
def test_a_front_that_has_gone_is_no_fault_of_mails_or_deadlines(
    desk: Desk, work: Callable[[Workshop], int], beats: int
) -> None:
    """The worker that nobody hears ends; a deadline that it put off, or told PIC of, would be late for nothing."""
    desk.anne.asks("First", "Where is it?")
    desk.anne.asks("Second", "And the invoice?")
    desk.clock.move(timedelta(hours=25))
    rows = [question(desk, f"late {number}") for number in range(4)] if work is take_in else []
    before = [desk.ticket(number) for number in (1, 2)]
    left = beats

    def unheard(_spool_id: int | None) -> None:
        nonlocal left
        if not left:
            raise BrokenPipeError
        left -= 1

    desk.shop.beat = unheard
    with pytest.raises(BrokenPipeError):
        work(desk.shop)

    assert [desk.ticket(number) for number in (1, 2)] == before
    with desk.shop.desk.read() as connection:
        assert [handled.load(connection, row) for row in rows] == [None] * len(rows)


def test_one_deadline_that_raises_does_not_hold_back_another_kind(desk: Desk) -> None:
    desk.anne.asks("First", "Where is it?")
    desk.anne.asks("Second", "And the invoice?")
    holder = desk.bart if desk.ticket(1).operator == desk.bart.address else desk.cate
    holder.answers("It is under way.")
    torn(desk, "reminder")
    desk.passes(hours=25)

    assert "nudged" in desk.history(1)
    assert "reminded" not in desk.history(2)


def test_a_refusal_that_cannot_be_told_is_booked_all_the_same(desk: Desk) -> None:
    """Or the sender would report it for ever and send nothing else."""
    torn(desk, "undelivered")
    desk.fails[desk.anne.address] = Refused("550 5.1.1 no such user")
    desk.anne.asks("It", "Where is it?")

    with desk.shop.desk.read() as connection:
        states = {letter.letter: letter.state for letter in outbox.listing(connection)}
    assert states["acknowledgement"] == "failed"
    assert states["assignment"] == "sent"


def test_a_decision_on_a_ticket_that_has_changed_is_refused_whole(desk: Desk) -> None:
    """StaleTicket cannot pass in silence: no letter, no journal line, no deadline of it stays (F8)."""
    old = desk.anne.asks("It", "Where is it?")
    shop, now = desk.shop, desk.clock()
    desk.anne.replies("Hello?", "acknowledgement")
    before = (desk.history(), len(desk.entries()), desk.ticket())
    deadline = next(d for d in old.deadlines if d.kind is DeadlineKind.FIRST_RESPONSE)

    with shop.desk.read() as connection:
        event = with_standing(shop, connection, DeadlinePassed(deadline=deadline), old, now)
    decision = decide(old, event, shop.policy, now)

    with pytest.raises(StaleTicket), shop.desk.write() as connection:
        apply(shop, connection, old, decision, now)

    assert (desk.history(), len(desk.entries()), desk.ticket()) == before
    assert desk.letters("breach") == []
    desk.clock.move(timedelta(minutes=1))
    desk.run()
    assert desk.letters("breach") == []
