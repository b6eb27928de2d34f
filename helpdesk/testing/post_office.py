"""An unreliable post office: a mail server on 127.0.0.1 that fails when told and remembers everything.

Each letter meets the next `Mood` of the list given, then fair weather for ever. A mood overrides replies at
any step, refuses some recipients, or breaks a step by closing, resetting or stalling. `letters` holds what
the server has taken (also when its reply was never sent), `heard` every command of every connection.

    async with PostOffice([Mood(dot="451 4.3.0 later")]) as office:
        transport = SmtpTransport(SmtpSettings("127.0.0.1", office.port))
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from typing import Self

from helpdesk.testing.mood import How, Kept, Mood, Step, parsed
from helpdesk.testing.post_office_session import Broken, House, Session

__all__ = ["How", "Kept", "Mood", "PostOffice", "Step", "parsed"]


class PostOffice(House):
    """`logins` are the usernames and passwords that AUTH accepts; with `tls` it offers STARTTLS or is `implicit`.

    `at_once`: of more connections than these each hears 421 instead of a greeting; `turned_away` counts them.
    """

    def __init__(
        self,
        moods: Iterable[Mood | None] = (),
        *,
        extensions: tuple[str, ...] = ("SIZE 26214400", "8BITMIME", "ENHANCEDSTATUSCODES"),
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        logins: Mapping[str, str] | None = None,
        at_once: int | None = None,
    ) -> None:
        super().__init__(moods, extensions, tls, implicit, logins or {})
        self.connections = self.open_connections = self.turned_away = 0
        self.at_once = at_once
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on a free port; after `stop`, on the same one again."""
        tls = self.tls if self.implicit else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=tls, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """As if the machine had been switched off: every conversation ends."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers.values():
            writer.transport.abort()
        self.go_on.set()
        await asyncio.gather(*self._writers, return_exceptions=True)
        self.go_on.clear()
        await self._server.wait_closed()

    @property
    def copies(self) -> list[tuple[str, str]]:
        """(recipient, Message-ID) of every copy that was taken."""
        return [(who, str(kept.mail["Message-ID"])) for kept in self.letters for who in kept.recipients]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self.at_once is not None and self.open_connections >= self.at_once:
            self.turned_away += 1
            writer.write(b"421 4.7.0 too many connections from your host\r\n")
            writer.close()
            return
        self._writers[task] = writer
        self.connections += 1
        self.open_connections += 1
        try:
            await Session(self, self.connections, reader, writer).run()
        except (OSError, EOFError, Broken):
            pass
        finally:
            self.open_connections -= 1
            del self._writers[task]
            writer.close()
