"""The desk worker as the sender sees it: letters are claimed, and what became of them is settled.

Results that come while the worker is busy are settled together, in one transaction (group commit).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from helpdesk.daemon import pipe
from helpdesk.daemon.link import WorkerLink
from helpdesk.model.outcome import Outcome, QueuedLetter
from helpdesk.store.marks import Unsettled

_Result = tuple[Unsettled, "asyncio.Future[None]"]


class DeskOffice:
    """`flow.send.Office` over the pipe to the worker."""

    def __init__(self, link: WorkerLink) -> None:
        self._link = link
        self._results: list[_Result] = []
        self._settling: asyncio.Task[None] | None = None

    async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
        letters = await self._link.ask("claim", limit=limit, in_hand=sorted(in_hand))
        return [pipe.to_letter(letter) for letter in letters]

    async def take_over(self) -> None:
        await self._link.ask("free_letters")

    async def settle(self, letter_id: int, outcomes: Mapping[str, Outcome], node: str) -> None:
        """Return when it is committed. Raises WorkerLost or OrderFailed, as for every result of its group."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._results.append((Unsettled(letter_id, node, outcomes), done))
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle_all(), name="settle")
        await done

    async def _settle_all(self) -> None:
        while self._results:
            group, self._results = self._results, []
            letters = [pipe.from_result(result) for result, _ in group]
            error: Exception | None = None
            try:
                await self._link.ask("settle", letters=letters)
            except Exception as trouble:  # noqa: BLE001 - it belongs to those who wait for the result
                error = trouble
            for _, done in group:
                if not done.done():
                    done.set_exception(error) if error else done.set_result(None)
