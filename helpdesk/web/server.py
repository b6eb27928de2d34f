"""uvicorn inside the daemon's own loop: no signal handlers, no access log, a port that is known at once.

Connections are counted and their life is limited, so slow clients cannot pile up (T19). A stop waits for the
answers in flight, at most `STOP_WITHIN` seconds.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from helpdesk.web.settings import WebSettings

MAX_CONNECTIONS = 200
STOP_WITHIN = 5
_BIGGEST_HEAD = 16 * 1024


class CannotListen(Exception):
    """The web page's port cannot be had; the message names it and the remedy."""


class WebServer:
    """Serves `app`, which may be exchanged while it runs (reload)."""

    def __init__(self, settings: WebSettings, app: ASGIApp) -> None:
        self._settings = settings
        self.app = app
        self._server = _Server(self._config())
        self._task: asyncio.Task[None] | None = None
        self._port = settings.port

    @property
    def port(self) -> int:
        """The port it listens on; the real one after `start()` when 0 was asked for."""
        return self._port

    async def start(self) -> None:
        """Return when connections are accepted; raises CannotListen."""
        listener = self._listen()
        self._port = listener.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve([listener]), name="web")
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._task, listening}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            listening.cancel()
            self._task.result()

    async def stop(self) -> None:
        """Stop accepting, finish the answers in flight, return when all is closed. Harmless twice."""
        if self._task:
            self._server.leave()
            await self._task
            self._task = None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._answer,
            http=_short_lived(self._settings.connection_life),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            forwarded_allow_ips=list(self._settings.trusted_proxies),
            limit_concurrency=MAX_CONNECTIONS,
            timeout_graceful_shutdown=STOP_WITHIN,
            h11_max_incomplete_event_size=_BIGGEST_HEAD,
        )

    def _listen(self) -> socket.socket:
        host, port = self._settings.host, self._settings.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return socket.create_server((host, port), family=family, backlog=MAX_CONNECTIONS)
        except OSError as error:
            raise CannotListen(
                f"[web] host = {host!r}, port = {port}: {error.strerror or error}."
                " Stop the program that uses it, or choose another port."
            ) from error


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to the daemon and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        self.should_exit = True
        self._leaving.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """Wait to be told to leave; once a second the Date header is renewed (uvicorn itself wakes at 10 Hz)."""
        while not await self.on_tick(0):
            try:
                async with asyncio.timeout(1):
                    await self._leaving.wait()
            except TimeoutError:
                pass


def _short_lived(seconds: float) -> type[H11Protocol]:
    """A connection that ends after `seconds` whatever the other side does."""

    class ShortLived(H11Protocol):
        _end: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._end = self.loop.call_later(seconds, transport.close)

        def connection_lost(self, exc: Exception | None) -> None:
            if self._end:
                self._end.cancel()
            super().connection_lost(exc)

    return ShortLived
