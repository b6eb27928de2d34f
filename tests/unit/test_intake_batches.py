"""A backlog of mail is read in short batches, and letters have their half of the worker's time meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from helpdesk.daemon.intake import BATCH, BATCH_SECONDS, FIRST_BATCH, Intake


class SlowWorker:
    """Takes `seconds` for each mail of a backlog; remembers when each batch began and how big it was."""

    def __init__(self, backlog: int, seconds: float) -> None:
        self.backlog, self.seconds = backlog, seconds
        self.batches: list[int] = []
        self.began: list[float] = []
        self.done = asyncio.Event()

    async def ask(self, _order: str, limit: int) -> Any:
        rows = min(limit, self.backlog)
        self.backlog -= rows
        self.batches.append(rows)
        self.began.append(time.monotonic())
        await asyncio.sleep(rows * self.seconds)
        if not self.backlog:
            self.done.set()
        return rows


async def works_off(worker: SlowWorker, *, sending: bool = False) -> list[int]:
    resting = asyncio.Event()
    if not sending:
        resting.set()
    intake = Intake(worker, lambda _seconds: None, resting)  # type: ignore[arg-type]
    working = asyncio.create_task(intake.run())
    intake.wake()
    await worker.done.wait()
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return worker.batches


def test_a_worker_that_is_fast_gets_the_biggest_batches() -> None:
    async def run() -> list[int]:
        return await works_off(SlowWorker(300, 0.0))

    batches = asyncio.run(run())

    assert batches[0] == FIRST_BATCH
    assert max(batches) == BATCH
    assert len(batches) < 300 / FIRST_BATCH
    assert sum(batches) == 300


def test_a_worker_that_is_slow_gets_what_it_can_do_in_half_a_second() -> None:
    async def run() -> list[int]:
        return await works_off(SlowWorker(30, 0.1))

    batches = asyncio.run(run())

    assert max(batches[1:]) <= BATCH_SECONDS / 0.1
    assert sum(batches) == 30


def test_while_letters_go_out_a_batch_is_followed_by_a_pause_as_long() -> None:
    async def run() -> SlowWorker:
        worker = SlowWorker(30, 0.01)
        await works_off(worker, sending=True)
        return worker

    worker = asyncio.run(run())

    assert worker.began[1] - worker.began[0] >= 2 * FIRST_BATCH * 0.01
