"""The bytes of one message while it comes in: in memory while they are few, then in a file without a name (T13).

So what all transfers together hold in memory does not depend on how big the mails are. The file lies in the state
folder and is gone with its last descriptor, also after a kill. Line ends become CR LF on the way in (T9).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO

SPILL = 256 * 1024
_GAP = 16 * 1024  # room in front of the message, where its new header can grow to
_CHUNK = 64 * 1024


class Keeping:
    """`add` the message piece by piece, to its last line end; read it out; `close`. Raises OSError as the disk does."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._crs = b""  # at the end of a piece; what they mean depends on what follows
        self.size = 0

    @property
    def in_memory(self) -> bool:
        return self._file is None

    def add(self, piece: bytes) -> None:
        piece = self._crs + piece
        crs = min(3, len(piece) - len(piece.rstrip(b"\r"))) if piece.endswith(b"\r") else 0
        self._crs = piece[len(piece) - crs :]
        self._write(with_crlf(piece[: len(piece) - crs]))

    def close(self) -> None:
        """Forget everything; harmless twice."""
        self._memory = bytearray()
        if self._file is not None:
            self._file.close()
            self._file = None

    def head(self) -> bytes:
        """The header with its last line end; all of it where no empty line follows."""
        block = bytearray()
        while chunk := self._read(len(block), _CHUNK):
            searched = max(0, len(block) - 3)
            block += chunk
            if block.startswith(b"\r\n"):
                return b""
            if (at := block.find(b"\r\n\r\n", searched)) >= 0:
                return bytes(memoryview(block)[: at + 2])
        return bytes(block)

    def with_head(self, head: bytes, instead_of: bytes) -> bytes:
        """The whole message, made once: with `head` where it began with `instead_of`."""
        if self._file is None:
            return b"".join((head, memoryview(self._memory)[len(instead_of) :]))
        start = _GAP + len(instead_of) - len(head)
        os.pwrite(self._file.fileno(), head, start)
        return os.pread(self._file.fileno(), _GAP + self.size - start, start)

    def _read(self, at: int, size: int) -> bytes:
        if self._file is None:
            return bytes(memoryview(self._memory)[at : at + size])
        return os.pread(self._file.fileno(), size, _GAP + at)

    def _write(self, piece: bytes) -> None:
        if self._file is None and self.size + len(piece) > SPILL:
            self._spill()
        if self._file is None:
            self._memory += piece
        else:
            self._append(self._file, piece)
        self.size += len(piece)

    def _spill(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0, dir=self._folder)  # noqa: SIM115 closed by close()
        self._file.seek(_GAP)
        self._append(self._file, self._memory)
        self._memory = bytearray()

    def _append(self, file: IO[bytes], piece: bytes | bytearray) -> None:
        view = memoryview(piece)
        while view:
            view = view[file.write(view) :]


def with_crlf(content: bytes) -> bytes:
    """Make every bare CR and bare LF a line end; CR CR LF, which broken gateways write, is one line end."""
    pairs = content.count(b"\r\n")
    if content.count(b"\n") == pairs == content.count(b"\r"):
        return content
    unix = content.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return unix.replace(b"\n", b"\r\n")
