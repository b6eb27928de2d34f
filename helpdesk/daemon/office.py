"""The desk worker as the sender sees it: letters are claimed, and what became of them is settled."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from helpdesk.daemon import pipe
from helpdesk.daemon.link import WorkerLink
from helpdesk.model.outcome import QueuedLetter
from helpdesk.store.marks import Unsettled


class DeskOffice:
    """`flow.send.Office` over the pipe to the worker. All calls may raise WorkerLost or OrderFailed."""

    def __init__(self, link: WorkerLink) -> None:
        self._link = link

    async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
        letters = await self._link.ask("claim", limit=limit, in_hand=sorted(in_hand))
        return [pipe.to_letter(letter) for letter in letters]

    async def settle(self, attempts: Sequence[Unsettled]) -> None:
        """Return when it is committed."""
        await self._link.ask("settle", letters=[pipe.from_result(attempt) for attempt in attempts])

    async def take_over(self) -> None:
        await self._link.ask("free_letters")
