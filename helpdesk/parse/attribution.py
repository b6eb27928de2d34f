"""Is this line (or are these wrapped lines) the "On Monday Anne wrote:" above a quotation?

Decided by what every such line has, whatever its language: a date, a time, an address or a name, and the
colon or a word for "wrote", close to quoted lines. The less of it there is, the closer the quotation must be.
Looks at five lines and 500 characters at most, so it is linear (T15).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.parse.verbs import OPENERS, SAID, WROTE, WROTE_INSIDE
from helpdesk.parse.vocabulary import vocabulary

# What mail programs put before quoted lines; bars count only below an attribution (tables have them too).
QUOTE_MARKS = (">", "＞", "&gt;", "|")
_LINES = 5
_LONGEST = 500
_SHORT = 80
# Zeros of the digits people write dates with: Arabic, Persian, Devanagari, Bengali ... full width.
_ZEROS = tuple(map(ord, "٠۰०০੦૦୦௦౦೦൦๐໐၀០０"))
_PLAIN = {zero + n: str(n) for zero in _ZEROS for n in range(10)} | dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
# Years of other calendars: Buddhist 25.., Persian 13.. and 14.., Hebrew 57.. stand beside a month.
_DAY = re.compile(
    r"\b\d{1,4}\.? ?[./-] ?\d{1,2}\.? ?[./-] ?\d{1,4}|\b(?:19|20|25)\d\d(?!\d)|\d{1,4}\s?[年년]|\d{1,2}\s?[月월]\s?\d"
    r"|\b\d{1,2}[-. ]{1,2}[^\W\d_]{3,10}[-.]?,? {0,2}(?:\d{4}|\d{2})\b"
)
_TIME = re.compile(r"\b\d{1,2} ?[:.h時时시] ?\d{2}(?!\d)|\b\d{1,2} ?(?:[ap]\.?m\b|uhr\b|시)", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+%=-]{1,64}@[\w.-]{1,100}")
_ENCLOSED = re.compile(r"[<(\[][^<>()\[\]]{0,80}@[^<>()\[\]]{1,100}[>)\]]")
_PERSON = re.compile(r"[^<>@.!?:\n]{0,60}<[^<>@ ]{1,64}@[^<>@ ]{1,100}>")
_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_ENDS = (":", "：", "៖", "﹕", "꞉", "՝")
_SOFT_ENDS = (*_ENDS, ".", ">", "]", ")", "글", "다", "։")
# Without one of these, or a colon at either end of a line, ASCII announces nothing.
_MARKS = (">", "|", "&gt;", "--")
_COLON_AT_EDGE = re.compile(r"^[^\S\n]*:|:(?:[^\S\n]|[*_\"])*$", re.MULTILINE)
_EMPHASIS = ' *_"”»'
_INSIDE = re.compile(
    r"(?:(?<=\s)|(?<=\S)-{2,}[ \t]*)(?=(?:On|Am|Le|El|Em|Il|Op|Den|Dne|Dnia|Dana|Pada|W dniu|Στις|Vào|Noong)\s"
    r"(?:[^\W\d_]{2,10}[.,]?\s{1,2}[^\W\d_]{0,9}[.,]?\s{0,2}\d|\d))"
)
_FIRST_PERSON = re.compile(r"\b(?:i|we) (?:wrote|said)\b|\bhabe ich\b|\bich schrieb\b|\bj'ai écrit\b")


@dataclass(frozen=True, slots=True)
class _Cues:
    """What a line holds of an attribution."""

    text: str
    ended: bool
    dated: bool
    timed: bool
    address: bool
    enclosed: bool
    verb: bool
    said: bool

    @property
    def count(self) -> int:
        return self.dated + self.timed + self.address


def may_announce(text: str) -> bool:
    """False where no line of the text can be such a line: most new mails are ruled out by that."""
    if not text.isascii() or any(mark in text for mark in _MARKS):
        return True
    return ":" in text and _COLON_AT_EDGE.search(text) is not None


def attribution_length(lines: Sequence[str], at: int) -> int:
    """How many lines from `at` on announce the quotation that follows them; 0 if none does."""
    first = lines[at].strip()
    if not first or len(first) > _LONGEST or not _begins(first):
        return 0
    joined = ""
    end = at
    for _ in range(_LINES):
        end = _next_piece(lines, end, joined)
        if end > len(lines) or not lines[end - 1].strip():
            return 0
        joined = _join(joined, lines[end - 1])
        if len(joined) > _LONGEST:
            return 0
        if _announces(joined, lines, end, wrapped=end > at + 1):
            return 0 if _begins_later(lines, at, end) else _with_close(lines, end, joined) - at
        if joined.endswith(_ENDS):
            return 0
    return 0


def _with_close(lines: Sequence[str], end: int, joined: str) -> int:
    """The `> wrote:` below a bracket that a mail program opened and closed on lines of their own."""
    last = lines[end].strip() if end < len(lines) else ""
    if joined.count("<") > joined.count(">") and last.startswith("> ") and last.endswith(_ENDS):
        return end + 1 if has_verb(last) and len(last) < _SHORT else end
    return end


def is_certain(line: str) -> bool:
    """Beyond doubt a mail program's line: dated or with an address, or nothing but names and the verb."""
    cues = _cues(_join("", line))
    if cues.count:
        return True
    words = [w for w in _WORD.findall(cues.text) if w.lower() not in WROTE]
    return cues.verb and 1 <= len(words) <= 4 and all(w[0].isupper() for w in words)


def inner_start(line: str) -> int:
    """Where an attribution begins that shares its line with the writer's last words; 0 if none does."""
    if len(line) > _LONGEST:
        return 0
    for match in _INSIDE.finditer(line):
        cues = _cues(_join("", line[match.end() :]))
        if line[: match.start()].strip(" -") and cues.dated and (cues.timed or cues.address):
            return match.end()
    return 0


def has_verb(line: str) -> bool:
    """Does a word for "wrote" stand in it, in any language we know?"""
    if not WROTE.isdisjoint(vocabulary(line)):
        return True
    lowered = line.lower()
    return not lowered.isascii() and any(phrase in lowered for phrase in WROTE_INSIDE)


def _next_piece(lines: Sequence[str], end: int, joined: str) -> int:
    """One line more; an empty line is stepped over when an address stands alone below it."""
    if joined and end + 1 < len(lines) and not lines[end].strip() and lines[end + 1].lstrip().startswith("<"):
        return end + 2 if _TIME.search(joined) else end + 1
    return end + 1


def _begins_later(lines: Sequence[str], at: int, end: int) -> bool:
    """The first of these lines is the writer's own, the attribution is the rest."""
    first = _cues(_join("", lines[at]))
    if (_opens(first.text) and len(first.text) <= 30) or _PERSON.match(first.text):
        return False
    for start in range(at + 1, end):
        if not _starts_upper(lines[start]) or lines[start - 1].rstrip().endswith(("<", "(", "[")):
            continue
        later = _join("", " ".join(lines[start:end]))
        cues = _cues(later)
        if first.dated and first.timed and not cues.dated:
            continue
        if (first.verb or first.enclosed) and not (cues.verb or cues.address):
            continue
        if _announces(later, lines, end, wrapped=start < end - 1):
            return True
    return False


def _opens(text: str) -> bool:
    words = text.split(maxsplit=1)
    return bool(words) and words[0].lower().strip(",") in OPENERS


def _starts_upper(line: str) -> bool:
    """Wrapped halves begin with an address or a small letter, attributions with a capital or a digit."""
    first = line.strip(" \t*_")[:1]
    return first.isupper() or first.isdigit()


def _join(before: str, line: str) -> str:
    if not line.isascii():
        line = unicodedata.normalize("NFC", line).translate(_PLAIN)
        line = line.replace("\u202f", " ").replace("\u00a0", " ").replace("\u3000", " ")
    return f"{before} {line.strip()}".strip()


def _begins(first: str) -> bool:
    return (
        first.startswith(("--", ":"))
        or "@" in first
        or _DIGIT.search(first) is not None
        or first.endswith(_SOFT_ENDS)
        or _opens(first)
        or has_verb(first)
    )


def _cues(joined: str) -> _Cues:
    bare = joined.rstrip(_EMPHASIS)
    words = vocabulary(bare.lower()[-_LONGEST:])
    return _Cues(
        text=bare,
        ended=bare.endswith(_ENDS) or (bare.startswith(":") and not bare.isascii()),
        dated=bool(_DAY.search(bare)),
        timed=bool(_TIME.search(bare)),
        address="@" in bare and bool(_ADDRESS.search(bare)),
        enclosed="@" in bare and bool(_ENCLOSED.search(bare)),
        verb=has_verb(bare),
        said=not SAID.isdisjoint(words),
    )


def _announces(joined: str, lines: Sequence[str], after: int, *, wrapped: bool) -> bool:
    bare = joined.rstrip(_EMPHASIS)
    quoted = _quoted_follows(lines, after, gap=2)
    dashed = bare.startswith("--") and bare.endswith("--")
    if not (
        quoted or dashed or bare.endswith(_ENDS) or bare.startswith(":") or ("@" in bare and ">" in bare)
    ):
        return False
    if dashed and not bare.strip("- "):
        return False
    cues = _cues(joined)
    if not (cues.ended or cues.verb or cues.count >= 2):
        return False
    if dashed:
        return cues.verb and (cues.count > 0 or len(bare) < _SHORT)
    return _alone(cues) or (quoted and _above_quotation(cues, lines, after, wrapped=wrapped))


def _alone(cues: _Cues) -> bool:
    """So plain that no `>` need follow: the quotation may have lost its marks."""
    if not cues.ended:
        return cues.verb and cues.dated and cues.timed and cues.enclosed and _verb_is_last(cues.text)
    if cues.verb or cues.said:
        if cues.count >= 2:
            return True
        return (
            cues.verb
            and (cues.dated or cues.enclosed)
            and len(cues.text) < 200
            and not _FIRST_PERSON.search(cues.text.lower())
        )
    return (cues.dated and cues.enclosed) or (cues.dated and cues.timed and cues.address)


def _above_quotation(cues: _Cues, lines: Sequence[str], after: int, *, wrapped: bool) -> bool:
    if cues.ended:
        if cues.count >= 2 or (cues.verb and cues.count):
            return True
        if not wrapped and (cues.address or cues.verb or (cues.dated and len(cues.text) < _SHORT)):
            return len(cues.text) < 200
        return cues.said and not wrapped and len(cues.text) < _SHORT
    if cues.verb and cues.count >= 2:
        return True
    gap = 0 if cues.text.isascii() else 1
    if cues.verb and not wrapped and len(cues.text) < _SHORT and _quoted_follows(lines, after, gap=gap):
        return _verb_is_last(cues.text)
    if cues.count >= 2 and cues.dated and len(cues.text) < 200 and not _sentence(cues.text):
        return cues.text.endswith(_SOFT_ENDS) or (cues.address and cues.timed)
    return False


def _verb_is_last(text: str) -> bool:
    words = vocabulary(text)
    return bool(words) and any(has_verb(word) for word in (*words[-2:], text[-8:]))


def _sentence(line: str) -> bool:
    return line.endswith((".", "!", "?")) and not line.endswith(("г.", "р."))


def _quoted_follows(lines: Sequence[str], after: int, *, gap: int) -> bool:
    for line in lines[after : after + gap + 1]:
        if line.strip():
            return line.lstrip().startswith(QUOTE_MARKS)
    return False
