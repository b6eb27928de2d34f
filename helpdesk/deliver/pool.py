"""Connections kept open between letters, each used by one letter at a time, closed when idle.

Promises: a letter never meets the rest of another one's conversation. A connection is given out again after a RSET
that succeeded; one on which a dot has just been answered needs none (RFC 5321 4.1.1.4), and is replaced if it turns
out that it has gone since. A server that takes no more connections beside those it has from us is not down: who
wants one waits for another to become free, and for a while no more than these are opened.
"""

from __future__ import annotations

import asyncio

import structlog

from helpdesk.deliver.connection import ConnectError, Connection, DroppedError
from helpdesk.deliver.places import Places
from helpdesk.deliver.settings import SmtpSettings

_FRESH_SECONDS = 1.0

_log = structlog.get_logger()


class Pool:
    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._idle: dict[Connection, asyncio.TimerHandle] = {}
        self._farewells: set[asyncio.Task[None]] = set()
        self._places = Places()

    async def take(self) -> Connection:
        """An open connection, a used one if it still answers; raises ConnectError. To be given back."""
        while True:
            await self._places.enter()
            try:
                return await self._used() or await self.open()
            except ConnectError as trouble:
                if not (trouble.not_now and self._has_others):
                    self._places.leave()
                    raise
                _log.info("the mail server takes no more connections", action="connections_limited")
                self._places.refused(free=len(self._idle))
            except BaseException:
                self._places.leave()
                raise

    @property
    def _has_others(self) -> bool:
        return self._places.are_shared or bool(self._idle)

    async def _used(self) -> Connection | None:
        while self._idle:
            connection, timer = self._idle.popitem()
            timer.cancel()
            if self._is_ready(connection, timer) or await _answers(connection):
                return connection
        return None

    async def open(self) -> Connection:
        """A new connection in the place of one that has gone; raises ConnectError."""
        return await Connection.open(self._settings)

    def give_back(self, connection: Connection) -> None:
        """One that was taken, or came in its place; also when it is no longer open."""
        self._places.leave()
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
