"""Text that every later stage may store and show: NFC, no NUL, no surrogates, no control characters (T16).

NUL goes like the other controls: it stands where a mailer counted wrong, between letters that belong together.

Joiners (ZWJ, ZWNJ) stay, scripts need them. Bidi overrides go from one-line texts, where they can lie (T17).
"""

from __future__ import annotations

import re
import unicodedata

from helpdesk.model.plain import is_plain

REPLACEMENT = "\ufffd"
_LINE_ENDS = re.compile("\r\n|\r|\u0085|\u2028|\u2029|\x0b|\x0c")
_UNSTORABLE = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"\s+")
_LONG_MARKS = re.compile("([^\x00-\u02ff\u0370-\u0482\u1e00-\ua66e\uac00-\ud7ff]{64})(?=[^\x00-\u02ff])")
_MARKS = 32


def clean_text(text: str) -> str:
    """Many lines, each ended by a newline; tabs stay."""
    lines = text.replace("\r\n", "\n")
    if is_plain(lines):
        return lines
    text = _LINE_ENDS.sub("\n", text)
    text = _UNSTORABLE.sub(REPLACEMENT, text)
    return nfc(_CONTROLS.sub("", text))


def clean_line(text: str, limit: int) -> str:
    """One line without bidi overrides, runs of space as one, at most `limit` characters."""
    text = _SPACES.sub(" ", clean_text(_BIDI.sub("", text[: 4 * limit])))
    return text[:limit].strip()


def nfc(text: str) -> str:
    """Normalise; runs of combining marks no language needs are cut first, as sorting them is quadratic."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _cut_marks(text))


def _cut_marks(text: str) -> str:
    if not _LONG_MARKS.search(text):
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _MARKS:
            kept.append(character)
    return "".join(kept)
