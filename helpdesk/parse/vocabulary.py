"""The words of a text in their order, in small letters: what stands in lists of words is looked up by them."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_SMALL_LETTERS = bytes(ord(chr(code).lower() if chr(code).isalpha() else " ") for code in range(128)).ljust(
    256
)
"""For ASCII: capitals become small letters, what is no letter becomes a space."""


def vocabulary(text: str) -> list[str]:
    """A word is a run of letters of any script."""
    if text.isascii():  # most lines are, and this takes a third of the time
        return text.encode("ascii").translate(_SMALL_LETTERS).decode("ascii").split()
    return _WORD.findall(text.lower())
