"""DKIM-Signature fields, read strictly (RFC 6376 3.2, 3.5), from mails that any verifier reads as we do.

A header with anything odd in it is not read at all: a verifier might see another From than we do. Nor is a mail
whose blanks would keep the verifier busy: its expressions are quadratic in a run of blanks, and worse in the field
itself (T15).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.model.signatures import Signature, Signed
from helpdesk.parse.headers import read_headers

FIELD = "dkim-signature"
LARGEST = 5 * 1024 * 1024
"""Bytes of a mail: a verifier holds several copies of it."""
LONGEST_FIELD = 4096
_COSTLY = 20_000_000
"""Steps in the runs of blanks of a mail: a tenth of a second."""

_BLANKS = re.compile(rb"[ \t]{2,}")
_FIELD_END = re.compile(rb"\n(?![ \t])")
_WIDE = re.compile(r"\s{80}")
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]{0,30})\s*=\s*(.*?)\s*", re.DOTALL)
_SPACE = re.compile(r"\s+")


def read_signed(raw: bytes, limits: MailLimits = NORMAL) -> Signed | None:
    """The signatures of a mail as it came, and what they may have to cover; None where nobody should verify it."""
    if len(raw) > LARGEST or _is_costly(raw):
        return None
    headers, body = read_headers(raw, limits=limits)
    longest = max(map(len, _FIELD_END.split(raw[:body])))
    if headers.repairs or longest > limits.header_value or b"\0" in raw[:body]:
        return None
    fields = enumerate(headers.texts(FIELD))
    counts = {name: len(values) for name, values in headers.fields.items()}
    return Signed(counts, tuple(one for at, text in fields if (one := _signature(at, text))))


def _signature(at: int, text: str) -> Signature | None:
    if len(text) > LONGEST_FIELD or not text.isascii() or _WIDE.search(text):
        return None
    tags: dict[str, str] = {}
    for name, value in _tags(text):
        if not name or name in tags:
            return None
        tags[name] = value
    names = tuple(_SPACE.sub("", tags.get("h", "")).lower().split(":"))
    return Signature(at, tags.get("d", "").lower(), names, tags)


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """Each tag with its value; the name is '' where one cannot be read. A `;` at the end is forgiven."""
    for piece in text.rstrip().removesuffix(";").split(";"):
        match = _TAG.fullmatch(piece)
        yield (match[1], match[2]) if match else ("", "")


def _is_costly(raw: bytes) -> bool:
    steps = 0
    for run in _BLANKS.finditer(raw):
        steps += (run.end() - run.start()) ** 2
        if steps > _COSTLY:
            return True
    return False
