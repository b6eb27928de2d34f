"""Plain text: what needs no cleaning, whoever looks at it."""

from __future__ import annotations

_PLAIN = b"\n" + bytes(range(0x20, 0x7F))


def is_plain(text: str) -> bool:
    """Nothing but what ASCII can print, and newlines."""
    return text.isascii() and not text.encode("ascii").translate(None, _PLAIN)
