"""Waiting for what must come true, and giving up in words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

PATIENCE = 20.0
LOOK_EVERY = 0.03


class StoryBroke(Exception):
    """Something that should have happened did not; the message says what, in words."""


async def until(
    condition: Callable[[], bool | Awaitable[bool]], otherwise: str, patience: float = PATIENCE
) -> None:
    """Wait for a condition; raises StoryBroke(otherwise) when it does not come true in time."""
    end = time.monotonic() + patience
    while True:
        truth = condition()
        if await truth if isinstance(truth, Awaitable) else truth:
            return
        if time.monotonic() > end:
            raise StoryBroke(otherwise)
        await asyncio.sleep(LOOK_EVERY)
