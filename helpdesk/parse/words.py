"""Encoded words in headers (RFC 2047), decoded once and only once (R22, F1). Linear, never raises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from helpdesk.parse import charsets
from helpdesk.parse.transfer import from_base64, from_header_quoted

_HEAD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?")
_CLOSED = re.compile(r"\?=(?![0-9A-F]{2}[^\s?]{0,80}\?=)")  # an unescaped "?" before "=20" ends nothing


@dataclass(slots=True)
class _Word:
    charset: str
    data: bytes


def header_text(value: bytes, hint: str | None = None) -> str:
    """A raw header value as text, encoded words still in place; raw UTF-8 is accepted (R24)."""
    return charsets.guess(value, hint)


def decode_words(text: str) -> str:
    """Decode every encoded word; the space between two of them vanishes (RFC 2047 section 6.2)."""
    if "=?" not in text:
        return text
    pieces: list[str | _Word] = []
    at = 0
    while match := _HEAD.search(text, at):
        end = _end_of_word(text, match.end())
        if end < 0:
            break
        _add_plain(pieces, text[at : match.start()], between=True)
        _add_word(pieces, match[1], match[2], text[match.end() : end])
        at = end + 2
    _add_plain(pieces, text[at:], between=False)
    return "".join(p if isinstance(p, str) else charsets.decode(p.data, p.charset)[0] for p in pieces)


def _end_of_word(text: str, start: int) -> int:
    match = _CLOSED.search(text, start)
    return match.start() if match else -1


def _add_plain(pieces: list[str | _Word], plain: str, *, between: bool) -> None:
    after_word = bool(pieces) and isinstance(pieces[-1], _Word)
    if plain and not (after_word and between and plain.isspace()):
        pieces.append(plain)


def _add_word(pieces: list[str | _Word], charset: str, coding: str, encoded: str) -> None:
    raw = encoded.encode("utf-8", "replace")
    data = from_base64(raw) if coding in "bB" else from_header_quoted(raw)
    last = pieces[-1] if pieces else None
    charset = charset.split("*")[0]
    if isinstance(last, _Word) and last.charset.lower() == charset.lower():
        last.data += data  # mailers split a character over two words
    else:
        pieces.append(_Word(charset, data))
