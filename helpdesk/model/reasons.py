"""Sentences that letters quote: each has a name and values, so that every language can say it.

A `Reason` is its English sentence, which is what the history keeps. Letters say it in their own language, from
`canned_responses/<language>/reasons.txt` (`render.reasons`). What the history kept is `recognised` again, also in
lines that were written before there was a name for it.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from functools import cache
from string import Formatter
from types import MappingProxyType
from typing import NamedTuple

from helpdesk.model.sentences.history import HISTORY
from helpdesk.model.sentences.notices import NOTICES
from helpdesk.model.sentences.receipts import RECEIPTS
from helpdesk.model.sentences.refusals import REFUSALS

ENGLISH: Mapping[str, str] = MappingProxyType({**REFUSALS, **HISTORY, **RECEIPTS, **NOTICES})

_SENTENCES = frozenset({"why", "who", "cause"})
"""Values that may be sentences themselves; what somebody wrote stands in others."""
_FEWEST_LETTERS = 5
"""A sentence that begins with a value and has fewer letters of its own could be anything."""
_LONGEST = 20_000
_DEEPEST = 20


class Reason(str):
    """The English sentence, with `name` and `values` for whoever says it in another language."""

    __slots__ = ("name", "values")
    name: str
    values: Mapping[str, str]


def because(name: str, **values: object) -> Reason:
    """The reason of that name. A value may be a reason itself."""
    reason = Reason(ENGLISH[name].format(**values))
    reason.name = name
    reason.values = {key: value if isinstance(value, Reason) else str(value) for key, value in values.items()}
    return reason


def fields(name: str) -> tuple[str, ...]:
    """The values that this reason speaks of."""
    return tuple(dict.fromkeys(field for _, field, _, _ in Formatter().parse(ENGLISH[name]) if field))


def recognised(sentence: str, depth: int = 0) -> str:
    """The `Reason` that this English sentence is; the sentence as it is when it is none, or somebody else's words."""
    if isinstance(sentence, Reason) or len(sentence) > _LONGEST or depth > _DEEPEST:
        return sentence
    for pattern in _patterns():
        values = _read(pattern, sentence)
        if values is not None:
            known = {k: recognised(v, depth + 1) if k in _SENTENCES else v for k, v in values.items()}
            return because(pattern.name, **known)
    return sentence


class _Pattern(NamedTuple):
    """`begin`, then each field (with whether it is quoted) up to the words behind it."""

    name: str
    begin: str
    parts: tuple[tuple[str, bool, str], ...]


@cache
def _patterns() -> tuple[_Pattern, ...]:
    """Those that begin with words of their own first, then those with the most: `{who} answered` comes last."""
    found = []
    for name, words in ENGLISH.items():
        pieces = list(Formatter().parse(words))
        own = "".join(text for text, *_ in pieces)
        begins = any(c.isalpha() for c in pieces[0][0])
        if begins or sum(c.isalpha() for c in own) >= _FEWEST_LETTERS:
            found.append(((begins, len(own)), _pattern(name, pieces)))
    return tuple(pattern for _, pattern in sorted(found, key=lambda one: one[0], reverse=True))


def _pattern(name: str, pieces: list[tuple[str, str | None, str | None, str | None]]) -> _Pattern:
    """Formatter gives (words, the field behind them) pairs; here the words behind each field are wanted."""
    begin = pieces[0][0]
    behind = [text for text, *_ in pieces[1:]]
    parts = []
    for index, (_, field, _, quoted) in enumerate(pieces):
        if field:
            parts.append((field, quoted == "r", behind[index] if index < len(behind) else ""))
    return _Pattern(name, begin, tuple(parts))


def _read(pattern: _Pattern, sentence: str) -> dict[str, str] | None:
    """Its values, read from the left without ever going back: the time grows with the length, whatever is written."""
    if not sentence.startswith(pattern.begin):
        return None
    at, values = len(pattern.begin), dict[str, str]()
    for index, (field, quoted, behind) in enumerate(pattern.parts):
        last = index == len(pattern.parts) - 1
        end = _end(sentence, at, behind, last=last)
        value = _unquoted(sentence[at:end]) if quoted else sentence[at:end]
        if end < at or value is None or values.setdefault(field, value) != value:
            return None
        at = end + len(behind)
    return values if at == len(sentence) else None


def _end(sentence: str, at: int, behind: str, *, last: bool) -> int:
    """Where the value that begins at `at` ends; -1 when the words behind it are not there."""
    if not last:
        return sentence.find(behind, at)
    return len(sentence) - len(behind) if sentence.endswith(behind) else -1


def _unquoted(shown: str) -> str | None:
    """The text that Python shows like this; None when it is no quoted text."""
    if len(shown) < 2 or shown[0] not in "'\"":
        return None
    try:
        value = literal_eval(shown)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, str) else None
