"""A forwarded mail: who wrote the inner one, its subject and its text.

Reads what people's mail programs put above it: a dashed announcement with a header block, Apple's "Begin
forwarded message", Outlook's block in a mail whose subject says so, or a message/rfc822 part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.model.mail import Forwarded
from helpdesk.model.people import Address
from helpdesk.parse import limits
from helpdesk.parse.addresses import read_addresses
from helpdesk.parse.clean import clean_line
from helpdesk.parse.headblock import announcement, block_length, header_field

_SUBJECT = re.compile(
    r"(?:fwd?|wg|tr|i|rv|enc|doorst|pd|vs|vb|fs|vl|vid|továbbítás|προωθ|пересл|转发|轉寄) ?: ", re.IGNORECASE
)
_MAILTO = re.compile(r"\[mailto:([^\]]{3,320})\]|<mailto:([^>]{3,320})>", re.IGNORECASE)
_QUOTE = re.compile(r"(?:> ?)+")


def read_forwarded(text: str, subject: str) -> Forwarded | None:
    lines = text[: limits.REPLY_CHARS].split("\n")[: limits.REPLY_LINES]
    plain = [_QUOTE.sub("", line, count=1) for line in lines]
    found = _announced(plain) or (_unannounced(plain) if _SUBJECT.match(subject) else None)
    if found is None:
        return None
    start, end = found
    fields = _fields(plain[start:end])
    sender = _sender(fields.get("from", ""))
    body = "\n".join(plain[end:]).strip("\n")
    return Forwarded(sender, clean_line(fields.get("subject", ""), limits.SUBJECT), body)


def _announced(lines: Sequence[str]) -> tuple[int, int] | None:
    for at, line in enumerate(lines):
        if announcement(line) != "forward":
            continue
        start = next((n for n in range(at + 1, min(at + 4, len(lines))) if lines[n].strip()), None)
        length = block_length(lines, start, announced=True) if start is not None else 0
        if start is not None and length:
            return start, start + length
    return None


def _unannounced(lines: Sequence[str]) -> tuple[int, int] | None:
    for at, line in enumerate(lines):
        if header_field(line)[0] and (length := block_length(lines, at)):
            return at, at + length
    return None


def _fields(lines: Sequence[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    last = ""
    for line in lines:
        meaning, value = header_field(line)
        if meaning:
            last = meaning if meaning not in fields else ""
            fields.setdefault(meaning, value)
        elif last and line.strip():
            fields[last] += " " + line.strip()
    return fields


def _sender(value: str) -> Address | None:
    value = _MAILTO.sub(lambda m: f"<{m[1] or m[2]}>", value.replace("*", ""))
    found = read_addresses(value).addresses
    return found[0] if found else None
