"""Letters too big for the pipe: the front reads their bytes itself, and hands over one of them at a time (T13).

A letter with an attachment of 20 MB is 30 MB, and several times that while it goes out. The others do not wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from helpdesk.flow.attempt import Transport
from helpdesk.model.outcome import Outcome, QueuedLetter
from helpdesk.store import outbox
from helpdesk.store.session import Database

IN_PIPE = 1024 * 1024
"""The worker sends the bytes of letters up to this size along with them."""


class BigLetters:
    """A transport before another one. A letter that comes without its bytes gets them from the desk."""

    def __init__(self, transport: Transport, desk: Database) -> None:
        self._transport, self._desk = transport, desk
        self._turn = asyncio.Lock()

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        if letter.raw:
            return await self._transport.deliver(letter, before_dot)
        async with self._turn:
            whole = replace(letter, raw=await asyncio.to_thread(self._fetch, letter.id))
            return await self._transport.deliver(whole, before_dot)

    async def close(self) -> None:
        await self._transport.close()

    def _fetch(self, letter_id: int) -> bytes:
        with self._desk.read() as connection:
            return outbox.fetch_raw(connection, letter_id)
