"""The dedupe key of a mail: equal for the same mail by two roads, cheap enough to compute before the `250`.

Looks at bytes only, in linear time; headers that carriers add (Received, Delivered-To, ...) do not count.
"""

from __future__ import annotations

import hashlib
import re

_SCANNED_HEADER_BYTES = 256 * 1024
_FIELD = re.compile(rb"^(message-id|from|date|subject)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.I | re.M)


def dedupe_key(raw: bytes) -> str:
    """Return 64 hex digits over the identifying headers and the body (R35)."""
    head, body = split_head(raw)
    digest = hashlib.sha256()
    seen: set[bytes] = set()
    for match in _FIELD.finditer(head[:_SCANNED_HEADER_BYTES]):
        name = match[1].lower()
        if name not in seen:
            seen.add(name)
            digest.update(name + b":" + b" ".join(match[2].split()) + b"\n")
    digest.update(b"\n" + body.replace(b"\r\n", b"\n").rstrip())
    return digest.hexdigest()


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Split at the first empty line; a mail without one is all head."""
    ends = [(at, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := raw.find(mark)) >= 0]
    if not ends:
        return raw, b""
    at, length = min(ends)
    return raw[:at], raw[at + length :]
