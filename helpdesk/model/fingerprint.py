"""The dedupe key of a mail: equal for the same mail by two roads, cheap enough to compute before the `250`.

Looks at bytes only, in linear time; headers that carriers add (Received, Delivered-To, ...) do not count.
"""

from __future__ import annotations

import hashlib
import re

_SCANNED_HEADER_BYTES = 256 * 1024
_PIECE = 1024 * 1024
_FIELD = re.compile(rb"^(message-id|from|date|subject)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.I | re.M)


def dedupe_key(raw: bytes) -> str:
    """Return 64 hex digits over the identifying headers and the body (R35)."""
    head, start = split_head(raw)
    digest = hashlib.sha256()
    seen: set[bytes] = set()
    for match in _FIELD.finditer(head[:_SCANNED_HEADER_BYTES]):
        name = match[1].lower()
        if name not in seen:
            seen.add(name)
            digest.update(name + b":" + b" ".join(match[2].split()) + b"\n")
    digest.update(b"\n")
    _add_body(digest, raw, start)
    return digest.hexdigest()


def split_head(raw: bytes) -> tuple[bytes, int]:
    """The header, and where the body begins: behind the first empty line; a mail without one is all head."""
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := raw.find(mark)) >= 0]
    if not ends:
        return raw, len(raw)
    at, length = min(ends)
    return raw[:at], at + length


def _add_body(digest: hashlib._Hash, raw: bytes, start: int) -> None:
    """With LF line ends and without white space at its end; in pieces, so that a big mail is not copied (T13)."""
    end = _end_of_text(raw, start)
    while start < end:
        stop = min(start + _PIECE, end)
        if raw[stop - 1 : stop + 1] == b"\r\n":
            stop += 1  # the pair stays together
        digest.update(raw[start:stop].replace(b"\r\n", b"\n"))
        start = stop


def _end_of_text(raw: bytes, start: int) -> int:
    end = len(raw)
    while end > start:
        piece = raw[max(start, end - _PIECE) : end]
        text = piece.rstrip()
        end -= len(piece) - len(text)
        if text:
            break
    return end
