"""What of a subject are its words, and what did mail programs and desks put around them (R33)?"""

from __future__ import annotations

import re

PREFIX = re.compile(
    r"(?:(?:re|r|aw|antw|antwort|sv|vs|vá|odp|ynt|res|rif|ref|bls|balas|απ|σχετ|回复|答复|"
    r"fwd?|wg|tr|rv|enc|doorst|vb|fs|tst|πρθ|trs|terusan|转发)"
    r"(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\))?\s?[:：]\s*)+",
    re.I,
)
"""`Re:`, `Fwd:` and their like, any number of them, at the beginning."""

TAG = re.compile(r"\s*\[#(\d{1,15})\]")
"""The tag of a ticket: `[#12]`."""

_LIST_NAME = re.compile(r"\[[^\[\]]{1,60}\]\s*(?=\S)")
_WORDS = re.compile(r"\w+")


def words(subject: str) -> tuple[str, ...]:
    """The subject's own words in lower case: without prefixes, tags and names of lists in brackets."""
    rest = TAG.sub(" ", subject).strip()
    while cut := PREFIX.match(rest) or _LIST_NAME.match(rest):
        rest = rest[cut.end() :]
    return tuple(_WORDS.findall(rest.casefold()))


def alike(one: str, other: str) -> bool:
    """Do two subjects name the same thing? Equal, or one begins or ends with the words of the other (cut, amended)."""
    short, long = sorted((words(one), words(other)), key=len)
    return (bool(short) and short in (long[: len(short)], long[len(long) - len(short) :])) or short == long
