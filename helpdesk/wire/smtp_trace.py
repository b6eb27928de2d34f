"""What final delivery does to the header: our Return-Path and Received on top, forged ones out (R4, R5).

Works on the header's bytes with CR LF line ends, in linear time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

_FORGED = re.compile(
    rb"^(?:return-path|x-helpdesk-[^:\s]*)[ \t]*:[^\n]*(?:\n(?=[ \t])[^\n]*)*(?:\n|\Z)", re.I | re.M
)
_HOP = re.compile(rb"^received[ \t]*:", re.I | re.M)
_UNPRINTABLE = re.compile(
    r"[^!-'*-\[\]-~]"
)  # also no parentheses and no backslash: it stands beside comments


@dataclass(frozen=True, slots=True)
class Trace:
    """How a message came to us. `sender` is the return path as it was written on the wire."""

    sender: bytes
    helo: str
    peer: str
    hostname: str
    protocol: str
    at: datetime


def hops(head: bytes) -> int:
    """Count the Received fields in a header."""
    return sum(1 for _ in _HOP.finditer(head))


def stamped(head: bytes, trace: Trace) -> bytes:
    """Return the header as it is stored (RFC 5321 section 4.4)."""
    # A first line that begins with a blank would become a part of our own Received field.
    return _fields(trace) + _FORGED.sub(b"", head).lstrip(b" \t")


def _fields(trace: Trace) -> bytes:
    helo = _UNPRINTABLE.sub("?", trace.helo)[:255] or "unknown"
    peer = _UNPRINTABLE.sub("?", trace.peer) or "unknown"
    received = (
        f"Received: from {helo} ({peer})\r\n"
        f"\tby {trace.hostname} with {trace.protocol};\r\n"
        f"\t{format_datetime(trace.at)}\r\n"
    )
    return b"Return-Path: <" + trace.sender + b">\r\n" + received.encode("ascii", "replace")
