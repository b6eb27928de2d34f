"""The body of one DATA command: finds its end, keeps it inside its limits, in bounded memory and linear time.

Only CR LF `.` CR LF ends a message (R1, RFC 5321 section 4.1.1.4); a bare CR or LF is never a line end on the
wire. It becomes one in what is stored, so that no later reader sees another message than we did (T9).
The result is the same however the bytes are cut into pieces.
"""

from __future__ import annotations

from enum import Enum

MAX_LINE = 64 * 1024  # MAIL_RULES section 7: line 64 KB in; F5d: real senders go beyond 1000
_END = b"\r\n.\r\n"


class Verdict(Enum):
    FITS = "fits"
    TOO_BIG = "too big"
    LINE_TOO_LONG = "line too long"


class DataReader:
    """Feed it what arrives after the 354; when `done`, `verdict` and `content` tell what came.

    What does not fit is counted and thrown away at once (F5b, F5c). `received` counts every byte of the
    transfer, the size limit only those of the message (RFC 1870 section 3).
    """

    def __init__(self, max_size: int, max_line: int = MAX_LINE) -> None:
        self._max_size = max_size
        self._max_line = max_line
        self._kept = bytearray()
        self._held = b"\r\n"  # the line end of the DATA command itself: a message may be empty
        self._size = -len(self._held)
        self._line = 0
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

    def content(self) -> bytes:
        """The message with CR LF line ends and without the dots that SMTP added."""
        # The two leading bytes are the line end of the DATA command.
        content = bytes(memoryview(self._kept)[2:])
        self._kept = bytearray()
        return with_crlf(content)

    def _keep(self, piece: bytes) -> None:
        # RFC 5321 section 4.5.2: the first dot of a line was added by the client.
        piece = piece.replace(b"\r\n.", b"\r\n")
        self._size += len(piece)
        if self._size > self._max_size:
            self.verdict = Verdict.TOO_BIG  # R10: counted, whatever SIZE promised
        elif self._longest_line(piece) > self._max_line + 1 and self.verdict is Verdict.FITS:
            self.verdict = Verdict.LINE_TOO_LONG
        if self.verdict is Verdict.FITS:
            self._kept += piece
        else:
            self._kept = bytearray()

    def _longest_line(self, piece: bytes) -> int:
        """The longest line so far that touches this piece, with its CR."""
        first, last = piece.find(b"\n"), piece.rfind(b"\n")
        beginning = self._line + (len(piece) if first < 0 else first)
        self._line = beginning if first < 0 else len(piece) - last - 1
        # A line inside the piece can only be too long when the piece is.
        inner = max(map(len, piece[first + 1 :].split(b"\n"))) if len(piece) > self._max_line else 0
        return max(beginning, inner)


def with_crlf(content: bytes) -> bytes:
    """Make every bare CR and bare LF a line end; CR CR LF, which broken gateways write, is one line end."""
    pairs = content.count(b"\r\n")
    if content.count(b"\n") == pairs == content.count(b"\r"):
        return content
    unix = content.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return unix.replace(b"\n", b"\r\n")


def _length_of_beginning(buffer: bytes) -> int:
    """How many of the last bytes may be the beginning of the end mark."""
    for length in range(len(_END) - 1, 0, -1):
        if buffer.endswith(_END[:length]):
            return length
    return 0
