"""ISO-2022-JP as it is really sent: with NEC and IBM characters, half-width kana and lost escapes (R22).

Python's codecs refuse rows that every Japanese mailer writes (circled numbers, company marks); code page 932
knows them, so each run between escapes is moved there. Linear, never raises.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([@BDOPQ]|\([A-Z]|\.[AF]|N.)|[\x0e\x0f]")
_TWO_BYTES = frozenset({b"$@", b"$B", b"$(@", b"$(B"})
_SURE_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b(I")


def is_iso2022jp(data: bytes) -> bool:
    return b"\x1b" in data and any(escape in data for escape in _SURE_ESCAPES)


def decode_iso2022jp(data: bytes) -> str:
    """By the strict codec where it can, else run by run."""
    try:
        return data.decode("iso2022_jp_ext")
    except (UnicodeError, ValueError):
        pass
    pieces: list[str] = []
    state, at = b"(B", 0
    for match in _ESCAPE.finditer(data):
        pieces.append(_run(data[at : match.start()], state))
        state = match[1] or (b"(I" if match[0] == b"\x0e" else b"(B")
        at = match.end()
    pieces.append(_run(data[at:], state))
    return "".join(pieces)


def _run(data: bytes, state: bytes) -> str:
    if state in _TWO_BYTES:
        return b"".join(_lines_to_932(data)).decode("cp932", "replace")
    if state == b"(I":
        return bytes(b | 0x80 if 0x21 <= b <= 0x5F else b for b in data).decode("cp932", "replace")
    if state == b"$(D":
        return (b"\x1b$(D" + data[: len(data) // 2 * 2] + b"\x1b(B").decode("iso2022_jp_ext", "replace")
    return data.decode("cp932" if max(data, default=0) > 0x7F else "ascii", "replace")


def _lines_to_932(data: bytes) -> list[bytes]:
    """Pairs of JIS bytes as Shift JIS; a line end falls back to one-byte characters (RFC 1468)."""
    done: list[bytes] = []
    at = 0
    while at < len(data):
        first = data[at] & 0x7F
        second = data[at + 1] & 0x7F if at + 1 < len(data) else 0
        if first < 0x21 or first > 0x7E or second < 0x21 or second > 0x7E:
            done.append(bytes([first]))
            at += 1
            continue
        lead = ((first + 1) >> 1) + (0x70 if first < 0x5F else 0xB0)
        trail = second + (0x7E if not first & 1 else 0x20 if second > 0x5F else 0x1F)
        done.append(bytes([lead, trail]))
        at += 2
    return done
