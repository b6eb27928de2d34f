"""The pass over the lines of a reply that tells quotation from the writer's own lines.

Steps forward only, with a bounded look ahead, so it is linear (T15). What begins a quotation and when it
reaches to the end is said in the docstring of `quotes`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.parse import limits, phrases
from helpdesk.parse.attribution import (
    QUOTE_MARKS,
    attribution_length,
    inner_start,
    is_certain,
    may_announce,
)
from helpdesk.parse.headblock import announcement, block_length, is_announced
from helpdesk.parse.mending import mend
from helpdesk.parse.sent import learn, ours
from helpdesk.parse.signature import OWN, TAGLINE, is_sign_off
from helpdesk.parse.taglines import is_certain_tagline, is_tagline

QUOTATION, ATTRIBUTION, BLANK = "quotation", "attribution", "blank"
_MARKS_ONLY = re.compile(r"[\s\-_=*~.|<>#\[\]–—]*")


class Scan:
    """The pass over the lines; `seen` are the lines with a `>` before those known to be ours.

    `may_attribute`, `may_say_above`: the text as a whole does not rule out what lines would be searched for.
    """

    def __init__(self, text: str, sent: Sequence[str]) -> None:
        self.lines = lines = text.split("\n")
        self.ours = ours(lines, learn(sent)) if sent else [False] * len(lines)
        self.seen = [f"> {line}" if known else line for line, known in zip(lines, self.ours, strict=True)]
        self.may_attribute = any(self.ours) or may_announce(text)
        self.may_say_above = not text.isascii() or _has_above(text.lower())
        self.labels = [OWN] * len(lines)
        self.own_above = False
        self.below = False
        self.doubtful = False

    def run(self) -> None:
        at = 0
        while at < len(self.lines):
            at = self._step(at)
        mend(self.lines, self.labels, OWN, QUOTATION)

    def _step(self, at: int) -> int:
        """Label the line at `at`, or some from there on; return the next to look at."""
        stripped = self.seen[at].strip()
        if not stripped:
            return self._label(at, at + 1, BLANK)
        if stripped.startswith(QUOTE_MARKS) and (stripped[0] != "|" or self._is_barred(at)):
            return self._label(at, at + 1, QUOTATION)
        kind = announcement(self.lines[at])
        if kind and _quoted_at(self.seen, at + 1):
            return self._label(at, at + 1, ATTRIBUTION)
        if (end := self._end_of_own(at, kind)) is not None:
            return self._cut(at, end)
        if self.own_above and is_certain_tagline(self.lines[at]) and not _is_end(self.lines, at + 1):
            return self._tagline(at)
        if self.may_attribute and (count := self._attribution(at)):
            return self._attributed(at, at + count)
        self.own_above = self.own_above or not (_MARKS_ONLY.fullmatch(stripped) or is_tagline(stripped))
        return at + 1

    def _is_barred(self, at: int) -> bool:
        """`|` marks a quotation below an attribution or another such line; elsewhere it draws a table."""
        above = next((n for n in range(at - 1, max(-1, at - 4), -1) if self.lines[n].strip()), None)
        if above is None:
            return False
        return self.labels[above] == ATTRIBUTION or (
            self.labels[above] == QUOTATION and self.lines[above].lstrip().startswith("|")
        )

    def _label(self, start: int, end: int, label: str) -> int:
        for at in range(start, end):
            self.labels[at] = label if self.lines[at].strip() else BLANK
        return end

    def _cut(self, start: int, end: int) -> int:
        """The rest is quoted, but for answers written between lines that we know to be ours."""
        self._label(start, end, ATTRIBUTION)
        self._label(end, len(self.lines), QUOTATION)
        known = [n for n in range(end, len(self.lines)) if self.ours[n]]
        for at in range(known[0], known[-1]) if known else ():
            if not self.ours[at] and _is_answer(self.lines[at]):
                self.labels[at] = OWN
        return len(self.lines)

    def _attribution(self, at: int) -> int:
        """The number of attribution lines; one that begins in the middle of this line gets its own first."""
        line = self.lines[at]
        if len(line) > limits.REPLY_LINE or not (count := attribution_length(self.seen, at)):
            return 0
        if start := inner_start(line):
            for rows, pieces in (
                (self.lines, (line[:start].rstrip(" -"), line[start:])),
                (self.seen, (line[:start].rstrip(" -"), line[start:])),
            ):
                rows[at : at + 1] = pieces
            self.labels.insert(at, OWN)
            self.ours.insert(at, False)
            return 0
        return count

    def _attributed(self, start: int, end: int) -> int:
        self._label(start, end, ATTRIBUTION)
        if _quoted_at(self.seen, end):
            self.doubtful |= not is_certain(" ".join(self.lines[start:end]))
        elif self.own_above:
            return self._cut(start, end)
        else:
            self.below = True
        return end

    def _tagline(self, at: int) -> int:
        """What stands below a phone's "Sent from my ..." was quoted by the phone, without a mark."""
        self.labels[at] = TAGLINE
        end = at + 1
        while end < len(self.lines) and not self.lines[end].strip():
            end = self._label(end, end + 1, BLANK)
        if _quoted_at(self.seen, end) or self._begins_quotation(end) or _is_postscript(self.lines[end]):
            return end
        return self._cut(end, end)

    def _begins_quotation(self, at: int) -> bool:
        if attribution_length(self.seen, at):
            return True
        return self._end_of_own(at, announcement(self.seen[at])) is not None

    def _end_of_own(self, at: int, kind: str) -> int | None:
        """If everything from `at` on is quoted by a marker or a header block: where the quoted text begins."""
        lines, line = self.seen, self.seen[at]
        if len(line) > limits.REPLY_LINE:
            return None
        if self.may_say_above and _reply_above(line):
            return at + 1
        if kind:
            start = _skip_blank(lines, at + 1, 2)
            length = block_length(lines, start, announced=kind != "rule")
            if length:
                return start + length
            told = kind in {"original", "forward"} and is_announced(line)
            return at + 1 if told and start < len(lines) else None
        length = block_length(lines, at)
        return at + length if length else None


def _has_above(lowered: str) -> bool:
    return any(stem in lowered for stem in phrases.ABOVE_STEMS)


def _reply_above(line: str) -> bool:
    lowered = line.lower()
    if line.isascii() and not _has_above(lowered):
        return False
    if len(line) < 120 and ("above this line" in lowered or "above the line" in lowered):
        return any(
            word in lowered for word in ("reply", "respond", "write", "type", "answer", "enter", "post")
        )
    return any(phrase in lowered for phrase in phrases.REPLY_ABOVE)


def _is_postscript(line: str) -> bool:
    return line.strip().lower().startswith(("ps", "p.s", "p. s", "nb", "n.b", "edit:", "#")) or is_sign_off(
        line
    )


def _is_answer(line: str) -> bool:
    """Words between lines of ours, not what became of our links and pictures."""
    lowered = line.lower()
    return any(c.isalnum() for c in line) and not any(x in lowered for x in ("http", "[cid:", "mailto:", ">"))


def _is_end(lines: list[str], at: int) -> bool:
    return not any(line.strip() for line in lines[at : at + 20])


def _skip_blank(lines: list[str], at: int, most: int) -> int:
    while most and at < len(lines) and not lines[at].strip():
        at, most = at + 1, most - 1
    return at


def _quoted_at(lines: list[str], at: int) -> bool:
    at = _skip_blank(lines, at, 3)
    return at < len(lines) and lines[at].lstrip().startswith(QUOTE_MARKS)
