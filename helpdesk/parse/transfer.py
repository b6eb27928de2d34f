"""Content-Transfer-Encodings, read leniently: what can be decoded is, the rest is dropped. Never raises."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_NOT_BASE64_OR_PAD = bytes(set(_NOT_BASE64) - set(b"="))
_CHUNK = 1024 * 1024


_QUOTED = frozenset(
    {"quoted-printable", "quotedprintable", "quoted-print", "quoted", "qp", "quoted-printible"}
)
_UU = frozenset({"x-uuencode", "uuencode", "x-uue", "uue", "x-uu"})
_NO_BASE64_LINE = re.compile(
    rb"(?m)^[^\r\n]*[^A-Za-z0-9+/=\s_-][^\r\n]*|^[^\s=]{1,60}[ \t]+[^\s=]+[ \t][^\r\n]*"
)


def coding(value: str) -> str:
    """The transfer encoding a header means: `base64`, `quoted-printable`, `uuencode` or what it says."""
    words = value.lower().replace('"', " ").replace("'", " ").replace(";", " ").replace("(", " ").split()
    name = words[0].replace("_", "-").strip(",.") if words else ""
    if name in _QUOTED:
        return "quoted-printable"
    if name in _UU:
        return "uuencode"
    return "base64" if name in {"base64", "base-64", "x-base64", "b64"} else name


def decode_text(body: bytes, encoding: str) -> bytes:
    """As `decode`, for text: lists append plain footers to base64, and some call base64 what is none."""
    if encoding != "base64":
        return decode(body, encoding)
    if not (odd := _NO_BASE64_LINE.search(body)):
        return from_base64(body)
    head = body[: odd.start()]
    if len(head.strip()) < 4:
        return body
    return from_base64(head) + b"\n" + body[odd.start() :]


def decode(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding; an unknown one means the bytes are as they are (R22)."""
    if encoding == "base64":
        return from_base64(body)
    if encoding == "quoted-printable":
        return from_quoted(body)
    if encoding == "uuencode":
        return from_uu(body)
    return body


def decoded_size(body: bytes, start: int, end: int, encoding: str) -> int:
    """The size after decoding, without holding the decoded bytes of a large attachment (T13)."""
    if encoding != "base64":
        return len(decode(body[start:end], encoding))
    digits = sum(len(chunk.translate(None, _NOT_BASE64)) for chunk in _chunks(body, start, end))
    return digits * 3 // 4


def _chunks(body: bytes, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, _CHUNK):
        yield body[at : min(at + _CHUNK, end)]


def from_base64(data: bytes) -> bytes:
    digits = data.translate(None, _NOT_BASE64_OR_PAD)
    padded = digits.find(b"=")
    if 0 <= padded < len(digits) - 2 and digits[padded:].strip(b"="):
        return b"".join(_one_base64(piece) for piece in digits.split(b"=") if piece)
    return _one_base64(digits.rstrip(b"="))


def _one_base64(digits: bytes) -> bytes:
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    try:
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
    except binascii.Error:
        return b""


def from_quoted(data: bytes) -> bytes:
    return quopri.decodestring(data)


def from_header_quoted(data: bytes) -> bytes:
    return binascii.a2b_qp(data, header=True)


def from_uu(data: bytes) -> bytes:
    """The first uuencoded file in the data; without a `begin` line the bytes as they are."""
    lines = data.splitlines()
    begin = next((n for n, line in enumerate(lines) if line.startswith(b"begin ")), None)
    if begin is None:
        return data
    decoded: list[bytes] = []
    for line in lines[begin + 1 :]:
        if line.strip() in {b"end", b"`", b""}:
            break
        decoded.append(_uu_line(line))
    return b"".join(decoded)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        pass
    try:  # old encoders write a wrong length; count what the length byte promises
        return binascii.a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])
    except binascii.Error:
        return b""
