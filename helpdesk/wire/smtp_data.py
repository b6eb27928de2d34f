"""The body of one DATA command: finds its end, keeps it inside its limits, in bounded memory and linear time.

Only CR LF `.` CR LF ends a message (R1, RFC 5321 section 4.1.1.4); a bare CR or LF is never a line end on the
wire. It becomes one in what is kept, so that no later reader sees another message than we did (T9).
The result is the same however the bytes are cut into pieces.
"""

from __future__ import annotations

import errno
from enum import Enum
from pathlib import Path

from helpdesk.wire.smtp_keeping import Keeping

MAX_LINE = 64 * 1024  # MAIL_RULES section 7: line 64 KB in; F5d: real senders go beyond 1000
_END = b"\r\n.\r\n"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Verdict(Enum):
    FITS = "fits"
    TOO_BIG = "too big"
    LINE_TOO_LONG = "line too long"
    NO_ROOM = "no room"


class DataReader:
    """Feed it what arrives after the 354; when `done`, `verdict` and `kept` tell what came. `close` it in any case.

    What does not fit is counted and thrown away at once (F5b, F5c). `received` counts every byte of the
    transfer, the size limit only those of the message (RFC 1870 section 3).
    """

    def __init__(self, max_size: int, max_line: int = MAX_LINE, folder: Path | None = None) -> None:
        self._max_size = max_size
        self._max_line = max_line
        self.kept = Keeping(folder)
        self._held = b"\r\n"  # the line end of the DATA command itself: a message may be empty
        self._size = -len(self._held)
        self._line = 0
        self._begun = False
        self.received = 0
        self.done = False
        self.verdict = Verdict.FITS

    def feed(self, chunk: bytes) -> bytes:
        """Take a chunk; return the bytes behind the end of the message, b'' while there is no end."""
        buffer = self._held + chunk
        at = buffer.find(_END)
        self.done = at >= 0
        cut = at + 2 if self.done else len(buffer) - _length_of_beginning(buffer)
        rest = buffer[at + len(_END) :] if self.done else b""
        self._held = b"" if self.done else buffer[cut:]
        self.received += len(chunk) - len(rest)
        self._keep(buffer[:cut])
        return rest

    def close(self) -> None:
        self.kept.close()

    def _keep(self, piece: bytes) -> None:
        # RFC 5321 section 4.5.2: the first dot of a line was added by the client.
        piece = piece.replace(b"\r\n.", b"\r\n")
        self._size += len(piece)
        if self._size > self._max_size:
            self.verdict = Verdict.TOO_BIG  # R10: counted, whatever SIZE promised
        elif self._longest_line(piece) > self._max_line + 1 and self.verdict is Verdict.FITS:
            self.verdict = Verdict.LINE_TOO_LONG
        if self.verdict is Verdict.FITS:
            self._add(piece)
        else:
            self.kept.close()

    def _add(self, piece: bytes) -> None:
        if piece and not self._begun:
            self._begun = True
            piece = piece[2:]  # the line end of the DATA command
        try:
            self.kept.add(piece)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            self.verdict = Verdict.NO_ROOM
            self.kept.close()

    def _longest_line(self, piece: bytes) -> int:
        """The longest line so far that touches this piece, with its CR."""
        first, last = piece.find(b"\n"), piece.rfind(b"\n")
        beginning = self._line + (len(piece) if first < 0 else first)
        self._line = beginning if first < 0 else len(piece) - last - 1
        # A line inside the piece can only be too long when the piece is.
        inner = max(map(len, piece[first + 1 :].split(b"\n"))) if len(piece) > self._max_line else 0
        return max(beginning, inner)


def _length_of_beginning(buffer: bytes) -> int:
    """How many of the last bytes may be the beginning of the end mark."""
    for length in range(len(_END) - 1, 0, -1):
        if buffer.endswith(_END[:length]):
            return length
    return 0
