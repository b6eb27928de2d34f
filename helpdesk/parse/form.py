"""What a mail says to the fields of a form: `label: value` lines, tables, answers in a quoted form.

Labels are found however they are dressed (bullets, `*bold*`, a hint in brackets, any letter case). A value goes on
over the lines below it until an empty line or another label; a text that opens a conversation keeps its empty
lines. In a reply the writer's own lines come first; a quoted line counts only where it says something else than the
letter that it quotes. One pass, never raises; at most `reply_text` characters and `reply_lines` lines are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk.model.forms import FieldType, Form
from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.parse.labels import Labels, filled, row_cells

LONGEST_VALUE = 4000
_QUOTE_MARKS = re.compile(r"[ \t]{0,3}((?:[>|][ \t]{0,1}){1,20})")


@dataclass(slots=True)
class _Said:
    """One value as it was found. `own`: some of it stands on a line of the writer's own, not behind `>`."""

    name: str
    lines: list[str]
    own: bool
    quoted: bool
    open: bool = True

    @property
    def value(self) -> str:
        return filled("\n".join(self.lines).strip()[:LONGEST_VALUE])


@dataclass(slots=True)
class _Reading:
    labels: Labels
    across: frozenset[str]
    said: list[_Said] = field(default_factory=list)
    columns: Sequence[str] = ()

    @property
    def last(self) -> _Said | None:
        return self.said[-1] if self.said and self.said[-1].open else None


def read_fields(
    text: str, form: Form, sent: str | None = None, limits: MailLimits = NORMAL
) -> dict[str, str]:
    """Return field names with what the mail says to them, as it was written; fields without a word are left out.

    `text` is all readable text of the mail. `sent`: it is a reply, to this letter of ours ('' if that is not known).
    """
    before = _first_of_each(_said(sent, form, limits, reply=True), {}) if sent else {}
    return _first_of_each(_said(text, form, limits, reply=sent is not None), before)


def _said(text: str, form: Form, limits: MailLimits, *, reply: bool) -> list[_Said]:
    long = frozenset(one.name for one in form.fields if one.type is FieldType.TEXT)
    reading = _Reading(Labels(form), frozenset() if reply else long)
    for line in text[: limits.reply_text].split("\n", limits.reply_lines)[: limits.reply_lines]:
        marks = _QUOTE_MARKS.match(line)
        quoted = bool(marks and ">" in marks[1])
        _take(reading, line[marks.end() :] if marks and quoted else line, quoted=quoted)
    return reading.said


def _take(reading: _Reading, line: str, *, quoted: bool) -> None:
    """One line: a label with its value, a row of a table, more of the value above it, or nothing to us."""
    if not line.strip():
        _empty_line(reading, quoted=quoted)
    elif reading.columns:
        _row_below_heads(reading, line, quoted=quoted)
    elif heads := reading.labels.heads(line):
        reading.columns = heads
    elif found := reading.labels.split(line):
        name, value = found
        nothing = value and not filled(value)  # lines to be filled in by hand, left alone
        reading.said.append(
            _Said(name, [value] if value else [], not quoted and bool(value), quoted, open=not nothing)
        )
    elif last := reading.last:
        _more(last, line, quoted=quoted)


def _empty_line(reading: _Reading, *, quoted: bool) -> None:
    """It ends a value that has begun; a quoted label that waits for its answer, and a long text, go on."""
    if last := reading.last:
        if last.name in reading.across and last.lines:
            last.lines.append("")
        else:
            last.open = last.quoted and not quoted and not last.lines


def _row_below_heads(reading: _Reading, line: str, *, quoted: bool) -> None:
    cells = row_cells(line)
    if len(cells) == len(reading.columns):
        for name, value in zip(reading.columns, cells, strict=True):
            reading.said.append(_Said(name, [value], not quoted, quoted, open=False))
    reading.columns = ()


def _more(said: _Said, line: str, *, quoted: bool) -> None:
    """The line belongs to the value above; an own line below a quoted one is the answer to it."""
    if not quoted and said.quoted and not said.own:
        said.lines.clear()
        said.own = True
    if quoted and said.own:
        said.open = False
        return
    said.lines.append(line.strip())


def _first_of_each(said: Sequence[_Said], before: Mapping[str, str]) -> dict[str, str]:
    """One value for each field: the first of the writer's own, else the first quoted one; never what we wrote."""
    found: dict[str, str] = {}
    for one in sorted(said, key=lambda one: not one.own):
        value = one.value
        if value and _squeezed(value) != _squeezed(before.get(one.name, "")):
            found.setdefault(one.name, value)
    return found


def _squeezed(value: str) -> str:
    """Mail programs wrap quoted lines anew."""
    return " ".join(value.split())
