"""Authentication-Results, read strictly (RFC 8601 2.2): a field with anything odd in it says nothing (R51).

Only fields in the sound top of the header are read, in linear time, and a bounded number of them. Never raises.
ARC's copies (RFC 8617) have names of their own and are not looked at (R55).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.model.authentication import Finding, Testimony
from helpdesk.parse import limits
from helpdesk.parse.headers import Headers

RESULTS = "authentication-results"
HOP = "received"

_SERVER = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]{0,254})(?:\s+(\d{1,3}))?\s*")
_METHOD = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]{0,40})(?:\s*/\s*\d{1,3})?\s*=\s*([A-Za-z]{1,20})(?=\s|\Z)")
_PROPERTY = re.compile(r'\s+([A-Za-z][A-Za-z0-9.-]{0,60})\s*=\s*("[^"\\]*"|[^\s"]+)(?=\s|\Z)')
_PARTLY = re.compile(r"(?:^|;)\s*l\s*=")
_DOMAIN = re.compile(r"(?:^|;)\s*d\s*=\s*([^;\s]{1,255})")


def read_testimonies(headers: Headers) -> tuple[Testimony, ...]:
    """Every readable field, topmost first."""
    found: list[Testimony] = []
    hops: list[str] = []
    for name, raw in headers.trace:
        if name == HOP:
            hops.append(_by(raw))
        elif one := read_field(raw, tuple(hops)):
            found.append(one)
        if len(hops) > limits.TRACE or len(found) >= limits.TESTIMONIES:
            break
    return tuple(found)


def read_field(raw: bytes, hops: tuple[str, ...] = ()) -> Testimony | None:
    """What one field says; None if it is not plainly as RFC 8601 writes it."""
    if not raw.isascii() or len(raw) > limits.TESTIMONY:
        return None
    text = _without_comments(raw.decode("ascii"))
    if text is None:
        return None
    head, *rest = _pieces(text)
    server = _SERVER.fullmatch(head)
    if not server or server[2] not in (None, "1"):
        return None
    findings = [_finding(piece) for piece in rest if piece.strip() != "none"]
    whole = [one for one in findings if one]
    return Testimony(server[1].lower(), tuple(whole), hops) if len(whole) == len(findings) else None


def partly_signed(headers: Headers) -> tuple[str, ...]:
    """Domains whose DKIM signature leaves the end of the body open (`l=`): it vouches for nothing (R52)."""
    fields = headers.texts("dkim-signature")[: limits.TESTIMONIES]
    return tuple(match[1].lower() for one in fields if _PARTLY.search(one) and (match := _DOMAIN.search(one)))


def _finding(piece: str) -> Finding | None:
    match = _METHOD.match(piece)
    if not match:
        return None
    properties: list[tuple[str, str]] = []
    at = match.end()
    while (one := _PROPERTY.match(piece, at)) and len(properties) < limits.PROPERTIES:
        properties.append((one[1].lower(), one[2].strip('"')))
        at = one.end()
    return None if piece[at:].strip() else Finding(match[1].lower(), match[2].lower(), tuple(properties))


def _without_comments(text: str) -> str | None:
    """Comments may nest and hide semicolons; None where one, or a quotation, never ends."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"' and not depth:
            quoted = not quoted
        elif character in "()" and not quoted:
            depth += 1 if character == "(" else -1
            if depth < 0:
                return None
            kept.append(" ")
            continue
        if not depth:
            kept.append(character)
    return None if depth or quoted or escaped else "".join(kept)


def _pieces(text: str) -> Iterator[str]:
    """Cut at each `;` outside quotations; one at the very end is forgiven."""
    quoted, start = False, 0
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == ";" and not quoted:
            yield text[start:at]
            start = at + 1
    if text[start:].strip() or not start:
        yield text[start:]


def _by(raw: bytes) -> str:
    """The host that wrote a Received field, in lower case; '' if it does not say."""
    text = _without_comments(raw.decode("ascii", "replace")) or ""
    words = text.partition(";")[0].lower().split()
    words = words[2:] if words[:1] == ["from"] else words  # the word after `from` is the stranger's own
    after = words[words.index("by") + 1 :] if "by" in words else []
    return after[0].rstrip(".") if after else ""
