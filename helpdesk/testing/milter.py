"""A mail filter that writes one header field into every mail, where OpenDKIM, OpenDMARC and rspamd write theirs.

The milter protocol as Postfix speaks it (libmilter's mfdef.h, version 6); one thread for each connection.
"""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_NEGOTIATE, _MACROS, _ABORT, _END_OF_BODY, _QUIT = b"O", b"D", b"A", b"E", b"Q"
_CONTINUE, _INSERT_HEADER = b"c", b"i"
_ADD_HEADERS = 0x01
_SKIP_ALL_STEPS = 0x37F  # connect, helo, mail, rcpt, body, headers, end of headers, unknown, data


class _Filter(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        for command, data in iter(self._read, (b"", b"")):
            if command == _QUIT:
                return
            if command == _NEGOTIATE:
                version, _, steps = struct.unpack("!III", data[:12])
                self._say(
                    _NEGOTIATE, struct.pack("!III", min(version, 6), _ADD_HEADERS, steps & _SKIP_ALL_STEPS)
                )
            elif command == _END_OF_BODY:
                name, value = self.server.field
                self._say(
                    _INSERT_HEADER,
                    struct.pack("!I", self.server.at) + name.encode() + b"\0" + value.encode() + b"\0",
                )
                self._say(_CONTINUE)
            elif command not in (_MACROS, _ABORT):
                self._say(_CONTINUE)

    def _read(self) -> tuple[bytes, bytes]:
        head = self.rfile.read(4)
        packet = self.rfile.read(struct.unpack("!I", head)[0]) if len(head) == 4 else b""
        return packet[:1], packet[1:]

    def _say(self, command: bytes, data: bytes = b"") -> None:
        self.wfile.write(struct.pack("!I", len(data) + 1) + command + data)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    field: tuple[str, str]
    at: int


@contextmanager
def milter(name: str, value: str, at: int = 1) -> Iterator[str]:
    """Run one; yields what `smtpd_milters` of Postfix calls it. `at` is the index that is asked for."""
    with _Server(("127.0.0.1", 0), _Filter) as server:
        server.field, server.at = (name, value), at
        thread = threading.Thread(target=server.serve_forever, name="milter")
        thread.start()
        try:
            yield f"inet:127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
