"""Connections kept open between letters, each used by one letter at a time, closed when idle.

Promises: a connection is given out again only after a RSET that succeeded, so that a letter never meets
the rest of another one's conversation.
"""

from __future__ import annotations

import asyncio

from helpdesk.deliver.connection import Connection, DroppedError
from helpdesk.deliver.settings import SmtpSettings


class Pool:
    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._idle: dict[Connection, asyncio.TimerHandle] = {}
        self._farewells: set[asyncio.Task[None]] = set()

    async def take(self) -> Connection:
        """An open connection, a used one if it still answers; raises ConnectError."""
        while self._idle:
            connection, timer = self._idle.popitem()
            timer.cancel()
            if await _answers(connection):
                return connection
        return await Connection.open(self._settings)

    def give_back(self, connection: Connection) -> None:
        if not connection.is_open:
            return
        loop = asyncio.get_running_loop()
        self._idle[connection] = loop.call_later(self._settings.idle, self._say_goodbye, connection)

    async def close(self) -> None:
        for connection in list(self._idle):
            self._say_goodbye(connection)
        await asyncio.gather(*self._farewells)

    def _say_goodbye(self, connection: Connection) -> None:
        self._idle.pop(connection).cancel()
        farewell = asyncio.get_running_loop().create_task(connection.quit())
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)


async def _answers(connection: Connection) -> bool:
    if not connection.is_open:
        return False
    try:
        reply = await connection.command(b"RSET")
    except DroppedError:
        return False
    if reply.code != 250:
        connection.abort()
    return reply.code == 250
