"""What a client has sent and nobody has read yet: by lines for commands, by chunks for data.

Memory stays bounded whatever comes (F5b): a chunk at most, a line up to its limit, the rest is thrown away.
"""

from __future__ import annotations

import asyncio

CHUNK = 64 * 1024


class LineOverlong(Exception):
    """A command line was longer than allowed; it has been thrown away."""


class Inflow:
    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._buffer = bytearray()

    async def line(self, limit: int) -> bytes:
        """Return bytes up to and with the next LF, b'' at the end of the stream.

        Raises LineOverlong when more than `limit` bytes came before it, after reading on to that LF.
        """
        overlong = False
        searched = 0
        while (at := self._buffer.find(b"\n", searched)) < 0:
            if len(self._buffer) > limit:
                overlong = True
                self._buffer.clear()
            searched = len(self._buffer)
            chunk = await self._reader.read(CHUNK)
            if not chunk:
                return b""
            self._buffer += chunk
        line = bytes(self._buffer[: at + 1])
        del self._buffer[: at + 1]
        if overlong or len(line) > limit:
            raise LineOverlong
        return line

    async def chunk(self) -> bytes:
        """Return what is there, or wait for more; b'' at the end of the stream."""
        if not self._buffer:
            return await self._reader.read(CHUNK)
        chunk = bytes(self._buffer)
        self._buffer.clear()
        return chunk

    def unread(self, rest: bytes) -> None:
        """Put back what came behind the end of a message: pipelined commands (R12)."""
        self._buffer[:0] = rest

    def discard(self) -> None:
        """Forget all that came in clear text before TLS (R15, RFC 3207 section 4.2)."""
        self._buffer.clear()
        self._reader._buffer.clear()  # type: ignore[attr-defined]  # noqa: SLF001 there is no public way
