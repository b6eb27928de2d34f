"""Where the writer's own words end and the signature, a phone's tagline or the small print begins.

Works on one run of own lines (quotation already taken out). Returns for each line: own, signature, tagline
or footer. Linear: each line is looked at once or twice, and only its first characters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.parse.phrases import FOOTERS, SIGN_OFFS, THANKS
from helpdesk.parse.taglines import is_tagline

OWN, SIGNATURE, TAGLINE, FOOTER = "own", "signature", "tagline", "footer"
_SIGNATURE_LINES = 20
_SIGN_OFF_LINES = 12
_BLOCK_LINES = 24
_BLOCK_WIDTH = 80
_DELIMITER = re.compile(r"[ \t]*(?:--[ \t]?|—|–|_{2,}|-{3,}|={3,}|\*{3,}|~{3,}|#{3,}|─{3,})[ \t\u00a0]*")
_LIST_FOOTER = re.compile(r"[ \t]*_{30,}[ \t]*")
_NAME_WORDS = r"[^\W\d_][\w.'’-]{0,30}(?: [^\W\d_][\w.'’-]{0,30}){0,2}[ \t]*"
_NAME_DASH = re.compile(r"(?:[-/~]|(?:--|[—–])[ \t]?)" + _NAME_WORDS)
_NAME_BULLET = re.compile(r"[-~/][ \t]" + _NAME_WORDS)
_CONTACT = re.compile(
    r"\+?\d[\d ()/.-]{6,20}\d|@[\w-]{1,60}\.\w|\bwww\.|https?://|\b(?:tel|fax|phone|mobile|telp|hp|iban|skype)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"[^\W\d_][\w.'’-]{0,20}(?: [^\W\d_][\w.'’-]{0,20}){1,4}(?:,? [A-Z][\w.]{1,6}|, [\w. ]{2,20})?"
    r"(?:[*_ ]{0,3}[|,/–-][*_ ]{0,3}[^:?!@\d]{0,40})?"
)
_MARKUP = "*_~ \t\u00a0"


def label_tail(lines: Sequence[str]) -> list[str]:
    """Label each line of a run of own lines."""
    labels = [OWN] * len(lines)
    end = _mark_footer(lines, labels)
    end = _mark_taglines(lines, labels, end)
    end = _mark_signature(lines, labels, end)
    _mark_taglines(lines, labels, end)
    return labels


def is_footer(line: str) -> bool:
    return f"{line.strip(_MARKUP + '[]<>-=|')[:60].lower()}\n".startswith(FOOTERS)


def is_sign_off(line: str) -> bool:
    """ "Best regards," alone on its line, or with the name behind the comma."""
    words = line.strip(_MARKUP).lower()
    if not 1 < len(words) <= 60:
        return False
    bare = words.rstrip(" ,.!-–—:،，。")
    if bare in SIGN_OFFS:
        return True
    head, comma, name = words.partition(",")
    if not comma or head.strip() not in SIGN_OFFS or "?" in name or len(name.split()) > 3:
        return False
    return not any(word[0].islower() for word in line.partition(",")[2].strip(_MARKUP).split())


def _mark_footer(lines: Sequence[str], labels: list[str]) -> int:
    """Small print and list footers reach to the end; the first line that begins one counts."""
    for at, line in enumerate(lines):
        if "____" in line and _LIST_FOOTER.fullmatch(line) and len(lines) - at <= 12:
            return _fill(labels, at, FOOTER)
        apart = at == 0 or not lines[at - 1].strip() or _DELIMITER.fullmatch(lines[at - 1])
        if apart and is_footer(line):
            start = at - 1 if at and _DELIMITER.fullmatch(lines[at - 1]) else at
            return _fill(labels, start, FOOTER)
    return len(lines)


def _fill(labels: list[str], start: int, label: str) -> int:
    labels[start:] = [label] * (len(labels) - start)
    return start


def _last_text(lines: Sequence[str], end: int) -> int:
    while end > 0 and not lines[end - 1].strip():
        end -= 1
    return end


def _mark_taglines(lines: Sequence[str], labels: list[str], end: int) -> int:
    """Taglines at the end, one to three of them; a delimiter or a lone name just above goes with them."""
    end = _last_text(lines, end)
    for _ in range(3):
        if not (end and is_tagline(lines[end - 1])):
            break
        end -= 1
        labels[end] = TAGLINE
        if _is_signed(lines, end):
            end -= 1
            labels[end] = SIGNATURE
        end = _last_text(lines, end)
        if end and _DELIMITER.fullmatch(lines[end - 1]):
            end -= 1
            labels[end] = TAGLINE
            end = _last_text(lines, end)
    return end


def _is_signed(lines: Sequence[str], at: int) -> bool:
    """A name of two words, a paragraph of its own, stands on the tagline."""
    return at > 2 and bool(_NAME.fullmatch(lines[at - 1].strip())) and not lines[at - 2].strip()


def _mark_signature(lines: Sequence[str], labels: list[str], end: int) -> int:
    start = _signature_start(lines, end)
    if start is None:
        return end
    for at in range(start, end):
        if labels[at] == OWN:
            labels[at] = SIGNATURE
    return start


def _signature_start(lines: Sequence[str], end: int) -> int | None:
    """The `-- ` line, else a sign-off near the end, else a lone `-Bart` as last line."""
    end = _last_text(lines, end)
    for at in range(max(0, end - _SIGNATURE_LINES), end):
        if _is_delimiter(lines, at, end):
            return _with_sign_off(lines, at)
    for at in range(max(0, end - _SIGN_OFF_LINES), end):
        if is_sign_off(lines[at]) and _only_short_lines(lines, at + 1, end) and not _only_thanks(lines, at):
            return at
    return end - 1 if _is_name_dash(lines, end) else _contact_block(lines, end)


def _is_name_dash(lines: Sequence[str], end: int) -> bool:
    """`-Bart`, `/Bart`, or `- Bart` by itself; the last point of a list is none."""
    if end < 2:
        return False
    last = lines[end - 1]
    above = lines[_last_text(lines, end - 1) - 1].strip()
    apart = not lines[end - 2].strip()
    if _NAME_DASH.fullmatch(last):
        return above[:1] not in "-*•" or (apart and last[1:2].isupper())
    return bool(_NAME_BULLET.fullmatch(last)) and apart and above[:1] not in "-*•" and not above.endswith(":")


def _contact_block(lines: Sequence[str], end: int) -> int | None:
    """A name and, below it, at least two telephone numbers, addresses or sites: a signature without its dashes."""
    cues = 0
    for at in range(end - 1, max(0, end - _BLOCK_LINES), -1):
        line = lines[at].strip(_MARKUP)
        if len(line) > _BLOCK_WIDTH or line.endswith(("?", "!")) or line.startswith((">", "- ")):
            return None
        cues += bool(_CONTACT.search(line))
        if cues >= 2 and _DELIMITER.fullmatch(lines[at]) and line[:1] != "*":
            return at if any(above.strip() for above in lines[:at]) else None
        if cues >= 2 and _NAME.fullmatch(line) and not lines[at - 1].strip():
            return _above_block(lines, at) if any(above.strip() for above in lines[:at]) else None
    return None


def _above_block(lines: Sequence[str], at: int) -> int:
    """A rule a few paragraphs higher, with nothing but short lines between, opens the block."""
    for higher in range(at - 1, max(0, at - _SIGN_OFF_LINES), -1):
        line = lines[higher].strip()
        if line and _DELIMITER.fullmatch(line):
            return higher
        if len(line) > 40 or line.endswith((".", "?", "!", ":", ",")):
            break
    return at


def _only_thanks(lines: Sequence[str], at: int) -> bool:
    """A mail that begins with its thanks says thanks: those are words, no signature."""
    words = lines[at].strip(_MARKUP).lower().rstrip(" ,.!-–—:")
    return not any(line.strip() for line in lines[:at]) and words.split(",")[0] in THANKS


def _is_delimiter(lines: Sequence[str], at: int, end: int) -> bool:
    line = lines[at]
    if line.rstrip("\u00a0") == "-- " or line.strip() == "--":
        return True
    return (
        bool(_DELIMITER.fullmatch(line))
        and at > 0
        and end - at <= 8
        and _only_short_lines(lines, at + 1, end)
    )


def _with_sign_off(lines: Sequence[str], at: int) -> int:
    """A sign-off straight above the delimiter belongs to the signature."""
    above = _last_text(lines, at)
    for start in range(max(0, above - 2), above):
        if is_sign_off(lines[start]):
            return start
    return at


def _only_short_lines(lines: Sequence[str], start: int, end: int) -> bool:
    """Names, titles, telephone numbers: short lines without questions."""
    return all(
        len(line) <= _BLOCK_WIDTH and not line.rstrip().endswith(("?", "؟", "？"))
        for line in lines[start:end]
    )
