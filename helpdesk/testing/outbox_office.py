"""The desk as the sender sees it, straight on a real helpdesk.db: for tests without a worker process.

Set `away` and it fails like a worker that is being restarted; `settled` remembers what it was told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from helpdesk.model.outcome import Outcome, QueuedLetter
from helpdesk.store import outbox
from helpdesk.store.marks import Unsettled
from helpdesk.store.session import Database


class OutboxOffice:
    """An Office for `node`. `lost` collects the recipients who ended without their letter."""

    def __init__(
        self,
        desk: Database,
        now: Callable[[], datetime],
        *,
        lease: timedelta = timedelta(minutes=30),
        retry_for: timedelta = timedelta(days=5),
    ) -> None:
        self.away = False
        self.node = "node 1"
        self.claims: list[int] = []
        self.settled: list[tuple[int, Mapping[str, Outcome]]] = []
        self.lost: list[outbox.Settled] = []
        self._desk, self._now = desk, now
        self._lease, self._retry_for = lease, retry_for

    async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
        self._must_be_here()
        self.claims.append(limit)
        return await asyncio.to_thread(self._claim, limit, in_hand)

    async def take_over(self) -> None:
        self._must_be_here()
        await asyncio.to_thread(self._free)

    async def settle(self, attempts: Sequence[Unsettled]) -> None:
        self._must_be_here()
        self.lost += await asyncio.to_thread(self._settle, attempts)
        self.settled += [(attempt.letter_id, attempt.outcomes) for attempt in attempts]

    def _must_be_here(self) -> None:
        if self.away:
            raise ConnectionError("the desk worker is away")

    def _claim(self, limit: int, in_hand: Collection[int]) -> list[QueuedLetter]:
        with self._desk.write() as connection:
            outbox.end_leases(connection, self.node, in_hand)
            return outbox.claim(connection, limit, self._now(), self._lease, self.node)

    def _free(self) -> None:
        with self._desk.write() as connection:
            outbox.free(connection, self.node)

    def _settle(self, attempts: Sequence[Unsettled]) -> list[outbox.Settled]:
        with self._desk.write() as connection:
            return outbox.settle(
                connection, attempts, self._now(), retry_for=self._retry_for, chance=lambda: 0.0
            )
