"""A small IMAP server that does what no honest one can be made to do, and remembers every command.

Set what it does before or while it runs:
- `mails`      UID → raw bytes; `sizes` claims another size for a UID
- `on_idle`    quiet, or how an IDLE ends at once: eof, reset, bye, half-line, chatter
- `slip_in`    mails that arrive just before an IDLE; the news comes in one packet with its `+ idling`
- `breaks_on`  UIDs whose text ends the connection; `mute_on` UIDs whose text is left out of the answer
- `heads_break` the headers of `breaks_on` mails end the connection too
- `deletes`    UID EXPUNGE is obeyed; else it is only heard
- `tokens`     access tokens that XOAUTH2 and OAUTHBEARER accept; `password` is what LOGIN accepts
"""

from __future__ import annotations

import base64
import re
import socket
import struct
import threading
from collections.abc import Callable
from typing import Literal

Idle = Literal["quiet", "eof", "reset", "bye", "half-line", "chatter"]

_RANGE = re.compile(r"(\d+):(\d+|\*)")


class Hangup(Exception):
    """The server ends the connection."""


class FakeImap:
    """One folder, any number of connections, a thread each. `start()`, `stop()`."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.sizes: dict[int, int] = {}
        self.uidvalidity: int | None = 1
        self.capability = "IMAP4rev1 IDLE UIDPLUS MOVE"
        self.on_idle: Idle = "quiet"
        self.slip_in: dict[int, bytes] = {}
        self.breaks_on: set[int] = set()
        self.heads_break = False
        self.mute_on: set[int] = set()
        self.deletes = False
        self.tokens: set[str] = set()
        self.password = "correct-horse-27"
        self.heard: list[str] = []
        self.connections = 0
        self._era = 0
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        self._spawn(threading.Thread(target=self._accept, daemon=True))

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def hang_up(self) -> None:
        """End the connections of this moment."""
        self._era += 1

    @property
    def era(self) -> int:
        return self._era

    def _spawn(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            era = self._era  # before it is counted: whoever has seen the count can hang up on it
            self.connections += 1
            self._spawn(threading.Thread(target=self._talk, args=(connection, era), daemon=True))

    def _talk(self, connection: socket.socket, era: int) -> None:
        with connection:
            try:
                _Talk(self, connection, era, self._ended).run()
            except (OSError, Hangup):
                pass


class _Talk:
    """One connection."""

    def __init__(self, server: FakeImap, connection: socket.socket, era: int, ended: threading.Event) -> None:
        self.server, self.connection, self.ended = server, connection, ended
        self.connection.settimeout(0.1)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.era = era
        self.buffer = b""

    def run(self) -> None:
        self.send(f"* OK [CAPABILITY {self.server.capability}] ready")
        while True:
            tag, _, command = self.line().partition(" ")
            self.server.heard.append(command)
            words = command.upper().split()
            name = "_".join(words[:2]) if words[0] == "UID" else words[0]
            answer: Callable[[str, str], None] = getattr(self, f"do_{name.lower()}", self.do_other)
            answer(tag, command)

    def line(self) -> str:
        while b"\r\n" not in self.buffer:
            if self.ended.is_set() or self.era < self.server.era:
                raise Hangup
            try:
                data = self.connection.recv(65536)
            except TimeoutError:
                continue
            if not data:
                raise Hangup
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode("utf-8", "replace")

    def send(self, line: str) -> None:
        self.connection.sendall(line.encode() + b"\r\n")

    def do_other(self, tag: str, _: str) -> None:
        self.send(f"{tag} OK done")

    def do_capability(self, tag: str, _: str) -> None:
        self.send(f"* CAPABILITY {self.server.capability}")
        self.send(f"{tag} OK done")

    def do_login(self, tag: str, command: str) -> None:
        right = command.endswith(f'"{self.server.password}"')
        self.send(f"{tag} OK in" if right else f"{tag} NO [AUTHENTICATIONFAILED] no")

    def do_authenticate(self, tag: str, _: str) -> None:
        self.send("+ ")
        said = base64.b64decode(self.line()).decode()
        if any(f"auth=Bearer {token}\1" in said for token in self.server.tokens):
            self.send(f"{tag} OK in")
            return
        self.send("+ " + base64.b64encode(b'{"status":"401"}').decode())
        self.server.heard.append("ANSWER " + repr(base64.b64decode(self.line())))
        self.send(f"{tag} NO [AUTHENTICATIONFAILED] token")

    def do_logout(self, tag: str, _: str) -> None:
        self.send("* BYE later")
        self.send(f"{tag} OK done")
        raise Hangup

    def do_select(self, tag: str, _: str) -> None:
        uids = sorted(self.server.mails)
        self.send(f"* {len(uids)} EXISTS")
        self.send(r"* FLAGS (\Seen \Deleted)")
        if self.server.uidvalidity:
            self.send(f"* OK [UIDVALIDITY {self.server.uidvalidity}] valid")
        self.send(f"* OK [UIDNEXT {max(uids, default=0) + 1}] next")
        self.send(f"{tag} OK [READ-WRITE] selected")

    do_examine = do_select

    def do_uid_search(self, tag: str, command: str) -> None:
        uids = sorted(self.server.mails)
        criterion = command.split()[2]
        if criterion == "UID":
            wanted = {int(uid) for uid in command.split()[3].split(",")}
            found = [uid for uid in uids if uid in wanted]
        elif match := _RANGE.fullmatch(criterion):
            found = uids[int(match[1]) - 1 : int(match[2])]
        else:
            found = uids
        self.send("* SEARCH " + " ".join(map(str, found)))
        self.send(f"{tag} OK done")

    def do_uid_fetch(self, tag: str, command: str) -> None:
        wanted = [int(uid) for uid in command.split()[2].split(",")]
        self.send(r"* 1 FETCH (FLAGS (\Seen) UID 999999)")  # R63: news of a mail that nobody asked for
        for number, uid in enumerate(wanted, 1):
            if uid in self.server.mails:
                self._give(number, uid, command)
        self.send(f"{tag} OK done")

    def _give(self, number: int, uid: int, command: str) -> None:
        raw = self.server.mails[uid]
        if "RFC822.SIZE" in command:
            self.send(f"* {number} FETCH (UID {uid} RFC822.SIZE {self.server.sizes.get(uid, len(raw))})")
            return
        of_head = "BODY.PEEK[HEADER]" in command
        if uid in self.server.breaks_on and (self.server.heads_break or not of_head):
            self.connection.sendall(
                f"* {number} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw[:7]
            )
            raise Hangup
        if uid in self.server.mute_on and not of_head:
            return
        part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if of_head else raw
        item = "BODY[HEADER]" if of_head else "BODY[]"
        self.connection.sendall(
            f"* {number} FETCH (UID {uid} {item} {{{len(part)}}}\r\n".encode() + part + b")\r\n"
        )

    def do_uid_expunge(self, tag: str, command: str) -> None:
        """Of mails that nobody marked as deleted before, too: our client always does."""
        for uid in command.split()[2].split(",") if self.server.deletes else ():
            self.server.mails.pop(int(uid), None)
        self.send(f"{tag} OK done")

    def do_idle(self, tag: str, _: str) -> None:
        if self.server.slip_in:
            self.server.mails |= self.server.slip_in
            self.server.slip_in = {}
            self.send(f"+ idling\r\n* {len(self.server.mails)} EXISTS")
        else:
            self.send("+ idling")
        match self.server.on_idle:
            case "eof":
                raise Hangup
            case "reset":
                # linger of 0 s: close() sends RST instead of FIN
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise Hangup
            case "bye":
                self.send("* BYE shutting down")
                raise Hangup
            case "half-line":
                self.connection.sendall(b"* 2 EXI")
            case "chatter":
                self.send("* OK Still here")
        while self.line() != "DONE":
            pass
        if self.server.on_idle == "half-line":
            self.connection.sendall(b"STS\r\n")
        self.send(f"{tag} OK done")
