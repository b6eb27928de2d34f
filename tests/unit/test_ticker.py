"""The alarm clock: rings what asked for it, never twice at a time, and survives clock jumps (way 3, F10)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from helpdesk.timers.ticker import Ticker

SOON = 10.0
SECOND = timedelta(seconds=1)


def real_clock() -> datetime:
    return datetime.now(UTC)


class LeapingClock:
    """Runs with the computer's clock until it is told to leap."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Bell:
    """Counts its rings; `hold` keeps a ring going until `let_go` is set."""

    def __init__(self, *, hold: bool = False) -> None:
        self.rings = 0
        self.running = 0
        self.most_running = 0
        self.let_go = asyncio.Event()
        if not hold:
            self.let_go.set()

    async def __call__(self) -> None:
        self.rings += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await self.let_go.wait()
        self.running -= 1


@asynccontextmanager
async def running(ticker: Ticker) -> AsyncIterator[Ticker]:
    ticker.start()
    try:
        yield ticker
    finally:
        ticker.stop()
        await ticker.finished()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not condition():
            await asyncio.sleep(0.005)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await scenario()

    asyncio.run(main())


def test_a_repeated_call_rings_again_and_again() -> None:
    async def scenario() -> None:
        bell = Bell()
        async with running(Ticker(real_clock)) as ticker:
            ticker.every("poll", 0.02, bell)
            await until(lambda: bell.rings >= 3)

        assert bell.most_running == 1

    run(scenario)


def test_calls_set_before_the_start_ring_after_it() -> None:
    async def scenario() -> None:
        repeated, once = Bell(), Bell()
        ticker = Ticker(real_clock)
        ticker.every("poll", 0.02, repeated)
        ticker.at("ring", real_clock() - SECOND, once)
        async with running(ticker):
            await until(lambda: repeated.rings >= 1 and once.rings == 1)

    run(scenario)


def test_a_plain_function_runs_in_the_loop() -> None:
    """So that a call may set an asyncio event."""

    async def scenario() -> None:
        woken = asyncio.Event()
        async with running(Ticker(real_clock)) as ticker:
            ticker.at("ring", real_clock(), woken.set)
            await asyncio.wait_for(woken.wait(), SOON)

    run(scenario)


def test_an_alarm_long_past_rings_at_once_and_only_once() -> None:
    """F10: APScheduler's default drops a one-shot that is more than a second late."""

    async def scenario() -> None:
        bell, other = Bell(), Bell()
        async with running(Ticker(real_clock)) as ticker:
            ticker.at("ring", real_clock() - timedelta(days=400), bell)
            ticker.every("other", 0.02, other)
            await until(lambda: bell.rings == 1 and other.rings >= 3)

        assert bell.rings == 1

    run(scenario)


def test_a_moved_alarm_rings_at_the_new_time_alone() -> None:
    async def scenario() -> None:
        bell, other = Bell(), Bell()
        async with running(Ticker(real_clock)) as ticker:
            ticker.at("ring", real_clock() + timedelta(hours=1), bell)
            ticker.at("ring", real_clock() + timedelta(milliseconds=30), bell)
            await until(lambda: bell.rings == 1)
            ticker.every("other", 0.02, other)
            await until(lambda: other.rings >= 3)

        assert bell.rings == 1

    run(scenario)


def test_a_cancelled_alarm_does_not_ring() -> None:
    async def scenario() -> None:
        bell, other = Bell(), Bell()
        async with running(Ticker(real_clock)) as ticker:
            ticker.at("ring", real_clock() + timedelta(milliseconds=20), bell)
            ticker.at("ring", None, bell)
            ticker.at("other", real_clock() + timedelta(milliseconds=60), other)
            await until(lambda: other.rings == 1)

        assert bell.rings == 0

    run(scenario)


def test_a_slow_call_never_runs_beside_itself() -> None:
    async def scenario() -> None:
        slow, quick = Bell(hold=True), Bell()
        async with running(Ticker(real_clock)) as ticker:
            ticker.every("slow", 0.01, slow)
            ticker.every("quick", 0.01, quick)
            await until(lambda: slow.rings == 1 and quick.rings >= 5)
            rings_meanwhile = slow.rings
            slow.let_go.set()
            await until(lambda: slow.rings >= 2)

        assert rings_meanwhile == 1
        assert slow.most_running == 1

    run(scenario)


def test_an_alarm_that_falls_due_during_its_own_run_is_not_lost() -> None:
    """The way `ring` sets its next alarm while it works; APScheduler alone would drop it."""

    async def scenario() -> None:
        bell = Bell(hold=True)
        async with running(Ticker(real_clock)) as ticker:
            ticker.at("ring", real_clock(), bell)
            await until(lambda: bell.rings == 1)
            ticker.at("ring", real_clock(), bell)
            ticker.at("ring", real_clock(), bell)
            other = Bell()
            ticker.at("other", real_clock() + timedelta(milliseconds=30), other)
            await until(lambda: other.rings == 1)
            bell.let_go.set()
            await until(lambda: bell.rings == 2)

        assert bell.most_running == 1

    run(scenario)


def test_an_alarm_may_set_itself_anew() -> None:
    async def scenario() -> None:
        rings: list[int] = []
        async with running(Ticker(real_clock)) as ticker:

            def ring() -> None:
                rings.append(1)
                if len(rings) < 5:
                    ticker.at("ring", real_clock(), ring)

            ticker.at("ring", real_clock(), ring)
            await until(lambda: len(rings) == 5)

    run(scenario)


def test_a_failing_call_is_logged_and_rung_again() -> None:
    async def scenario() -> None:
        rings: list[int] = []

        async def fail() -> None:
            rings.append(1)
            raise OSError("the disk is gone")

        with capture_logs() as logs:
            async with running(Ticker(real_clock)) as ticker:
                ticker.every("poll", 0.02, fail)
                await until(lambda: len(rings) >= 2)

        assert {"tick_failed"} == {line["action"] for line in logs}
        assert {"poll"} == {line["name"] for line in logs}

    run(scenario)


def test_when_the_clock_leaps_forward_alarms_ring_at_once() -> None:
    async def scenario() -> None:
        clock, bell = LeapingClock(), Bell()
        async with running(Ticker(clock, watch_every=0.02)) as ticker:
            ticker.at("ring", clock() + timedelta(hours=5), bell)
            clock.ahead = timedelta(hours=6)
            await until(lambda: bell.rings == 1)

    with capture_logs() as logs:
        run(scenario)

    assert [line["action"] for line in logs] == ["clock_jumped"]


def test_when_the_clock_leaps_back_repeated_calls_go_on() -> None:
    """APScheduler alone would wait until the old time comes round again."""

    async def scenario() -> None:
        clock, bell = LeapingClock(), Bell()
        async with running(Ticker(clock, watch_every=0.02)) as ticker:
            ticker.every("poll", 3600, bell)
            clock.ahead = -timedelta(hours=6)
            await until(lambda: bell.rings == 1)

    with capture_logs():
        run(scenario)


def test_nothing_rings_after_the_stop_and_running_calls_finish() -> None:
    async def scenario() -> None:
        bell = Bell(hold=True)
        ticker = Ticker(real_clock)
        ticker.start()
        ticker.every("poll", 0.01, bell)
        await until(lambda: bell.rings == 1)
        ticker.at("poll", real_clock(), bell)
        ticker.stop()
        ticker.stop()
        bell.let_go.set()
        await ticker.finished()

        assert bell.running == 0
        assert bell.rings == 1

    run(scenario)


def test_the_library_does_not_chatter() -> None:
    Ticker(real_clock)

    assert logging.getLogger("apscheduler").level == logging.WARNING
