"""The sending way: leases, marks, settling, crashes and a smarthost that is down (P3-P5, R67-R70, F11)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from send_world import ANNE, BART, CATE, World, a_world, until
from sqlalchemy import Connection
from structlog.testing import capture_logs

from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater
from helpdesk.store import marks as rows
from helpdesk.store.session import Database
from helpdesk.testing.letter_box import LetterBox
from helpdesk.testing.outbox_office import OutboxOffice

NOBODY = "nobody"
"""To whom all marks are somebody else's."""

DOWN = TryLater("421 4.3.2 closing", host_down=True)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as world:
        yield world


def marks_left(world: World) -> int:
    with world.spool.read() as connection:
        return len(rows.unsettled(connection, NOBODY)) + len(rows.dots(connection, NOBODY))


def mark(spool: Connection, number: int, outcomes: Mapping[str, Outcome | None]) -> None:
    rows.write(spool, [], [rows.Mark(number, outcomes)], datetime(2026, 3, 2, tzinfo=UTC), "an earlier node")


def test_letters_go_out_and_leave_no_mark(world: World) -> None:
    for number in range(3):
        world.queue(ANNE, number=number)

    assert asyncio.run(world.sender.run_once()) == 3
    assert [one.subject for one in world.box.mails_to(ANNE)] == ["letter 0", "letter 1", "letter 2"]
    assert world.states() == ["sent"] * 3
    assert marks_left(world) == 0
    assert len(world.times) == 3


def test_a_letter_refused_by_one_recipient_is_not_sent_again_to_the_other(world: World) -> None:
    """R69, P5."""
    world.box.will({BART: TryLater("450 4.2.1 busy")}, {BART: Refused("550 5.1.1 gone")})
    world.queue(ANNE, BART)

    asyncio.run(world.sender.run_once())
    world.pass_time(minutes=6)
    asyncio.run(world.sender.run_once())

    assert [letter.recipients for letter in world.box.attempts] == [(ANNE, BART), (BART,)]
    assert len(world.box.mails_to(ANNE)) == 1
    assert [(lost.recipient, lost.gave_up) for lost in world.office.lost] == [(BART, False)]
    assert world.states() == ["failed"]


def test_every_attempt_sends_the_same_bytes(world: World) -> None:
    """P3."""
    world.box.will(TryLater("451 4.3.0 later"))
    world.queue()

    asyncio.run(world.sender.run_once())
    world.pass_time(minutes=6)
    asyncio.run(world.sender.run_once())

    assert len({letter.raw for letter in world.box.attempts}) == 1
    assert len(world.box.attempts) == 2


def test_a_result_that_the_desk_could_not_take_is_settled_later_and_the_letter_not_sent_again(
    world: World,
) -> None:
    """P4: also when the lease runs out meanwhile."""
    world.queue()

    async def play() -> None:
        world.box = world.sender._attempts._transport = GoesAwayInTheMiddle(world)
        await world.sender.run_once()
        world.pass_time(hours=1)
        await world.sender.run_once()
        world.office.away = False
        world.pass_time(hours=1)
        await world.sender.run_once()

    asyncio.run(play())

    assert len(world.box.attempts) == 1
    assert world.states() == ["sent"]
    assert marks_left(world) == 0


class GoesAwayInTheMiddle(LetterBox):
    """The desk worker dies while the letter is being delivered."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        self._world.office.away = True
        return await super().deliver(letter, before_dot)


def test_a_result_stored_before_a_crash_is_settled_at_the_next_start(world: World) -> None:
    """P4: the crash fell between result and settling."""
    number = world.queue()
    with world.spool.write() as connection:
        mark(connection, number, {ANNE: Accepted("250 ok")})

    asyncio.run(world.sender.run_once())

    assert world.box.attempts == []
    assert world.states() == ["sent"]
    assert marks_left(world) == 0


def test_a_letter_whose_claim_was_not_heard_is_claimed_again(world: World) -> None:
    """The connection died between the claim's commit and its answer."""

    class DeafOffice(OutboxOffice):
        deaf = True

        async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
            letters = await super().claim(limit, in_hand)
            deaf, self.deaf = self.deaf, False
            if deaf:
                raise ConnectionError("the answer was lost")
            return letters

    world.office = DeafOffice(world.desk, lambda: world.now)
    world.start_again()
    world.queue()

    asyncio.run(world.sender.run_once())
    world.pass_time(seconds=30)
    asyncio.run(world.sender.run_once())

    assert len(world.box.mails_to(ANNE)) == 1
    assert world.states() == ["sent"]


def test_a_dot_without_a_result_is_logged_and_the_letter_is_tried_again(world: World) -> None:
    """P4: the one state in which a crash may cost a duplicate."""
    number = world.queue()
    with world.spool.write() as connection:
        mark(connection, number, {ANNE: None})

    with capture_logs() as log:
        asyncio.run(world.sender.run_once())

    assert [line["letter_id"] for line in log if line["action"] == "letter_ambiguous"] == [number]
    assert len(world.box.mails_to(ANNE)) == 1
    assert marks_left(world) == 0


def test_the_dot_is_marked_before_the_letter_can_be_taken_and_the_result_after(world: World) -> None:
    """F11: the order of the writes is the promise."""
    seen: list[tuple[str, int, int]] = []

    class Watching(LetterBox):
        async def deliver(
            self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
        ) -> Mapping[str, Outcome]:
            seen.append(("before", *counted()))
            await before_dot()
            seen.append(("in the dot", *counted()))
            return {ANNE: Accepted("250 ok")}

    def counted() -> tuple[int, int]:
        with world.spool.read() as connection:
            return len(rows.dots(connection, NOBODY)), len(rows.unsettled(connection, NOBODY))

    world.box = Watching()
    world.start_again()
    world.queue()
    asyncio.run(world.sender.run_once())

    assert seen == [("before", 0, 0), ("in the dot", 1, 0)]


def test_while_the_host_is_down_waiting_letters_lose_no_attempt(world: World) -> None:
    """R70: growing pauses, then one letter alone tries."""
    world.box.will(DOWN, DOWN, DOWN, DOWN, DOWN)
    for number in range(6):
        world.queue(number=number)

    async def play() -> list[int]:
        tried = []
        for seconds in (0, 1, 5, 5, 6, 300):
            world.pass_time(seconds=seconds)
            tried.append(await world.sender.run_once())
        return tried

    tried = asyncio.run(play())

    # four at once find it down; 1 s later nothing; after 5 s one alone; 5 s are too few for the next; 11 s do
    assert tried == [4, 0, 1, 0, 1, 4]
    assert [letter.attempts for letter in world.box.attempts[:6]] == [1] * 6


def test_a_letter_that_is_only_later_does_not_hold_up_the_others(world: World) -> None:
    world.box.will(TryLater("451 4.7.1 greylisted"))
    for number in range(6):
        world.queue(number=number)

    async def play() -> int:
        return await world.sender.run_once() + await world.sender.run_once()

    assert asyncio.run(play()) == 6
    assert len(world.box.posted) == 5


@pytest.mark.parametrize("trouble", [RuntimeError("secret"), TimeoutError(), OSError("disk")])
def test_a_transport_that_breaks_costs_an_attempt_not_the_sender(world: World, trouble: Exception) -> None:
    """21: the rim of the loop; T24: no text of the error is logged."""
    world.box.will(trouble)
    world.queue(number=1)

    with capture_logs() as log:
        asyncio.run(world.sender.run_once())
        world.pass_time(minutes=6)
        asyncio.run(world.sender.run_once())

    assert world.states() == ["sent"]
    assert "secret" not in str(log)


def test_a_letter_that_our_own_full_disk_held_back_goes_seconds_after_there_is_room(world: World) -> None:
    """5.2: no mark, no dot; neither the letter nor the server is to blame, so neither has to wait for minutes."""
    no_room = [True]

    def commit() -> None:
        if no_room[0]:
            raise OSError("no space left on device")

    world.spool = Database(str(world.spool.url), before_commit=commit)
    world.start_again()
    world.queue(ANNE, BART)
    asyncio.run(world.sender.run_once())
    assert world.box.posted == []

    no_room[0] = False
    world.pass_time(seconds=2)
    asyncio.run(world.sender.run_once())
    world.pass_time(seconds=6)
    asyncio.run(world.sender.run_once())

    assert world.states() == ["sent"]
    assert len(world.box.posted) == 1


def test_a_recipient_that_the_transport_forgot_is_tried_again(world: World) -> None:
    class Forgetful(LetterBox):
        async def deliver(
            self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
        ) -> Mapping[str, Outcome]:
            return {ANNE: Accepted("250 ok")}

    world.box = Forgetful()
    world.start_again()
    world.queue(ANNE, BART)
    asyncio.run(world.sender.run_once())

    assert world.states() == ["queued"]
    assert isinstance(world.office.settled[0][1][BART], TryLater)


def test_a_desk_that_is_away_stops_the_claims_and_nothing_else(world: World) -> None:
    world.queue()
    world.office.away = True

    async def play() -> list[int]:
        first = await world.sender.run_once()
        world.office.away = False
        world.pass_time(seconds=2)
        return [first, await world.sender.run_once()]

    assert asyncio.run(play()) == [0, 1]


def test_a_spool_that_cannot_be_written_sends_nothing(world: World) -> None:
    """P4: no mark, no dot."""

    class Unwilling(type(world.marks)):  # type: ignore[misc]
        async def dot(self, letter_id: int, recipients: object) -> None:
            raise OSError("no space left")

    world.sender._attempts._marks = Unwilling(world.spool, lambda: world.now, world.office.node)
    world.queue()
    asyncio.run(world.sender.run_once())

    assert world.box.posted == []
    assert world.states() == ["queued"]


def test_one_line_is_logged_per_letter_and_no_address_in_it(world: World) -> None:
    """25, T24."""
    world.box.will(
        Refused("550 5.1.1 <anne@customer.example>: no such user"), TryLater("450 bart@staff.example busy")
    )
    for number in range(3):
        world.queue(number=number)

    with capture_logs() as log:
        asyncio.run(world.sender.run_once())

    assert [line["action"] for line in log] == ["letter_refused", "letter_later", "letter_sent"]
    assert [line["message_id"] for line in log] == ["0@desk.example", "1@desk.example", "2@desk.example"]
    assert "customer.example" not in str(log)
    assert log[0]["reasons"] == ["550 5.1.1 <(address)>: no such user"]


def test_marks_that_wait_together_share_one_commit(world: World) -> None:
    commits: list[int] = []
    world.spool._after_commit = lambda: commits.append(1)

    async def play() -> None:
        await asyncio.gather(*(world.marks.dot(number, [ANNE]) for number in range(50)))

    asyncio.run(play())

    assert len(commits) <= 2
    with world.spool.read() as connection:
        assert len(rows.dots(connection, NOBODY)) == 50


class Held(LetterBox):
    """Waits at a gate before or in the dot."""

    def __init__(self, *, in_dot: bool) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.waiting = 0
        self._in_dot = in_dot

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        if self._in_dot:
            await before_dot()
        self.waiting += 1
        await self.gate.wait()
        return await super().deliver(letter, before_dot)


def held(world: World, *, in_dot: bool) -> Held:
    world.box = Held(in_dot=in_dot)
    world.start_again()
    return world.box


async def running(world: World) -> tuple[asyncio.Task[None], asyncio.Event, asyncio.Event]:
    wake, stop = asyncio.Event(), asyncio.Event()
    return asyncio.create_task(world.sender.run(wake, stop)), wake, stop


def test_run_sends_what_is_queued_when_it_is_woken_and_closes_its_transport(world: World) -> None:
    async def play() -> None:
        task, wake, stop = await running(world)
        for number in range(9):
            world.queue(number=number)
            wake.set()
        await until(lambda: len(world.box.posted) == 9)
        stop.set()
        await task

    asyncio.run(play())

    assert world.states() == ["sent"] * 9
    assert world.box.closed


def test_a_slow_letter_holds_up_only_its_own_hand(world: World) -> None:
    async def play() -> int:
        box = held(world, in_dot=True)
        task, wake, stop = await running(world)
        for number in range(9):
            world.queue(number=number)
        wake.set()
        await until(lambda: box.waiting == 4)
        most = box.waiting
        box.gate.set()
        await until(lambda: len(box.posted) == 9)
        stop.set()
        await task
        return most

    assert asyncio.run(play()) == 4
    assert len(world.box.attempts) == 9


def test_stop_waits_for_the_dot_in_flight_and_stores_its_result(world: World) -> None:
    """5.12."""

    async def play() -> None:
        box = held(world, in_dot=True)
        world.queue()
        task, _, stop = await running(world)
        await until(lambda: box.waiting == 1)
        stop.set()
        await asyncio.sleep(0)
        box.gate.set()
        await task

    asyncio.run(play())

    assert world.states() == ["sent"]
    assert marks_left(world) == 0


@pytest.mark.parametrize("in_dot", [False, True])
def test_what_does_not_end_by_a_stop_is_tried_at_once_by_the_next_start(world: World, in_dot: bool) -> None:
    """It is not the host's fault: no pause. Whether it was in its dot then, the mark says (P4)."""

    async def play() -> None:
        box = held(world, in_dot=in_dot)
        world.queue()
        task, _, stop = await running(world)
        await until(lambda: box.waiting == 1)
        stop.set()
        await task

    asyncio.run(play())
    assert world.office.settled == []
    assert world.states() == ["queued"]

    world.box = LetterBox()
    world.start_again()
    with capture_logs() as log:
        asyncio.run(world.sender.run_once())

    assert len(world.box.mails_to(ANNE)) == 1
    assert world.states() == ["sent"]
    assert bool([line for line in log if line["action"] == "letter_ambiguous"]) == in_dot


def test_a_cancelled_sender_leaves_the_mark_of_its_dot(world: World) -> None:
    """P4: as after kill -9."""

    async def play() -> None:
        box = held(world, in_dot=True)
        world.queue()
        task, _, _ = await running(world)
        await until(lambda: box.waiting == 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())
    with world.spool.read() as connection:
        dots = rows.dots(connection, NOBODY)

    assert list(dots.values()) == [(ANNE,)]
    assert world.box.closed


def test_a_letter_still_in_our_hands_is_not_begun_twice_when_its_lease_runs_out(world: World) -> None:
    """P4."""

    async def play() -> None:
        box = held(world, in_dot=True)
        world.queue()
        task, wake, stop = await running(world)
        await until(lambda: box.waiting == 1)
        claims = len(world.office.claims)
        world.pass_time(hours=1)
        wake.set()
        await until(lambda: len(world.office.claims) > claims + 1)
        box.gate.set()
        await until(lambda: world.states() == ["sent"])
        stop.set()
        await task

    asyncio.run(play())

    assert len(world.box.mails_to(ANNE)) == 1
    assert world.box.waiting == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_power_cut_at_every_commit_loses_nothing_and_doubles_only_in_the_dot(
    tmp_path: Path, when: str
) -> None:
    """43, P2, P4: cut at the n-th commit of either database, start again, compare the end; count the cuts."""
    cuts = 0
    while play_with_a_cut(tmp_path / str(cuts), when, cuts + 1):
        cuts += 1

    assert cuts >= 5  # claim, dots, results, settled, cleared


def play_with_a_cut(folder: Path, when: str, at: int) -> bool:
    """Two letters; the power goes at commit number `at`. Whether it went before all was done."""
    folder.mkdir()
    with a_world(folder) as world:
        for number in range(2):
            world.queue(ANNE, CATE, number=number)
        cut = Cut(at)
        for database in (world.spool, world.desk):
            setattr(database, f"_{when}_commit", cut)
        with contextlib.suppress(PowerCut):
            asyncio.run(world.sender.run_once())
        happened, cut.over = cut.left <= 0, True
        with world.spool.read() as connection:
            ambiguous = len(rows.dots(connection, NOBODY))
        world.start_again()
        for _ in range(3):
            world.pass_time(hours=1)
            asyncio.run(world.sender.run_once())

        assert world.states() == ["sent"] * 2
        assert marks_left(world) == 0
        for who in (ANNE, CATE):
            assert 2 <= len(world.box.mails_to(who)) <= 2 + ambiguous
        assert happened or len(world.box.posted) == 2
    return happened


class PowerCut(BaseException):
    pass


class Cut:
    def __init__(self, at: int) -> None:
        self.left = at
        self.over = False

    def __call__(self) -> None:
        if not self.over:
            self.left -= 1
            if self.left <= 0:
                raise PowerCut
