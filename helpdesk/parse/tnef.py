"""winmail.dat: what Outlook wraps into TNEF (MS-OXTNEF). Attachments by their true names, and the text if there is one.

A flat list of attributes: a level byte, an id, a length, the bytes, a checksum. Every length is checked
against what is left, at most 5,000 attributes and 100 attachments are read; nothing is unpacked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.parse import charsets
from helpdesk.parse.limits import TEXT

SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTES = 5_000
_PROPERTIES = 2_000
_ATTACHMENT_TITLE, _ATTACHMENT_DATA, _ATTACHMENT_BEGINS = 0x8010, 0x800F, 0x9002
_ATTACHMENT_PROPERTIES, _MESSAGE_PROPERTIES, _BODY, _CODE_PAGE = 0x9005, 0x9003, 0x800C, 0x9007
_LONG_NAME, _SHORT_NAME, _MIME_TYPE, _CONTENT_ID = 0x3707, 0x3704, 0x370E, 0x3712
_PLAIN_BODY, _HTML_BODY, _DATA_OBJECT = 0x1000, 0x1013, 0x3701
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x0D, 0x1E, 0x1F, 0x102})


@dataclass(slots=True)
class TnefFile:
    """One attachment: `start` and `end` are where its bytes lie in the winmail.dat."""

    title: str = ""
    long_name: str = ""
    type: str = ""
    content_id: str = ""
    start: int = 0
    end: int = 0

    @property
    def name(self) -> str:
        return self.long_name or self.title


@dataclass(slots=True)
class Tnef:
    files: list[TnefFile] = field(default_factory=list)
    text: str = ""
    html: str = ""
    code_page: str = "cp1252"


def read_tnef(data: bytes, limits: MailLimits = NORMAL) -> Tnef | None:
    """What is inside; None if this is no TNEF. What is broken ends the reading, what came before stays."""
    if data[:4] != SIGNATURE:
        return None
    found = Tnef()
    for number, start, end in _attributes(data):
        if number == _CODE_PAGE and end - start >= 4:
            found.code_page = f"cp{struct.unpack_from('<I', data, start)[0]}"
        elif number == _BODY:
            found.text = found.text or _text(data[start:end], found.code_page)
        elif number == _MESSAGE_PROPERTIES:
            _read_body(found, data[start:end], limits.html)
        elif number == _ATTACHMENT_BEGINS:
            if len(found.files) >= limits.attachments:
                break
            found.files.append(TnefFile())
        elif found.files:
            _read_file(found, number, data, start, end)
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, int, int]]:
    at = 6
    for _ in range(_ATTRIBUTES):
        if at + 9 > len(data):
            return
        _, number, _, length = struct.unpack_from("<BHHI", data, at)
        start, end = at + 9, at + 9 + length
        if end > len(data):
            return
        yield number, start, end
        at = end + 2


def _read_file(found: Tnef, number: int, data: bytes, start: int, end: int) -> None:
    file = found.files[-1]
    if number == _ATTACHMENT_TITLE:
        file.title = _text(data[start:end], found.code_page)
    elif number == _ATTACHMENT_DATA:
        file.start, file.end = start, end
    elif number == _ATTACHMENT_PROPERTIES:
        for tag, kind, first, last in _properties(data, start, end):
            value = data[first:last]
            if tag == _LONG_NAME or (tag == _SHORT_NAME and not file.title):
                file.long_name = _value(value, kind, found.code_page) or file.long_name
            elif tag == _MIME_TYPE:
                file.type = _value(value, kind, found.code_page)
            elif tag == _CONTENT_ID:
                file.content_id = _value(value, kind, found.code_page)
            elif tag == _DATA_OBJECT and not file.end:
                file.start, file.end = min(first + 16 * (kind == 0x0D), last), last


def _read_body(found: Tnef, data: bytes, most_html: int) -> None:
    for tag, kind, first, last in _properties(data, 0, len(data)):
        if tag == _PLAIN_BODY:
            found.text = found.text or _value(data[first:last], kind, found.code_page)
        elif tag == _HTML_BODY:
            found.html = charsets.decode(data[first:last][:most_html], None, found.code_page)[0]


def _properties(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """The MAPI properties in a block: tag, type, where the value lies."""
    at = start + 4
    for _ in range(_PROPERTIES):
        if at + 4 > end:
            return
        kind, tag = struct.unpack_from("<HH", data, at)
        at += 4
        if tag >= 0x8000:
            at = _after_name(data, at, end)
        many, kind = kind & 0x1000, kind & 0x0FFF
        count = 1
        if many or kind in _VARIABLE:
            if at + 4 > end:
                return
            count = struct.unpack_from("<I", data, at)[0]
            at += 4
        for _ in range(min(count, 1_000)):
            size = _SIZES.get(kind)
            if size is None:
                if kind not in _VARIABLE or at + 4 > end:
                    return
                size = struct.unpack_from("<I", data, at)[0]
                at += 4
            if at + size > end:
                return
            yield tag, kind, at, at + size
            at += (size + 3) // 4 * 4


def _after_name(data: bytes, at: int, end: int) -> int:
    """Skip the GUID and the number or name of a named property."""
    if at + 24 > end:
        return end
    by_name, length = struct.unpack_from("<II", data, at + 16)
    return at + 24 + ((length + 3) // 4 * 4 if by_name else 0)


def _value(value: bytes, kind: int, code_page: str) -> str:
    text = value.decode("utf-16-le", "replace") if kind == 0x1F else _text(value, code_page)
    return text.split("\x00")[0]


def _text(value: bytes, code_page: str) -> str:
    return charsets.decode(value.split(b"\x00")[0][:TEXT], code_page)[0]
