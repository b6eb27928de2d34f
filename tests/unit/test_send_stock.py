"""Letters that are claimed ahead, and results that are settled together (P4, R70)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from send_world import ANNE, BART, World, a_world, until

from helpdesk.flow import hands, send
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, TryLater
from helpdesk.store import claiming, marks, outbox
from helpdesk.store.marks import Unsettled
from helpdesk.testing.letter_box import LetterBox
from helpdesk.testing.outbox_office import OutboxOffice

DOWN = TryLater("421 4.3.2 closing", host_down=True)
PARALLEL = 4


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as world:
        yield world


class Gated(LetterBox):
    """Each letter waits until it is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Semaphore(0)
        self.waiting: list[int] = []

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        self.waiting.append(letter.id)
        await self.gate.acquire()
        return await super().deliver(letter, before_dot)

    def let_through(self, number: int) -> None:
        for _ in range(number):
            self.gate.release()


def queue(world: World, letters: int) -> None:
    for number in range(letters):
        world.queue(number=number)


def attempts(world: World) -> list[int]:
    with world.desk.read() as connection:
        return [letter.attempts for letter in outbox.listing(connection)]


class Running:
    """A sender that runs with a gated letter box and a stock."""

    def __init__(self, world: World, letters: int) -> None:
        self.world, self.letters = world, letters
        self.wake, self.stop = asyncio.Event(), asyncio.Event()

    async def __aenter__(self) -> Gated:
        world = self.world
        world.box = Gated()
        world.start_again()
        queue(world, self.letters)
        world.sender._idle, world.sender._stop_within = (
            60.0,
            10.0,
        )  # nothing happens but what is asked for here
        self.task = asyncio.create_task(world.sender.run(self.wake, self.stop))
        await until(lambda: len(world.box.waiting) == PARALLEL)
        world.box.let_through(PARALLEL)
        await until(
            lambda: len(world.box.waiting) == 2 * PARALLEL and attempts(world).count(1) > 2 * PARALLEL
        )
        return world.box

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        self.world.box.let_through(self.letters)
        await self.task


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results wait for each other until a hand would have nothing to do: not the clock decides who shares what."""
    monkeypatch.setattr(send, "GATHER_SECONDS", 60.0)


@pytest.mark.usefixtures("patient")
def test_letters_are_claimed_ahead_while_many_wait(world: World) -> None:
    async def play() -> None:
        async with Running(world, 60) as box:
            box.let_through(60)
            await until(lambda: world.states() == ["sent"] * 60)

    asyncio.run(play())

    assert len(box_of(world)) == 60
    assert max(world.office.claims) > PARALLEL
    assert len(world.office.claims) <= 8, "not a claim for each letter"


def box_of(world: World) -> list[str]:
    return [mail.subject for mail in world.box.mails_to(ANNE)]


@pytest.mark.usefixtures("patient")
def test_there_are_more_hands_while_letters_wait_and_are_accepted(world: World) -> None:
    world.hands = (PARALLEL, 3 * PARALLEL)

    async def play() -> None:
        async with Running(world, 60) as box:
            for ended in range(PARALLEL, 40):
                under_way = min(ended, 3 * PARALLEL)
                await until(lambda: len(box.waiting) == ended + under_way)  # noqa: B023 - waited for at once
                box.let_through(1)
            await until(lambda: len(box.waiting) == 40 + 3 * PARALLEL)
            begun = len(box.waiting)
            box.will(TryLater("451 4.3.0 later"))
            box.let_through(1)
            await until(lambda: world.sender._hands._parallel == PARALLEL)
            assert len(box.waiting) == begun, "there are more under way than hands now"

    asyncio.run(play())


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(("seconds", "under_way"), [(0.0, PARALLEL), (1.0, 3 * PARALLEL)])
def test_while_mails_come_in_only_slow_letters_get_more_hands(
    world: World, seconds: float, under_way: int
) -> None:
    world.hands, world.receives = (PARALLEL, 3 * PARALLEL), True

    async def play() -> None:
        async with Running(world, 60) as box:
            for _ in range(26):
                begun = len(box.waiting)
                world.pass_time(seconds=seconds)
                box.let_through(1)
                await until(lambda: len(box.waiting) > begun)  # noqa: B023 - waited for at once
            assert len(box.waiting) - PARALLEL - 26 == under_way
            world.receives = False

    asyncio.run(play())


@pytest.mark.parametrize("outcome", [None, Accepted("250 ok")], ids=["in its dot", "not settled"])
def test_where_a_sender_died_at_work_letters_go_one_at_a_time_for_a_while(
    world: World, outcome: Outcome | None
) -> None:
    """P4: who dies again doubles one letter, not as many as there are hands."""
    queue(world, 20)
    with world.spool.write() as connection:
        marks.write(connection, [], [marks.Mark(1, {ANNE: outcome})], world.now, "an earlier node")

    async def play() -> None:
        box = world.box = Gated()
        world.start_again()
        stop = asyncio.Event()
        task = asyncio.create_task(world.sender.run(asyncio.Event(), stop))
        for ended in range(2 * PARALLEL):
            await until(lambda: len(box.waiting) == ended + 1)  # noqa: B023 - waited for at once
            box.let_through(1)
            await until(lambda: len(box.posted) == ended + 1)  # noqa: B023 - waited for at once
        await until(lambda: len(box.waiting) == 2 * PARALLEL + 1)
        world.pass_time(seconds=hands.CAREFUL_SECONDS)
        box.let_through(1)
        await until(lambda: len(box.waiting) == 2 * PARALLEL + 1 + PARALLEL)
        stop.set()
        box.let_through(PARALLEL)
        await task

    asyncio.run(play())


@pytest.mark.usefixtures("patient")
def test_results_are_settled_in_groups(world: World) -> None:
    groups: list[int] = []

    class Counting(OutboxOffice):
        async def settle(self, attempts: Sequence[Unsettled]) -> None:
            groups.append(len(attempts))
            await super().settle(attempts)

    world.office = Counting(world.desk, lambda: world.now)

    async def play() -> None:
        async with Running(world, 60) as box:
            box.let_through(60)
            await until(lambda: world.states() == ["sent"] * 60)

    asyncio.run(play())

    assert sum(groups) == 60
    assert len(groups) <= 20


def test_what_waits_for_a_hand_goes_back_untried_when_the_server_is_down(world: World) -> None:
    """R70: no attempt is lost."""

    async def play() -> None:
        async with Running(world, 30) as box:
            box.will(*[DOWN] * PARALLEL)
            box.let_through(PARALLEL)
            await until(lambda: attempts(world).count(1) == 2 * PARALLEL)

    asyncio.run(play())

    assert world.states().count("sent") == PARALLEL
    assert sorted(attempts(world)) == [0] * (30 - 2 * PARALLEL) + [1] * 2 * PARALLEL


def test_what_comes_from_the_desk_when_the_server_is_down_already_goes_back(world: World) -> None:
    class Slow(OutboxOffice):
        may_answer = asyncio.Event()

        async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
            letters = await super().claim(limit, in_hand)
            if letters and len(self.claims) > 1:
                await self.may_answer.wait()
            return letters

    office = world.office = Slow(world.desk, lambda: world.now)

    async def play() -> None:
        box = world.box = Gated()
        world.start_again()
        queue(world, 12)
        wake, stop = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(world.sender.run(wake, stop))
        await until(lambda: attempts(world).count(1) == PARALLEL)
        box.let_through(1)
        await until(lambda: attempts(world).count(1) > PARALLEL)
        box.will(*[DOWN] * (PARALLEL - 1))
        box.let_through(PARALLEL - 1)
        await until(lambda: len(box.attempts) == PARALLEL)
        office.may_answer.set()
        await until(lambda: attempts(world).count(0) == 12 - PARALLEL)
        stop.set()
        await task

    asyncio.run(play())

    assert len(world.box.attempts) == PARALLEL


def test_what_waits_for_slow_hands_goes_back(world: World) -> None:
    """Other nodes may have a hand free. A letter now and then does not hold up that."""

    async def play() -> None:
        async with Running(world, 30) as box:
            world.pass_time(seconds=hands.STUCK_SECONDS - 1)
            box.let_through(1)
            await until(lambda: world.states().count("sent") == PARALLEL + 1)
            assert attempts(world).count(1) > 3 * PARALLEL
            world.pass_time(seconds=2)
            box.let_through(1)
            await until(lambda: attempts(world).count(1) == 2 * PARALLEL + 2)

    asyncio.run(play())


def test_what_waits_for_a_hand_goes_back_at_a_stop(world: World) -> None:
    async def play() -> None:
        async with Running(world, 30):
            pass

    asyncio.run(play())

    assert world.states().count("sent") == 2 * PARALLEL
    assert sorted(attempts(world)) == [0] * (30 - 2 * PARALLEL) + [1] * 2 * PARALLEL


def test_a_result_that_cannot_be_settled_does_not_hold_back_the_others(world: World) -> None:
    class Picky(OutboxOffice):
        async def settle(self, attempts: Sequence[Unsettled]) -> None:
            if any(BART in attempt.outcomes for attempt in attempts):
                raise ValueError("a fault of our own")
            await super().settle(attempts)

    world.office = Picky(world.desk, lambda: world.now)
    world.start_again()
    world.queue(BART, number=1)
    world.queue(ANNE, number=2)

    asyncio.run(world.sender.run_once())

    assert world.states() == ["queued", "sent"]
    assert len(world.box.posted) == 2
    asyncio.run(world.sender.run_once())
    assert len(world.box.posted) == 2, "it was handed over; only the desk does not know yet"


def test_one_answer_holds_no_more_bytes_than_the_pipe_should_carry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T13."""
    queue(world, 6)
    with world.desk.read() as connection:
        size = len(outbox.fetch_raw(connection, 1))
    monkeypatch.setattr(claiming, "MOST_BYTES", 2 * size)

    asyncio.run(world.sender.run_once())

    assert len(world.box.posted) == 2
    assert world.states().count("sent") == 2


def test_a_letter_bigger_than_all_that_may_come_at_once_comes_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(world, 2)
    monkeypatch.setattr(claiming, "MOST_BYTES", 1)

    assert asyncio.run(world.sender.run_once()) == 1
    assert world.states() == ["sent", "queued"]
