"""Shows the story: a line of narration here and there, and each letter as it passes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from helpdesk.cli.demo import setting
from helpdesk.testing.players import Passing

_WIDE = 110
_INDENT = 12
_LINES = 2
_FORMALITIES = (
    "Hello",
    "Good ",
    "Customer:",
    "Subject:",
    "Operator:",
    "From:",
    "New ticket",
    "> ",
    "--",
    "iDuHelp!",
)
_INKS = ("cyan", "magenta", "green", "yellow", "blue")
_SHARED = {setting.LIST, setting.PIC}
_COPIED = ("assignment", "customer_reply", "answer", "closed", "closed_no_feedback")


class Printer:
    """Writes to standard output; colours on a terminal, plain text elsewhere. `names` are readers by address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.names: Mapping[str, str] = {}
        self._clock = clock
        self._began = clock()
        plain = not sys.stdout.isatty()
        self._console = (
            Console(width=_WIDE, no_color=True, highlight=False) if plain else Console(highlight=False)
        )

    @property
    def seconds(self) -> float:
        """Since the printer was made."""
        return self._clock() - self._began

    def act(self, title: str) -> None:
        self._console.print()
        self._console.rule(Text(title, style="bold"), align="left")

    def tell(self, words: str) -> None:
        self._console.print(Text(words, style="italic"))

    def show(self, passing: Passing) -> None:
        """Print a mail; copies of what was shown already take one line."""
        ink = _INKS[(passing.letter.ticket or _tagged(passing.letter.subject)) % len(_INKS)]
        if not passing.sender and passing.letter.name in _COPIED and set(passing.readers) <= _SHARED:
            self._line(self._head(passing, f"copy of {passing.letter.name}"), "dim")
            return
        self._line(self._head(passing, passing.letter.name), f"bold {ink}")
        self._line(_indented(passing.letter.subject.strip()), ink)
        for line in _excerpt(passing):
            self._line(_indented(f"│ {line}"), "default")

    def table(self, table: Table) -> None:
        self._console.print()
        self._console.print(table)

    def lines(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._console.print(Text(line))

    def _head(self, passing: Passing, name: str) -> str:
        writer = passing.sender or "the desk"
        readers = ", ".join(dict.fromkeys(self._name(address) for address in passing.readers))
        label = f"  [{name}]" if name else ""
        return f"{self.seconds:6.1f} s    {writer} → {readers}{label}"

    def _name(self, address: str) -> str:
        return self.names.get(address, "the desk" if "+" in address else address)

    def _line(self, words: str, style: str) -> None:
        self._console.print(Text(words, style), no_wrap=True, overflow="ellipsis")


def _excerpt(passing: Passing) -> list[str]:
    """The first lines that say something."""
    if not passing.words.strip():
        return ["(empty)"]
    lines = [line.strip() for line in passing.words.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(_FORMALITIES) and line != passing.sender]
    return (telling or lines)[:_LINES]


def _indented(words: str) -> str:
    return " " * _INDENT + words


def _tagged(subject: str) -> int:
    number = subject.rpartition("[#")[2].partition("]")[0]
    return int(number) if number.isdigit() else 0
