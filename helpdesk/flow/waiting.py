"""Waiting: a pause that grows with every trouble, and waiting for whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any


class Pause:
    """A pause that doubles with each trouble in a row, with a little chance added (R68)."""

    def __init__(
        self, first: float, longest: float, clock: Callable[[], float], chance: Callable[[], float]
    ) -> None:
        self._first, self._longest = first, longest
        self._clock, self._chance = clock, chance
        self._troubles = 0
        self._until = 0.0

    def trouble(self) -> None:
        """Further troubles inside a pause belong to the same one."""
        if self.left() > 0:
            return
        length = min(self._first * 2**self._troubles, self._longest)
        self._troubles += 1
        self._until = self._clock() + length * (1 + 0.1 * self._chance())

    def over(self) -> None:
        self._troubles, self._until = 0, 0.0

    def left(self) -> float:
        return max(0.0, self._until - self._clock()) if self._troubles else 0.0

    @property
    def doubtful(self) -> bool:
        return self._troubles > 0


async def first_of(
    waits: Sequence[Coroutine[Any, Any, object]], tasks: Iterable[asyncio.Future[Any]], seconds: float
) -> None:
    """Until the first of them is done, or `seconds`; `tasks` go on, `waits` are given up."""
    own = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait([*own, *tasks], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in own:
            task.cancel()
        await asyncio.gather(*own, return_exceptions=True)
