"""The mail inside an opaque S/MIME signature (RFC 8551 section 3.5.2, CMS SignedData). Nothing is verified.

A walk over BER, lengths definite or not, bounded in depth and steps, to the content of SignedData.
"""

from __future__ import annotations

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_STEPS = 20_000
_MOST_LENGTH_BYTES = 4


def signed_content(data: bytes) -> bytes | None:
    """The bytes that were signed; None if this is no SignedData or holds no content."""
    if data[:1] != b"\x30" or _SIGNED_DATA not in data[:64]:
        return None
    at = data.find(_DATA, 0, 512)
    if at < 0:
        return None
    at += len(_DATA)
    if data[at : at + 1] != b"\xa0":
        return None
    inner = _content_start(data, at)
    if inner is None:
        return None
    pieces: list[bytes] = []
    _octets(data, inner, pieces, [_STEPS])
    return b"".join(pieces) or None


def _length(data: bytes, at: int) -> tuple[int | None, int] | None:
    """The length at `at` (None: indefinite) and where the value begins; None if there is none."""
    if at >= len(data):
        return None
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    if size == 0:
        return None, at + 1
    if size > _MOST_LENGTH_BYTES or at + 1 + size > len(data):
        return None
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def _content_start(data: bytes, at: int) -> int | None:
    read = _length(data, at + 1)
    return read[1] if read else None


def _octets(data: bytes, at: int, pieces: list[bytes], steps: list[int]) -> None:
    """An OCTET STRING, in one piece or as a list of pieces."""
    if at >= len(data) or data[at] not in (0x04, 0x24):
        return
    read = _length(data, at + 1)
    if read is None:
        return
    length, start = read
    if data[at] == 0x04:
        if length is not None:
            pieces.append(data[start : start + length])
        return
    end = len(data) if length is None else min(len(data), start + length)
    at = start
    while at < end and data[at] == 0x04 and steps[0] > 0:
        steps[0] -= 1
        read = _length(data, at + 1)
        if read is None or read[0] is None:
            return
        pieces.append(data[read[1] : read[1] + read[0]])
        at = read[1] + read[0]
