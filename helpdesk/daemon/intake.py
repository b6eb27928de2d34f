"""Gives the desk worker a batch whenever mail waits; what was interrupted is asked for again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from helpdesk.daemon.link import OrderFailed, WorkerLink, WorkerLost

BATCH = 50
_RETRY_SECONDS = 1.0

_log = structlog.get_logger()


class Intake:
    """`taken` hears for every inbox row how many seconds it took."""

    def __init__(self, link: WorkerLink, taken: Callable[[float], None]) -> None:
        self._link = link
        self._taken = taken
        self._mail = asyncio.Event()

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
                rows = BATCH
            if rows:
                self._mail.set()

    async def _batch(self) -> int:
        began = time.monotonic()
        rows: int = await self._link.ask("intake", limit=BATCH)
        for _ in range(rows):
            self._taken((time.monotonic() - began) / rows)
        return rows
