"""Values with parameters: Content-Type and Content-Disposition, with RFC 2231 segments (R23). Linear, bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from helpdesk.parse import charsets, limits
from helpdesk.parse.words import decode_words

_SEGMENT = re.compile(r"([^*]{1,60})\*([0-9]{1,3})?(\*)?")


@dataclass(slots=True)
class Parameters:
    """`value` is the part before the first `;` in lower case; `items` names are lower case, values decoded."""

    value: str = ""
    items: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.items.get(name, "")


def read_parameters(text: str) -> Parameters:
    value, *rest = _split(text)
    kind, space, more = value.strip().partition(" ")
    if space and "=" in more and "/" in kind:  # `text/html charset=utf-8`: a semicolon was forgotten
        value, rest = kind, [more, *rest]
    plain: dict[str, str] = {}
    segments: dict[str, dict[int, tuple[str, bool]]] = {}
    for item in rest[: limits.PARAMETERS]:
        name, _, content = item.partition("=")
        name = name.strip().lower()
        if match := _SEGMENT.fullmatch(name):
            number = int(match[2] or 0)
            coded = bool(match[3]) or match[2] is None
            segments.setdefault(match[1], {}).setdefault(number, (_unquote(content), coded))
        elif name:
            plain.setdefault(name, decode_words(_unquote(content)))
    for name, numbered in segments.items():
        plain[name] = _join(numbered)
    return Parameters(value.strip().lower(), plain)


def _split(text: str) -> list[str]:
    """Cut at each `;` outside quotes. A quote that is never closed is no quote."""
    if '"' not in text:
        return text.split(";", limits.PARAMETERS * 4)
    pieces: list[str] = []
    start = at = 0
    while at < len(text):
        if text[at] == '"':
            at = _end_of_quote(text, at)
        elif text[at] == ";":
            pieces.append(text[start:at])
            start = at + 1
        at += 1
    pieces.append(text[start:])
    return pieces


def _end_of_quote(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return min(len(text), at)


def _unquote(content: str) -> str:
    content = content.strip()
    if content.startswith('"'):
        end = _end_of_quote(content, 0)
        content = content[1:end]
        return re.sub(r'\\(["\\])', r"\1", content)
    return content


def _join(numbered: dict[int, tuple[str, bool]]) -> str:
    """Segments in order up to the first gap; charset'language'text only in the first one."""
    data: list[bytes] = []
    charset = ""
    for expected, number in enumerate(sorted(numbered)):
        content, coded = numbered[number]
        if number != expected and data:
            break
        if coded and not data and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        data.append(unquote_to_bytes(content) if coded else content.encode("utf-8", "replace"))
    text = charsets.decode(b"".join(data), charset or None)[0]
    return decode_words(text)
