"""Lines that phones and mail programs add by themselves: "Sent from my iPhone", "Get Outlook for Android".

Read by two words at once, "sent" in some language and what it was sent with, so that a human's "Sent by
courier yesterday" stays words.
"""

from __future__ import annotations

import re

from helpdesk.parse.phrases import BEFORE_SENT, BRANDS, GADGETS, GET_WITH, PROGRAMS, SENT_LAST, SENT_WITH

_MARKUP = "*_~ \t\u00a0<>[]()-–—|\"'“”«»"
_LINK = re.compile(r"[<(\[]{1,2}(?:https?:|www\.)[^>)\]]{0,300}[>)\]]{0,2}|https?://\S{1,300}")
_MINE = re.compile(r"sent from my [\w'’ .-]{2,40}")
_VIA = re.compile(r"via (?:my )?(?:mobile|iphone|ipad|phone|android|blackberry|smartphone|handy|mobil)")
_MOST_WORDS, _FEW_WORDS = 14, 9
_FIRST_TWO = frozenset(words[:2] for words in (*GET_WITH, *BEFORE_SENT, *SENT_WITH, "via"))
"""Letters that one can begin with: most lines do not."""


def is_tagline(line: str) -> bool:
    """Is it one, whatever stands around it?"""
    stripped = line.strip()
    if not 5 < len(stripped) < 400:
        return False
    told = _told(stripped)
    if told[:2] not in _FIRST_TWO:
        return False
    if told.startswith(GET_WITH):
        return len(told.split()) <= _FEW_WORDS and _names(told, PROGRAMS) and "?" not in told
    last = told.startswith(BEFORE_SENT) and told.rstrip(".!。").endswith(SENT_LAST)
    if not (last or told.startswith(SENT_WITH)):
        return bool(_VIA.fullmatch(told))
    if len(told.split()) > _MOST_WORDS or len(told) > 110 or "?" in told or _goes_on(told):
        return False
    return _names(told, BRANDS + PROGRAMS + GADGETS) or bool(_MINE.fullmatch(told.rstrip(".!")))


def is_certain_tagline(line: str) -> bool:
    """So short and plain that no human says it: it may make a mail empty."""
    if not is_tagline(line):
        return False
    told = _told(line)
    mine = told.startswith("sent from my ") and _names(told, GADGETS)
    return (
        len(told.split()) <= _FEW_WORDS
        and not told.startswith("sent by")
        and (mine or _names(told, BRANDS + PROGRAMS))
    )


def _told(line: str) -> str:
    """Without its link and emphasis."""
    return (_LINK.sub("", line) if "http" in line or "www" in line else line).strip(_MARKUP).lower()


def _goes_on(told: str) -> bool:
    """A sentence with more to say than what it was sent with."""
    return ", " in told and ", an " not in told and not told.startswith("yahoo mail:")


def _names(told: str, things: tuple[str, ...]) -> bool:
    return any(thing in told for thing in things)
