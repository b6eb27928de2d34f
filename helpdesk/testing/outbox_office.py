"""The desk as the sender sees it, straight on a real helpdesk.db: for tests without a worker process.

Set `away` and it fails like a worker that is being restarted; `settled` remembers what it was told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from helpdesk.model.outcome import Outcome, QueuedLetter
from helpdesk.store import outbox
from helpdesk.store.session import Database


class OutboxOffice:
    """An Office. `lost` collects the recipients who ended without their letter."""

    def __init__(
        self,
        desk: Database,
        now: Callable[[], datetime],
        *,
        lease: timedelta = timedelta(minutes=30),
        retry_for: timedelta = timedelta(days=5),
    ) -> None:
        self.away = False
        self.claims: list[int] = []
        self.settled: list[tuple[int, Mapping[str, Outcome]]] = []
        self.lost: list[outbox.Settled] = []
        self._desk, self._now = desk, now
        self._lease, self._retry_for = lease, retry_for

    async def claim(self, limit: int) -> Sequence[QueuedLetter]:
        self._must_be_here()
        self.claims.append(limit)
        return await asyncio.to_thread(self._claim, limit)

    async def settle(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        self._must_be_here()
        self.lost += await asyncio.to_thread(self._settle, letter_id, outcomes)
        self.settled.append((letter_id, outcomes))

    def _must_be_here(self) -> None:
        if self.away:
            raise ConnectionError("the desk worker is away")

    def _claim(self, limit: int) -> list[QueuedLetter]:
        with self._desk.write() as connection:
            return outbox.claim(connection, limit, self._now(), self._lease, "test")

    def _settle(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> list[outbox.Settled]:
        with self._desk.write() as connection:
            return outbox.settle(
                connection, letter_id, outcomes, self._now(), retry_for=self._retry_for, chance=0.0
            )
