"""Connections kept open between letters, each used by one letter at a time, closed when idle.

Promises: a letter never meets the rest of another one's conversation. A connection is given out again after a RSET
that succeeded; one on which a dot has just been answered needs none (RFC 5321 4.1.1.4), and is replaced if it turns
out that it has gone since.
"""

from __future__ import annotations

import asyncio

from helpdesk.deliver.connection import Connection, DroppedError
from helpdesk.deliver.settings import SmtpSettings

_FRESH_SECONDS = 1.0


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
            if self._is_ready(connection, timer) or await _answers(connection):
                return connection
        return await self.open()

    async def open(self) -> Connection:
        """A new connection; raises ConnectError."""
        return await Connection.open(self._settings)

    def give_back(self, connection: Connection) -> None:
        if not connection.is_open:
            return
        loop = asyncio.get_running_loop()
        self._idle[connection] = loop.call_later(self._settings.idle, self._say_goodbye, connection)

    def _is_ready(self, connection: Connection, timer: asyncio.TimerHandle) -> bool:
        """Is a RSET needless? `timer` has run since the connection was given back."""
        given_back_at = timer.when() - self._settings.idle
        is_fresh = asyncio.get_running_loop().time() <= given_back_at + _FRESH_SECONDS
        return is_fresh and connection.is_open and connection.begin_again()

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
