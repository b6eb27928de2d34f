"""Gives the desk worker a batch whenever mail waits; what was interrupted is asked for again.

After an outage thousands of mails wait. The letters that the first of them cause must not wait for the last one: a
batch is small enough to take half a second, and while letters go out half of the worker's time is theirs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from helpdesk.daemon.link import OrderFailed, WorkerLink, WorkerLost

BATCH = 50
FIRST_BATCH = 10
BATCH_SECONDS = 0.5
_RETRY_SECONDS = 1.0

_log = structlog.get_logger()


class Intake:
    """`taken` hears for every inbox row how many seconds it took; `resting` is set while no letter waits."""

    def __init__(self, link: WorkerLink, taken: Callable[[float], None], resting: asyncio.Event) -> None:
        self._link = link
        self._taken, self._resting = taken, resting
        self._mail = asyncio.Event()
        self._limit = FIRST_BATCH

    def wake(self) -> None:
        """Mail may be waiting. Called in the loop; harmless when there is none."""
        self._mail.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._mail.wait()
            self._mail.clear()
            try:
                rows = await self._batch()
            except (WorkerLost, OrderFailed) as error:
                _log.warning("intake_interrupted", action="intake_interrupted", error=str(error))
                await asyncio.sleep(_RETRY_SECONDS)
                rows = self._limit
            if rows:
                self._mail.set()

    async def _batch(self) -> int:
        began = time.monotonic()
        rows: int = await self._link.ask("intake", limit=self._limit)
        if not rows:
            return 0
        took = time.monotonic() - began
        for _ in range(rows):
            self._taken(took / rows)
        self._limit = max(1, min(BATCH, int(BATCH_SECONDS * rows / max(took, 0.001))))
        await self._give_way(took)
        return rows

    async def _give_way(self, seconds: float) -> None:
        """To the sender, who needs the worker between any two letters."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for may swallow the cancellation of a stop
                await self._resting.wait()
