"""How many connections a mail server takes from us at once, as far as it has said."""

from __future__ import annotations

import asyncio

CROWDED_SECONDS = 300.0
"""For so long no more are asked for than it had when it took no more."""


class Places:
    """Without a limit until the server has named one by refusing; whoever finds no place waits for one."""

    def __init__(self) -> None:
        self._taken = 0
        self._most, self._until = 0, 0.0
        self._left = asyncio.Event()

    @property
    def are_shared(self) -> bool:
        """Has anybody else one?"""
        return self._taken > 1

    async def enter(self) -> None:
        while self._are_full():
            self._left.clear()
            await self._left.wait()
        self._taken += 1

    def leave(self) -> None:
        self._taken -= 1
        self._left.set()

    def refused(self, *, free: int) -> None:
        """Leave a place that the server does not have: it takes no more than the others, and those that are `free`."""
        self._taken -= 1
        self._most, self._until = self._taken + free, _now() + CROWDED_SECONDS

    def _are_full(self) -> bool:
        return _now() < self._until and self._taken >= self._most


def _now() -> float:
    return asyncio.get_running_loop().time()
