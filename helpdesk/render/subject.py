"""Subjects that mail programs thread: the customer's own words once, `Re:` once, the tag once (R33).

Gmail joins letters only while the subject stays the same apart from `Re:`; so every letter of one
conversation reads `Re: <words> [#N]`, however many prefixes and tags the customer's program added.
"""

from __future__ import annotations

import re

from helpdesk.render import cleaning

LONGEST_SUBJECT = 200

_PREFIX = re.compile(
    r"(?:(?:re|r|aw|antw|antwort|sv|vs|vá|odp|ynt|res|rif|ref|bls|balas|απ|σχετ|回复|答复|"
    r"fwd?|wg|tr|rv|enc|doorst|vb|fs|tst|πρθ|trs|terusan|转发)"
    r"(?:\s?\[\d{1,3}\]|\s?\(\d{1,3}\))?\s?[:：]\s*)+",
    re.I,
)
_TAG = re.compile(r"\s*\[#\d{1,15}\]")


def tag(number: int | None) -> str:
    """`[#12]`, or '' for a letter that belongs to no ticket."""
    return "" if number is None else f"[#{number}]"


def base(subject: str) -> str:
    """The words of a subject without `Re:`, `Fwd:` and ticket tags, on one line of at most 200 characters."""
    words = _TAG.sub(" ", cleaning.line(subject))
    prefix = _PREFIX.match(words.lstrip())
    return cleaning.line(words.lstrip()[prefix.end() if prefix else 0 :], LONGEST_SUBJECT)


def tagged(subject: str, number: int | None) -> str:
    """The subject with this ticket's tag exactly once, at its end; a stranger's tags are gone.

    A foreign `[#99]` that a customer typed would lead the answers to another ticket (R34, T2).
    """
    words = cleaning.line(_TAG.sub(" ", cleaning.line(subject)), 2 * LONGEST_SUBJECT)
    return f"{words} {tag(number)}".strip()
