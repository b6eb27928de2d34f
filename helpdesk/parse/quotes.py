"""What of a text did its writer write? Quotation, signature, taglines and small print are told apart.

One pass over the lines with a bounded look ahead; 64 KB and 2,000 lines at most, or what `limits` says (T15).
The order:
1. lines of a letter we sent are quotation, marked or not: the strongest cut comes first,
2. a "reply above this line" or a quoted header block or an attribution without `>` ends the own text,
3. `>` lines are quotation, and so are the attribution lines above them,
4. what is left is cut into signature, tagline, footer and own words.
Quoted lines without attribution that the writer answered below stay in `new_text`: without them the
answers could not be understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.model.mail import LineEvidence
from helpdesk.parse.limits import EVIDENCE_LINES
from helpdesk.parse.scan import ATTRIBUTION, BLANK, QUOTATION, Scan
from helpdesk.parse.signature import FOOTER, OWN, SIGNATURE, TAGLINE, is_sign_off, label_tail

__all__ = ["ATTRIBUTION", "BLANK", "QUOTATION", "Reading", "read_reply"]


@dataclass(frozen=True, slots=True)
class Reading:
    """`labels` holds one verdict a line.

    `unquoted_below`: text without `>` followed an attribution on top. `doubtful`: a line was taken for an
    attribution that a human could have written.
    """

    lines: tuple[str, ...]
    labels: tuple[str, ...]
    new_text: str
    signature: str | None
    rest: str
    unquoted_below: bool
    doubtful: bool = False

    @property
    def evidence(self) -> tuple[LineEvidence, ...]:
        told = ((n[:200], v) for n, v in zip(self.lines, self.labels, strict=True) if v != BLANK)
        return tuple(islice(told, EVIDENCE_LINES))


def read_reply(text: str, sent: Sequence[str] = (), limits: MailLimits = NORMAL) -> Reading:
    """Label every line of `text`; `sent` are the texts of our letters that it may quote.

    What lies beyond the limits is taken as own text unless the reply was cut.
    """
    scanned, rest = _bounded(text, limits)
    scan = Scan(scanned, sent)
    scan.run()
    lines, labels = scan.lines, scan.labels
    _label_own(lines, labels)
    if any(label == QUOTATION for label in labels[-3:]):
        rest = ""
    new_text = _pick_new(lines, labels, scan.ours)
    if rest:
        new_text = f"{new_text}\n{rest}" if new_text else rest
    return Reading(
        tuple(lines), tuple(labels), new_text, _signature(lines, labels), rest, scan.below, scan.doubtful
    )


def _bounded(text: str, limits: MailLimits) -> tuple[str, str]:
    """Cut at a line end below the limits."""
    at = 0
    for _ in range(limits.reply_lines):
        end = text.find("\n", at)
        if end < 0:
            end = len(text)
        if end > limits.reply_text:
            break
        at = end + 1
        if at > len(text):
            return text, ""
    if not at:
        return text[: limits.reply_text], text[limits.reply_text :]
    return text[: at - 1], text[at:]


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


def _pick_new(lines: list[str], labels: list[str], ours: list[bool]) -> str:
    """Own lines, and quoted ones that are answered below them without an attribution above; never ours."""
    keep = [label in (OWN, BLANK) for label in labels]
    last_own = max((n for n, label in enumerate(labels) if label == OWN), default=-1)
    attributed, known = False, any(ours)
    for at, label in enumerate(labels):
        if label == ATTRIBUTION:
            attributed = True
        elif label == OWN:
            attributed = False
        elif label == QUOTATION and at < last_own and not attributed and not known:
            keep[at] = True
    return "\n".join(_squeeze([line.rstrip() for line, kept in zip(lines, keep, strict=True) if kept]))


def _squeeze(lines: list[str]) -> list[str]:
    """Without the empty lines at both ends."""
    full = [n for n, line in enumerate(lines) if line]
    return lines[full[0] : full[-1] + 1] if full else []


def _signature(lines: list[str], labels: list[str]) -> str | None:
    """The signature with the small print below it; a phone's tagline only if nothing else signs the mail."""
    wanted = {SIGNATURE, TAGLINE}
    signed = [line for line, label in zip(lines, labels, strict=True) if label == SIGNATURE]
    if signed and is_sign_off(signed[0]):
        wanted = {SIGNATURE}
    picked: list[str] = []
    below = False
    for line, label in zip(lines, labels, strict=True):
        if label in wanted or (label == FOOTER and below):
            picked.append(line.rstrip())
        elif label == BLANK and picked and picked[-1]:
            picked.append("")
        if label != BLANK:
            below = label == SIGNATURE or (below and label == FOOTER)
    return "\n".join(_squeeze(picked)) or None
