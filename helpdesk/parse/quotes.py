"""What of a text did its writer write? Quotation, signature, taglines and small print are told apart.

One pass over the lines with a bounded look ahead; 64 KB and 2,000 lines at most (T15). The order:
1. a "reply above this line" or a quoted header block or an attribution without `>` ends the own text,
2. `>` lines are quotation, and so are the attribution lines above them,
3. what is left is cut into signature, tagline, footer and own words.
Quoted lines without attribution that the writer answered below stay in `new_text`: without them the
answers could not be understood.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.model.mail import LineEvidence
from helpdesk.parse import limits, phrases
from helpdesk.parse.attribution import attribution_length
from helpdesk.parse.headblock import announcement, block_length
from helpdesk.parse.signature import OWN, SIGNATURE, TAGLINE, label_tail

QUOTATION, ATTRIBUTION, BLANK = "quotation", "attribution", "blank"


@dataclass(frozen=True, slots=True)
class Reading:
    """`labels` holds one verdict a line. `unquoted_below`: text without `>` followed an attribution on top."""

    lines: tuple[str, ...]
    labels: tuple[str, ...]
    new_text: str
    signature: str | None
    rest: str
    unquoted_below: bool

    @property
    def evidence(self) -> tuple[LineEvidence, ...]:
        told = [(n, v) for n, v in zip(self.lines, self.labels, strict=True) if v != BLANK]
        return tuple(LineEvidence(n[:200], v) for n, v in told[: limits.EVIDENCE_LINES])


def read_reply(text: str) -> Reading:
    """Label every line of `text`; what lies beyond the limits is taken as own text unless the reply was cut."""
    scanned, rest = _bounded(text)
    lines = scanned.split("\n")
    labels, below = _label_quotation(lines)
    _label_own(lines, labels)
    if any(label == QUOTATION for label in labels[-3:]):
        rest = ""
    new_text = _pick_new(lines, labels)
    if rest:
        new_text = f"{new_text}\n{rest}" if new_text else rest
    signature = _joined(lines, labels, (SIGNATURE, TAGLINE)) or None
    return Reading(tuple(lines), tuple(labels), new_text, signature, rest, below)


def _bounded(text: str) -> tuple[str, str]:
    """Cut at a line end below 64 KB and 2,000 lines."""
    at = 0
    for _ in range(limits.REPLY_LINES):
        end = text.find("\n", at)
        if end < 0:
            end = len(text)
        if end > limits.REPLY_CHARS:
            break
        at = end + 1
        if at > len(text):
            return text, ""
    if not at:
        return text[: limits.REPLY_CHARS], text[limits.REPLY_CHARS :]
    return text[: at - 1], text[at:]


def _label_quotation(lines: list[str]) -> tuple[list[str], bool]:
    labels = [OWN] * len(lines)
    at, own_above, below = 0, False, False
    while at < len(lines):
        line = lines[at]
        stripped = line.strip()
        if not stripped:
            labels[at] = BLANK
            at += 1
        elif stripped.startswith(">"):
            labels[at] = QUOTATION
            at += 1
        elif announcement(line) and _quoted_at(lines, at + 1):
            labels[at] = ATTRIBUTION
            at += 1
        elif (end := _end_of_own(lines, at)) is not None:
            _cut(lines, labels, at, end)
            return labels, below
        elif (count := attribution_length(lines, at)) and len(line) <= limits.REPLY_LINE:
            labels[at : at + count] = [ATTRIBUTION] * count
            at += count
            if not _quoted_at(lines, at):
                if own_above:
                    _cut(lines, labels, at, at)
                    return labels, below
                below = True
        else:
            own_above = True
            at += 1
    _mend_wrapped(lines, labels)
    return labels, below


def _cut(lines: list[str], labels: list[str], start: int, end: int) -> None:
    for at in range(start, len(lines)):
        labels[at] = (ATTRIBUTION if at < end else QUOTATION) if lines[at].strip() else BLANK


def _end_of_own(lines: list[str], at: int) -> int | None:
    """If everything from `at` on is quoted by a marker or a header block: where the quoted text begins."""
    line = lines[at]
    if len(line) > limits.REPLY_LINE:
        return None
    if _reply_above(line):
        return at + 1
    kind = announcement(line)
    if kind:
        start = _skip_blank(lines, at + 1, 2)
        length = block_length(lines, start, announced=kind != "rule")
        if length:
            return start + length
        return at + 1 if kind in {"original", "forward"} and start < len(lines) else None
    length = block_length(lines, at)
    return at + length if length else None


def _reply_above(line: str) -> bool:
    lowered = line.lower()
    return "line" in lowered[:200] + "line" and any(phrase in lowered for phrase in phrases.REPLY_ABOVE)


def _skip_blank(lines: list[str], at: int, most: int) -> int:
    while most and at < len(lines) and not lines[at].strip():
        at, most = at + 1, most - 1
    return at


def _quoted_at(lines: list[str], at: int) -> bool:
    at = _skip_blank(lines, at, 3)
    return at < len(lines) and lines[at].lstrip().startswith(">")


def _mend_wrapped(lines: list[str], labels: list[str]) -> None:
    """The tail of a long quoted line, wrapped by a mailer that forgot the `>`, is no answer."""
    for at in range(1, len(lines) - 1):
        if (
            labels[at] == OWN
            and labels[at - 1] == labels[at + 1] == QUOTATION
            and len(lines[at - 1]) >= 60
            and len(lines[at]) < 40
            and lines[at][:1].islower()
        ):
            labels[at] = QUOTATION


def _label_own(lines: list[str], labels: list[str]) -> None:
    """Label each run of own lines; only the last line of a run can end in a signature."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and labels[end] in (OWN, BLANK):
            end += 1
        if end > start:
            found = label_tail(lines[start:end])
            labels[start:end] = [
                BLANK if old == BLANK else new for old, new in zip(labels[start:end], found, strict=True)
            ]
        start = max(end, start + 1)


def _pick_new(lines: list[str], labels: list[str]) -> str:
    """Own lines, and quoted ones that are answered below them without an attribution above."""
    keep = [label in (OWN, BLANK) for label in labels]
    last_own = max((n for n, label in enumerate(labels) if label == OWN), default=-1)
    attributed = False
    for at, label in enumerate(labels):
        if label == ATTRIBUTION:
            attributed = True
        elif label == OWN:
            attributed = False
        elif label == QUOTATION and at < last_own and not attributed:
            keep[at] = True
    return "\n".join(_squeeze([line.rstrip() for line, kept in zip(lines, keep, strict=True) if kept]))


def _squeeze(lines: list[str]) -> list[str]:
    """Without the empty lines at both ends."""
    full = [n for n, line in enumerate(lines) if line]
    return lines[full[0] : full[-1] + 1] if full else []


def _joined(lines: list[str], labels: list[str], wanted: tuple[str, ...]) -> str:
    """Runs of wanted lines with the empty lines inside them."""
    picked: list[str] = []
    for line, label in zip(lines, labels, strict=True):
        if label in wanted:
            picked.append(line.rstrip())
        elif label == BLANK and picked and picked[-1]:
            picked.append("")
    return "\n".join(_squeeze(picked))
