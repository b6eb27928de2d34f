"""Subjects that mail programs thread: the customer's own words once, `Re:` once, the tag once (R33).

Gmail joins letters only while the subject stays the same apart from `Re:`; so every letter of one
conversation reads `Re: <words> [#N]`, however many prefixes and tags the customer's program added.
"""

from __future__ import annotations

from helpdesk.model.subjects import PREFIX, TAG
from helpdesk.render import cleaning

LONGEST_SUBJECT = 200


def tag(number: int | None) -> str:
    """`[#12]`, or '' for a letter that belongs to no ticket."""
    return "" if number is None else f"[#{number}]"


def base(subject: str) -> str:
    """The words of a subject without `Re:`, `Fwd:` and ticket tags, on one line of at most 200 characters."""
    words = TAG.sub(" ", cleaning.line(subject))
    prefix = PREFIX.match(words.lstrip())
    return cleaning.line(words.lstrip()[prefix.end() if prefix else 0 :], LONGEST_SUBJECT)


def tagged(subject: str, number: int | None) -> str:
    """The subject with this ticket's tag exactly once, at its end; a stranger's tags are gone.

    A foreign `[#99]` that a customer typed would lead the answers to another ticket (R34, T2).
    """
    words = cleaning.line(TAG.sub(" ", cleaning.line(subject)), 2 * LONGEST_SUBJECT)
    return f"{words} {tag(number)}".strip()
