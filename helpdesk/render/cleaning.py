"""Strangers' text, made harmless before it stands in a letter: linear time, never raises.

`line` and `block` give text without controls, lone surrogates and bidi overrides (T8, T16);
`person_name` lets through only what looks like a name (F13: a letter to a stranger repeats no advert).
"""

from __future__ import annotations

import re
import unicodedata

from helpdesk.model.plain import is_plain

LONGEST_LINE = 1000
LONGEST_BLOCK = 60_000
LONGEST_NAME = 40

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NOT_IN_LINE = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\u200b{_BIDI}\ufeff\ufff9-\ufffb]+")
_NOT_IN_BLOCK = re.compile(f"[\\x01-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f{_BIDI}\ufeff\ufff9-\ufffb]+")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BROKEN = re.compile("[\x00\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_NAME_MARKS = frozenset(" .,'’`´-·‐\u200c\u200d")
_NAME_WORDS = 5
_ADVERT = re.compile(r"\bwww\b|\bhttps?\b|\.\w{2,}", re.I)
_TITLE = re.compile(r"\b(?:dr|prof|drs|ir|hj|mr|mrs|ms|st)\.(?=\w)", re.I)


def line(text: str, longest: int = LONGEST_LINE) -> str:
    """One line: what would break a header or a sentence becomes a space; cut at `longest` characters."""
    if len(text) <= longest and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    cleaned = _SPACES.sub(" ", _NOT_IN_LINE.sub(" ", whole(text[: 4 * longest]))).strip()
    return cleaned if len(cleaned) <= longest else cleaned[: longest - 1].rstrip() + "…"


def block(text: str, longest: int = LONGEST_BLOCK) -> str:
    """Several lines with `\\n` ends, nothing invisible in them; cut at `longest` characters, saying so."""
    cut = text[:longest]
    harmless = cut if is_plain(cut) else _NOT_IN_BLOCK.sub("", _LINE_ENDS.sub("\n", whole(cut)))
    cleaned = harmless.strip("\n").rstrip()
    rest = len(text) - len(cut)
    return f"{cleaned}\n[... {rest}]" if rest else cleaned


def whole(text: str) -> str:
    """NFC without NUL and lone surrogates, which no encoder takes (T16)."""
    if text.isascii() and "\0" not in text:
        return text
    return unicodedata.normalize("NFC", _BROKEN.sub("\ufffd", text))


def person_name(name: str) -> str:
    """The name if it can be one, else ''.

    An acknowledgement goes to whom a From line names, truly or not. A display name like
    "BUY http://x" would make the desk its messenger (F13, T7).
    """
    cleaned = line(name, 4 * LONGEST_NAME)
    if len(cleaned) > LONGEST_NAME or len(cleaned.split()) > _NAME_WORDS:
        return ""
    if _ADVERT.search(_TITLE.sub("", cleaned)):
        return ""
    letters = all(c in _NAME_MARKS or unicodedata.category(c)[0] in "LM" for c in cleaned)
    return cleaned if letters and any(c.isalpha() for c in cleaned) else ""
