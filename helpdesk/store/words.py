"""Text into the words by which it is searched for, the same for what is stored and for what is asked.

The rules are ours and not a database's, so that SQLite and PostgreSQL find the same: compatibility forms, case
and accents are folded (NFKD, casefold, no combining marks; `Straße` is `strasse`, `café` is `cafe`, `ΟΔΌΣ` is
`οδος`), a word is a run of letters and digits of any script, and of scripts written without spaces every sign
is a word of its own. Nobody's language is assumed: no stems, no stop words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import chain

LONGEST_WORD = 40
"""Letters; a longer word is known by its beginning."""

LONGEST_TEXT = 200_000
"""Letters of one text that are looked at: more than a person writes."""

MOST_BYTES = 400_000
"""Of all different words of a ticket; a tsvector ends at a megabyte."""

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # kana, Chinese characters
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_PARTS_WORDS = bytes(code if chr(code).isalnum() else ord(" ") for code in range(128)).ljust(256)
"""For ASCII: what is no letter and no digit becomes a space."""


def words_in(text: str) -> list[str]:
    """The words of a text in their order, folded."""
    return [word[:LONGEST_WORD] for word in _whole_words(text)]


def merged(known: str, texts: Iterable[str]) -> str:
    """The different words of `known` (as this returns them) and then of the texts, with spaces between.

    Beyond MOST_BYTES the new words are left out; only a hostile mail has so many.
    """
    words = dict.fromkeys(chain(known.split(), chain.from_iterable(map(_whole_words, texts))))
    if len(max(words, key=len, default="")) > LONGEST_WORD:
        words = dict.fromkeys(word[:LONGEST_WORD] for word in words)
    together = " ".join(words)
    return together if len(together.encode()) <= MOST_BYTES else _as_many_as_fit(words)


def _as_many_as_fit(words: Iterable[str]) -> str:
    """The first of them; what is known stands first, and has fitted before."""
    fitting = []
    room = MOST_BYTES + 1  # there is no space before the first
    for word in words:
        room -= len(word.encode()) + 1
        if room < 0:
            break
        fitting.append(word)
    return " ".join(fitting)


def _whole_words(text: str) -> list[str]:
    folded = _folded(text[:LONGEST_TEXT])
    if folded.isascii():  # a quarter of the time that the search for any script takes
        return folded.encode("ascii").translate(_PARTS_WORDS).decode("ascii").split()
    return _WORD.findall(folded)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold()
    marks = {ord(sign): None for sign in set(plain) if unicodedata.combining(sign)}
    return plain.translate(marks) if marks else plain
