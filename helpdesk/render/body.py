"""The MIME body of a letter: CRLF only, lines of at most 76 characters, no NUL, ASCII bytes (R73).

A boundary begins with `=_`, which neither base64 nor quoted-printable can produce, so no text can end
a part early.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.render import cleaning
from helpdesk.render.header_words import file_name

Headers = tuple[tuple[str, str], ...]

_TYPE = re.compile(
    r"(?!(?:multipart|message)/)[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}"
)
_TROUBLE = (".", "From ")
_MANY_NON_ASCII = 6


@dataclass(frozen=True, slots=True)
class Entity:
    """Content headers and the bytes they describe; `content` has CRLF line ends."""

    headers: Headers
    content: bytes

    def whole(self) -> bytes:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return head.encode("ascii") + b"\r\n" + self.content


def text_part(text: str, subtype: str = "plain") -> Entity:
    """Text in UTF-8: quoted-printable, or base64 where that is shorter or safer.

    A line that begins with a dot or with `From ` would depend on every carrier's stuffing and
    unstuffing (T9); in base64 there is none.
    """
    cleaned = cleaning.block(text, len(text)) + "\n"
    raw = cleaned.encode()
    wary = cleaned.startswith(_TROUBLE) or any(f"\n{start}" in cleaned for start in _TROUBLE)
    many = len(raw) - len(cleaned) > len(raw) // _MANY_NON_ASCII
    if many or wary:
        encoding, content = "base64", _base64(raw.replace(b"\n", b"\r\n"))
    else:
        encoding, content = "quoted-printable", _quoted_printable(raw)
    headers = (("Content-Type", f"text/{subtype}; charset=utf-8"), ("Content-Transfer-Encoding", encoding))
    return Entity(headers, content)


def attachment(name: str, media_type: str, content: bytes) -> Entity:
    """A file; a type that is odd or would nest other mail is given as plain bytes (RFC 2046 5.2.1)."""
    kind = media_type.lower().strip()
    headers = (
        ("Content-Type", kind if _TYPE.fullmatch(kind) else "application/octet-stream"),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", file_name(name)),
    )
    return Entity(headers, _base64(content))


def picture(name: str, media_type: str, content: bytes, cid: str) -> Entity:
    """A file that the HTML beside it shows as `cid:<cid>`; `cid` is `local@domain` in ASCII (RFC 2392)."""
    file = attachment(name, media_type, content)
    shown = ("Content-Disposition", file_name(name, "inline"))
    return Entity((*file.headers[:2], ("Content-ID", f"<{cid}>"), shown), file.content)


def multipart(subtype: str, parts: Sequence[Entity], boundary: str) -> Entity:
    """`boundary` must begin with `=_`."""
    opening = f"--{boundary}\r\n".encode("ascii")
    content = b"".join(opening + part.whole() + b"\r\n" for part in parts)
    closing = f"--{boundary}--\r\n".encode("ascii")
    return Entity((("Content-Type", f'multipart/{subtype};\r\n boundary="{boundary}"'),), content + closing)


def _quoted_printable(raw: bytes) -> bytes:
    return binascii.b2a_qp(raw).replace(b"\n", b"\r\n")


def _base64(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n") or b"\r\n"
