"""The block of From, Sent, To, Subject lines that Outlook and others put above what they quote.

Needs three consecutive fields that we know in some language, or two with an address and a date among them;
unknown languages are read by shape when a dashed line announces the block. A form that a human fills in
("From: Berlin, To: Paris, Date: tomorrow") has neither subject nor address. Linear (T15).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

from helpdesk.parse.fieldnames import meaning_of
from helpdesk.parse.separators import announcement, is_announced

__all__ = ["announcement", "block_length", "header_field", "is_announced"]

_FIELD = re.compile(
    r"[ \t>|]{0,12}[*_]{0,2}([^\W\d_][^:：*_<>@\n]{0,22}?)[ \t\u00a0]{0,2}[*_]{0,2}[:：][*_]{0,2}[ \t\u00a0]*(.*)"
)
_INNER = re.compile(r"(?<=\s)[*_]{0,2}([^\W\d_][^\W\d_/-]{0,20}(?: [^\W\d_]{2,10})?) ?[:：][*_]{0,2}(?=\s)")
_EVIDENCE = re.compile(r"@|\d{1,4}\s?[:./年월月-]\s?\d{1,2}|\b(?:19|20)\d\d\b")
_DATE = re.compile(r"\d{1,4}\s?[:./年월月-]\s?\d{1,2}|\b(?:19|20)\d\d\b")
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
_ONCE = frozenset({"from", "date", "subject"})
_MOST_LINES = 24
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2069\ufeff"))


def block_length(lines: Sequence[str], at: int, *, announced: bool = False) -> int:
    """How many lines the header block at `at` has; 0 if there is none."""
    if at < len(lines) and not _may_be_field(lines[at]):
        return 0
    meanings: dict[str, None] = {}
    fields, evidence, end = 0, "", at
    while end < min(at + _MOST_LINES, len(lines)):
        name, value = header_field(lines[end])
        if name in meanings and name in _ONCE:
            break
        if name or (announced and value):
            meanings.update(dict.fromkeys((name, *_inner_fields(value)) if len(value) > 30 else (name,)))
            fields += 1
        elif fields and _is_wrapped(lines, end):
            value = lines[end]
        elif fields and not lines[end].strip() and _goes_on(lines, end + 1, meanings):
            value = ""
        else:
            break
        evidence += f" {value[:400]}"
        end += 1
    meanings.pop("", None)
    return end - at if _convincing(list(meanings), fields, evidence, announced=announced) else 0


def _may_be_field(line: str) -> bool:
    return ":" in line or "：" in line


def _inner_fields(value: str) -> list[str]:
    """Fields that a mail program ran together on one line: "Anne Sent: Monday To: Bart Subject: Lamp"."""
    found = islice(_INNER.finditer(value[:400]), 8)
    return [meaning for match in found if (meaning := meaning_of(match[1]))]


def _is_wrapped(lines: Sequence[str], at: int) -> bool:
    """A long value goes on in this line, or the address stands alone below its name."""
    line = lines[at]
    if not line.strip():
        return False
    above = lines[at - 1].rstrip()
    return line[0] in " \t" or above.endswith((";", ",", ":")) or (line[0] == "<" and "@" in line)


def _goes_on(lines: Sequence[str], at: int, meanings: Collection[str]) -> bool:
    """Fields set as paragraphs of their own: a new one follows the empty line."""
    name = header_field(lines[at])[0] if at < len(lines) else ""
    return bool(name) and name not in meanings and name != "other"


def _convincing(meanings: list[str], fields: int, evidence: str, *, announced: bool) -> bool:
    if announced and fields >= 2 and _EVIDENCE.search(evidence):
        return True
    if "subject" not in meanings and "@" not in evidence:
        return meanings[:3] == ["from", "date", "to"] and bool(_TIME.search(evidence))
    if {"date", "to"} <= set(meanings) and "@" in evidence and _DATE.search(evidence):
        return True
    if "from" not in meanings:
        return False
    return len(meanings) >= 3 or (
        len(meanings) == 2 and "date" in meanings and bool(_EVIDENCE.search(evidence))
    )


def header_field(line: str) -> tuple[str, str]:
    """Return what the field means ('' if unknown) and its value; ('', '') if the line is no field."""
    if not _may_be_field(line):
        return "", ""
    match = _FIELD.match(line.translate(_INVISIBLE)) if len(line) <= 1_000 else None
    if not match:
        return "", ""
    return meaning_of(match[1]), match[2].strip() or match[1]
