"""The block of From, Sent, To, Subject lines that Outlook and others put above what they quote.

Needs three consecutive fields that we know in some language, or two with an address or a date among them;
unknown languages are read by shape when a dashed line announces the block. Linear (T15).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.parse.phrases import FIELDS, FORWARD, ORIGINAL

_FIELD = re.compile(
    r"[ \t>|]{0,12}[*_]{0,2}([^\W\d_][^:：*_<>@\n]{0,22}?)[ \t\u00a0]{0,2}[*_]{0,2}[:：][*_]{0,2}[ \t\u00a0]*(.*)"
)
_RULE = re.compile(r"[ \t>]{0,4}(?:_{10,}|-{10,}|={10,}|\*{10,})[ \t]*")
_EVIDENCE = re.compile(r"@|\b\d{1,4}[:./年-]\d{1,2}|\b(?:19|20)\d\d\b")
_MOST_LINES = 16
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\ufeff"))


def block_length(lines: Sequence[str], at: int, *, announced: bool = False) -> int:
    """How many lines the header block at `at` has; 0 if there is none."""
    meanings: set[str] = set()
    fields, evidence, end = 0, "", at
    while end < min(at + _MOST_LINES, len(lines)):
        name, value = header_field(lines[end])
        if name or (announced and value):
            meanings.add(name)
            fields += 1
        elif fields and _is_wrapped(lines, end):
            value = lines[end]
        else:
            break
        evidence += value
        end += 1
    meanings.discard("")
    return end - at if _convincing(meanings, fields, evidence, announced=announced) else 0


def _is_wrapped(lines: Sequence[str], at: int) -> bool:
    """A long value goes on in this line."""
    line = lines[at]
    return bool(line.strip()) and (line[0] in " \t" or lines[at - 1].rstrip().endswith((";", ",", ":")))


def _convincing(meanings: set[str], fields: int, evidence: str, *, announced: bool) -> bool:
    if announced and fields >= 2 and _EVIDENCE.search(evidence):
        return True
    if {"date", "to"} <= meanings and "@" in evidence and _EVIDENCE.search(evidence.replace("@", "")):
        return True
    if "from" not in meanings:
        return False
    return len(meanings) >= 3 or (
        len(meanings) == 2 and bool(_EVIDENCE.search(evidence)) and "date" in meanings
    )


def header_field(line: str) -> tuple[str, str]:
    """Return what the field means ('' if unknown) and its value; ('', '') if the line is no field."""
    match = _FIELD.match(line.translate(_INVISIBLE)) if len(line) <= 1_000 else None
    if not match:
        return "", ""
    return FIELDS.get(match[1].strip().lower(), ""), match[2].strip() or match[1]


def announcement(line: str) -> str:
    """'original' or 'forward' for `-----Original Message-----` and its kin, 'rule' for a bare line, else ''."""
    stripped = line.strip()
    if not stripped or len(stripped) > 120:
        return ""
    if _RULE.fullmatch(stripped):
        return "rule"
    words = _between_dashes(stripped)
    lowered = (words or stripped.rstrip(":").strip("* ")).lower()
    if lowered in FORWARD or lowered.startswith(("forwarded by ", "forwarded message from ")):
        return "forward"
    if lowered in ORIGINAL:
        return "original"
    if words and any(phrase in lowered for phrase in ("original message", "forwarded message")):
        return "forward" if "forward" in lowered else "original"
    return "dashed" if words and len(words) < 60 else ""


def _between_dashes(stripped: str) -> str:
    left = stripped.lstrip("-_=* ")
    if len(stripped) - len(left) < 2:
        return ""
    words = left.rstrip("-_=* ")
    return words if len(left) - len(words) >= 2 else ""
