"""Speaks raw SMTP to a listener from a written script, and hosts a real listener to speak to.

A script is text: `-> ` is said (CR LF added), `=> ` is said as it stands, `<- ` is heard: what the last line of
one reply begins with. `\\r`, `\\n`, `\\0` and `\\xNN` mean these bytes. `#` begins a comment.

    -> EHLO customer.example
    <- 250
    -> MAIL FROM:<anne@customer.example>
    <- 250 2.1.0
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from helpdesk.flow.receive import Receiver, Stored
from helpdesk.model.mail import SpooledArrival
from helpdesk.store import inbox
from helpdesk.store.migrate import upgrade
from helpdesk.store.session import Database
from helpdesk.wire.smtp_server import Listener, ListenerSettings

Feed = Literal["turns", "whole", "bytes"]

_ESCAPE = re.compile(rb"\\(r|n|0|x[0-9a-fA-F]{2})")
_PLAIN = {b"r": b"\r", b"n": b"\n", b"0": b"\0"}


@dataclass(frozen=True, slots=True)
class Turn:
    said: bytes
    heard: tuple[str, ...]


def read_script(script: str) -> list[Turn]:
    """Group a script into turns: what is said before the next reply is waited for."""
    turns: list[Turn] = []
    said: bytes = b""
    heard: tuple[str, ...] = ()
    for line in script.strip().splitlines():
        mark, _, text = line.strip().partition(" ")
        if mark == "<-":
            heard = (*heard, text)
        elif mark in {"->", "=>"}:
            if heard:
                turns.append(Turn(said, heard))
                said, heard = b"", ()
            said += _bytes(text) + (b"\r\n" if mark == "->" else b"")
        elif mark and not mark.startswith("#"):
            raise ValueError(f"not a line of a dialogue: {line}")
    return [*turns, Turn(said, heard)]


def _bytes(text: str) -> bytes:
    return _ESCAPE.sub(lambda m: _PLAIN.get(m[1]) or bytes.fromhex(m[1][1:].decode()), text.encode())


@dataclass
class Client:
    """A socket and all replies it has heard; replies are lists of lines without their line ends."""

    sock: socket.socket
    replies: list[list[str]] = field(default_factory=list)
    _pending: bytes = b""

    @classmethod
    def connect(cls, port: int, source: str = "127.0.0.1", timeout: float = 20.0) -> Client:
        sock = socket.create_connection(("127.0.0.1", port), timeout, source_address=(source, 0))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock)

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def say_bytewise(self, data: bytes) -> None:
        for at in range(len(data)):
            self.sock.sendall(data[at : at + 1])

    def hear(self) -> str:
        """Wait for one whole reply; return its last line, '' when the server has closed."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = self._line()
            if not line:
                return ""
            lines.append(line)
        self.replies.append(lines)
        return lines[-1]

    def hear_all(self) -> list[str]:
        """Everything until the server closes."""
        return list(iter(self.hear, ""))

    def _line(self) -> str:
        while b"\r\n" not in self._pending:
            try:
                chunk = self.sock.recv(65536)
            except ConnectionError:
                chunk = b""
            if not chunk:
                return ""
            self._pending += chunk
        line, _, self._pending = self._pending.partition(b"\r\n")
        return line.decode("ascii")

    def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Go on in TLS; what came in clear text and was not read stays readable, to be found by a test."""
        self.sock = context.wrap_socket(self.sock, server_hostname=name)

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def converse(port: int, script: str, feed: Feed = "turns", source: str = "127.0.0.1") -> list[list[str]]:
    """Play a script; return all replies. Raises AssertionError at the first reply that is another one."""
    turns = read_script(script)
    with Client.connect(port, source) as client:
        client.hear()
        if feed == "whole":
            client.say(b"".join(turn.said for turn in turns))
        for turn in turns:
            if feed == "turns":
                client.say(turn.said)
            elif feed == "bytes":
                client.say_bytewise(turn.said)
            _compare(client, turn)
        return client.replies


def _compare(client: Client, turn: Turn) -> None:
    for expected in turn.heard:
        heard = client.hear()
        if not heard.startswith(expected) or (expected == "" and heard):
            raise AssertionError(f"after {turn.said[-200:]!r}: expected {expected!r}, heard {heard!r}")


@dataclass
class HostedListener:
    """A real listener with a real spool in `folder`, run by a loop in a thread of its own."""

    port: int
    spool: Database
    loop: asyncio.AbstractEventLoop
    listener: Listener
    stored: list[Stored]

    def mails(self) -> list[SpooledArrival]:
        """What is in the spool, oldest first."""
        with self.spool.read() as connection:
            return inbox.fetch(connection, inbox.ids_after(connection, 0, 10_000))

    def stop(self, grace: float) -> None:
        asyncio.run_coroutine_threadsafe(self.listener.stop(grace), self.loop).result(30)


@contextmanager
def hosted(
    folder: Path,
    knows: Callable[[str], bool],
    settings: ListenerSettings | None = None,
    *,
    spool: Database | None = None,
    check_disk: Callable[[int], None] | None = None,
    loop: asyncio.AbstractEventLoop | None = None,
) -> Iterator[HostedListener]:
    """Run a listener on a free loopback port; it is stopped and its spool closed at the end."""
    database = spool or Database(f"sqlite:///{folder / 'spool.db'}")
    upgrade(database, "spool")
    stored: list[Stored] = []

    def note(batch: Sequence[Stored]) -> None:
        stored.extend(batch)

    receiver = Receiver(database, note, check_disk)
    receiver.start()
    loop = loop or asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="listener loop")
    thread.start()
    try:
        listener = Listener(replace(settings or ListenerSettings(), port=0), receiver, knows)
        asyncio.run_coroutine_threadsafe(listener.start(), loop).result(30)
        host = HostedListener(listener.port, database, loop, listener, stored)
        try:
            yield host
        finally:
            host.stop(grace=0.1)
    finally:
        receiver.stop()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        database.close()
