"""Is this line (or are these wrapped lines) the "On Monday Anne wrote:" above a quotation?

Decided by what every such line has, whatever its language: a date, a time or an address, and the colon or a
known verb, close to quoted lines. Looks at four lines and 500 characters at most, so it is linear (T15).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.parse import phrases

_LINES = 4
_LONGEST = 500
_DAY = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(?:19|20)\d\d\b|\d{1,4}年|\b\d{1,2}[-. ]{1,2}\w{3,10}[-.]?,? {0,2}\d{2,4}\b"
)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,100}")
_WORD = re.compile(r"[^\s,;:<>\"*_|-]+(?:-[^\s,;:<>\"*_|-]+)*")
_ENDS = (":", "：", "៖", "﹕")
_SOFT_ENDS = (*_ENDS, ".", ">", "]", ")", "՝", "글", "다")


def attribution_length(lines: Sequence[str], at: int) -> int:
    """How many lines from `at` on announce the quotation that follows them; 0 if none does."""
    first = lines[at].strip()
    if not first or len(first) > _LONGEST:
        return 0
    if not (_begins(first)):
        return 0
    joined = ""
    for count in range(1, _LINES + 1):
        if at + count > len(lines) or not lines[at + count - 1].strip():
            return 0
        joined = _join(joined, lines[at + count - 1])
        if len(joined) > _LONGEST:
            return 0
        if _announces(joined, lines, at + count, wrapped=count > 1):
            return 0 if _begins_later(lines, at, count) else count
    return 0


def _begins_later(lines: Sequence[str], at: int, count: int) -> bool:
    """The first of these lines is the writer's own, the attribution is the rest."""
    return any(
        _announces(
            _join("", " ".join(lines[start : at + count])), lines, at + count, wrapped=start < at + count - 1
        )
        for start in range(at + 1, at + count)
        if _starts_upper(lines[start])
    )


def _starts_upper(line: str) -> bool:
    """Wrapped halves begin with an address or a small letter, attributions with a capital or a digit."""
    first = line.strip(" \t*_")[:1]
    return first.isupper() or first.isdigit()


def _join(before: str, line: str) -> str:
    return f"{before} {line.strip()}".strip().replace("\u202f", " ").replace("\u00a0", " ")


def _begins(first: str) -> bool:
    return bool(
        first.startswith("--")
        or any(c.isdigit() for c in first)
        or first.endswith(_SOFT_ENDS)
        or has_verb(first)
    )


def _announces(joined: str, lines: Sequence[str], after: int, *, wrapped: bool) -> bool:
    bare = joined.rstrip(" *_\u200e\u200f\u202c")
    dashed = bare.startswith("--") and bare.endswith("--")
    ended = bare.endswith(_ENDS) or dashed
    dated = bool(_DAY.search(bare))
    timed = bool(_TIME.search(bare))
    address = bool(_ADDRESS.search(bare))
    verb = has_verb(bare)
    quoted_next = _quoted_follows(lines, after, gap=2)
    if ended and verb and (dated or timed or address):
        return dated or timed or quoted_next or (address and len(bare) < 200)
    if dashed and verb and (dated or len(bare) < 80):
        return True
    if ended and dated and address:
        return True
    if quoted_next and ended and ((dated and timed) or (verb and not wrapped) or (address and not wrapped)):
        return True
    if quoted_next and verb and dated and (timed or address):
        return True
    if quoted_next and dated and (address or timed) and len(bare) < 200 and not _sentence(bare):
        return bare.endswith(_SOFT_ENDS) or (address and timed)
    return ended and verb and not wrapped and len(bare) < 80 and _quoted_follows(lines, after, gap=1)


def has_verb(line: str) -> bool:
    """Does a word for "wrote" stand in it, in any language we know?"""
    lowered = line.lower()
    if any(word in phrases.WROTE for word in _WORD.findall(lowered)):
        return True
    return not lowered.isascii() and any(phrase in lowered for phrase in phrases.WROTE_INSIDE)


def _sentence(line: str) -> bool:
    return line.endswith((".", "!", "?")) and not line.endswith("г.")


def _quoted_follows(lines: Sequence[str], after: int, *, gap: int) -> bool:
    for line in lines[after : after + gap + 1]:
        if line.strip():
            return line.lstrip().startswith(">")
    return False
