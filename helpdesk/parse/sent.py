"""Which lines of a reply are lines of a letter we sent? The strongest cut there is: we know what we wrote.

Mail programs quote with `>` or without, wrap anew and fold white space. So a line counts as ours when it
equals a line of ours, or when each five words in a row of it stand in ours in that order. Short lines count
only in a run with others: "Yes." is nobody's property. Linear in both texts (T15).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.parse import limits

_MARKS = re.compile(r"^(?:[ \t]*[>|])+")
_RUN = 5
_LONG = 25


@dataclass(frozen=True, slots=True)
class Sent:
    """Our lines and the runs of five words in them."""

    lines: frozenset[str]
    runs: frozenset[tuple[str, ...]]


def learn(sent: Sequence[str]) -> Sent:
    lines: set[str] = set()
    runs: set[tuple[str, ...]] = set()
    left = limits.SENT_CHARS
    for text in sent:
        text, left = text[:left], left - min(left, len(text))
        lines.update(filter(None, map(fold, text.split("\n"))))
        words = fold(text).split()
        runs.update(tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
    return Sent(frozenset(lines), frozenset(runs))


def fold(line: str) -> str:
    """Without quotation marks, emphasis, case and superfluous white space."""
    return " ".join(_MARKS.sub("", line).replace("*", "").casefold().split())


def ours(lines: Sequence[str], sent: Sent) -> list[bool]:
    """For each line whether it is taken from our letter. Empty lines are not."""
    folded = [fold(line) for line in lines]
    alike: list[bool] = []
    for at, line in enumerate(folded):
        above = folded[at - 1] if at and alike[at - 1] else ""
        alike.append(bool(line) and (_is_like(line, sent) or _goes_on(above, line, sent)))
    found = [False] * len(lines)
    run: list[int] = []
    for at, line in enumerate([*folded, "\0"]):
        if line and (at == len(lines) or not alike[at]):
            if len(run) > 1 or any(len(folded[n]) >= _LONG for n in run):
                for n in run:
                    found[n] = True
            run = []
        elif line:
            run.append(at)
    if any(found):  # the empty lines of a letter quoted with marks
        found = [
            f or (not line and bool(raw.strip())) for f, line, raw in zip(found, folded, lines, strict=True)
        ]
    # an unmarked separator is the writer's: what stands below it, in the place of their signature, goes to nobody (T31)
    return [f and raw.rstrip() != "--" for f, raw in zip(found, lines, strict=True)]


def _is_like(line: str, sent: Sent) -> bool:
    return line in sent.lines or _runs_through(line.split(), sent)


def _goes_on(above: str, line: str, sent: Sent) -> bool:
    """The short tail of a line of ours that was wrapped anew."""
    return bool(above) and _runs_through([*above.split()[1 - _RUN :], *line.split()], sent)


def _runs_through(words: list[str], sent: Sent) -> bool:
    return len(words) >= _RUN and all(
        tuple(words[at : at + _RUN]) in sent.runs for at in range(len(words) - _RUN + 1)
    )
