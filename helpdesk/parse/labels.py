"""The labels of a form, found at the beginning of a line however they are dressed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.model.forms import Form

_BULLET = re.compile(r"[ \t\u00a0]*(?:[-–—•·*◦▪‣+][ \t]+|\d{1,3}[.)][ \t]+)?")
_GAP = re.compile(r"[ \t\u00a0]{2,40}|\t")
_SEPARATORS = ":：=\t|"
_DRESS = " \t\u00a0*_:：?.|#\u200b\ufeff"
_HINT = re.compile(r"[ \t]*[(\[][^()\[\]]{0,80}[)\]][ \t]*$")
_BLANK = " \t\n\u00a0_.…-–—*|"
_LONGEST_LABEL = 120
_TRIES = 4
_MOST_CELLS = 40


class Labels:
    """What leads from a label, in any of its languages, to the name of its field."""

    def __init__(self, form: Form) -> None:
        self._names: dict[str, str] = {}
        for one in form.fields:
            for label in (one.name, *one.labels):
                self._names.setdefault(_bare(label), one.name)
        self._names.pop("", None)

    def split(self, line: str) -> tuple[str, str] | None:
        """The field's name and what stands beside its label; None if the line does not begin with a label."""
        line = line[_end_of_bullet(line) :].lstrip("|").strip()
        if name := self.named(line):
            return name, ""
        for head, value in _cuts(line):
            if name := self.named(head):
                return name, _undressed(value)
        return None

    def heads(self, line: str) -> Sequence[str]:
        """The names of the fields if the line is the head of a table: two cells or more, each a label."""
        cells = row_cells(line)
        names = [self.named(cell) for cell in cells]
        known = [name for name in names if name]
        return known if len(known) == len(cells) >= 2 else ()

    def named(self, text: str) -> str | None:
        if len(text) > _LONGEST_LABEL:
            return None
        return self._names.get(_bare(text)) or self._names.get(_bare(_HINT.sub("", text.strip(_DRESS + "*"))))


def filled(value: str) -> str:
    """The value, or '' where only lines and dots to be filled in are left."""
    return value if value.strip(_BLANK) else ""


def row_cells(line: str) -> list[str]:
    """The cells of a row whose columns are kept apart by bars, tabs or wide gaps."""
    line = line.strip().strip("|").strip()
    parts = line.split("|") if "|" in line else _GAP.split(line)
    return [_undressed(part) for part in parts[:_MOST_CELLS]]


def _cuts(line: str) -> list[tuple[str, str]]:
    """The line cut at each of its first separators, and at its first wide gap."""
    head = line[:_LONGEST_LABEL]
    places = [at for at, sign in enumerate(head) if sign in _SEPARATORS][:_TRIES]
    cuts = [(line[:at], line[at + 1 :]) for at in places]
    gap = _GAP.search(head)
    return [*cuts, (line[: gap.start()], line[gap.end() :])] if gap else cuts


def _bare(text: str) -> str:
    return " ".join(text.casefold().strip(_DRESS).split())


def _undressed(value: str) -> str:
    """Without the marks of bold text that were cut in two by the label, and the bar that ends a row."""
    return value.strip().strip("|").strip().lstrip("* \t\u00a0").rstrip("* \t\u00a0")


def _end_of_bullet(line: str) -> int:
    found = _BULLET.match(line)
    return found.end() if found else 0
