"""A TCP proxy that misbehaves on demand, for what no real server does when asked.

`be(mode)` changes what happens to all connections at once:
- pass       bytes go through
- stall      connections are accepted, nothing moves; what came meanwhile moves when it is `pass` again
- half-open  the connections of this moment are dead for ever, without a word; new ones pass
- reset      connections are reset, new ones too
- trickle    one byte every `trickle_seconds`, in both directions
`drop_after` bytes from the server, or `drop_after_sent` bytes from the client, each connection is closed, wherever
in a line that is.

`says` "v1" or "v2": it is a balancer that speaks PROXY, and names each client before the first byte.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from typing import Literal

Mode = Literal["pass", "stall", "half-open", "reset", "trickle"]
Says = Literal["nothing", "v1", "v2"]

V2_SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"

_TICK_SECONDS = 0.05


class Rubber:
    """Between a client at `port` and a server at 127.0.0.1:`target`. One thread per connection."""

    def __init__(self, target: int, says: Says = "nothing") -> None:
        self.target = target
        self.says = says
        self.mode: Mode = "pass"
        self.drop_after: int | None = None
        self.drop_after_sent: int | None = None
        self.trickle_seconds = 1.0
        self.connections = 0
        self._era = 0  # a connection of an era before the present one is dead
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_TICK_SECONDS)
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        self._spawn(threading.Thread(target=self._accept, daemon=True))

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def be(self, mode: Mode) -> None:
        if mode == "half-open":
            self._era += 1
            self.mode = "pass"
        else:
            self.mode = mode

    def _spawn(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            self._spawn(threading.Thread(target=self._carry, args=(client, self._era), daemon=True))

    def _carry(self, client: socket.socket, era: int) -> None:
        with client:
            try:
                with socket.create_connection(("127.0.0.1", self.target), 5) as server:
                    server.sendall(proxy_header(self.says, client.getpeername(), client.getsockname()))
                    self._pump(client, server, era)
            except OSError:
                pass  # the target is gone: the client sees its connection close

    def _pump(self, client: socket.socket, server: socket.socket, era: int) -> None:
        left = {server: self.drop_after, client: self.drop_after_sent}
        while not self._ended.is_set():
            if self.mode == "reset":
                # linger of 0 s: close() sends RST instead of FIN
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if self.mode == "stall" or era < self._era:
                self._ended.wait(_TICK_SECONDS)
                continue
            for source in select.select([client, server], [], [], _TICK_SECONDS)[0]:
                data = source.recv(self._mouthful())[: left[source]]
                if not data:
                    return
                (server if source is client else client).sendall(data)
                if (rest := left[source]) is not None:
                    left[source] = rest - len(data)
                    if rest == len(data):
                        return

    def _mouthful(self) -> int:
        """How much to take at once; where it trickles, after a while."""
        if self.mode != "trickle":
            return 65536
        self._ended.wait(self.trickle_seconds)
        return 1


def proxy_header(says: Says, client: tuple[str, int], here: tuple[str, int]) -> bytes:
    """What a balancer says of an IPv4 client that came to it at `here` (HAProxy's proxy-protocol.txt)."""
    if says == "v1":
        return f"PROXY TCP4 {client[0]} {here[0]} {client[1]} {here[1]}\r\n".encode()
    if says == "v2":
        addresses = socket.inet_aton(client[0]) + socket.inet_aton(here[0])
        return (
            V2_SIGNATURE
            + struct.pack("!BBH", 0x21, 0x11, 12)
            + addresses
            + struct.pack("!HH", client[1], here[1])
        )
    return b""
