"""Draw README's state diagram from the procedure's own table, so that the picture cannot lie.

python scripts/draw_lifecycle.py             print the diagram
python scripts/draw_lifecycle.py --write     put it into README.md, between its markers
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from helpdesk.decide.lifecycle import TRANSITIONS, Table
from helpdesk.model.ticket import Status

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- lifecycle: begin, drawn by scripts/draw_lifecycle.py -->", "<!-- lifecycle: end -->"


EVERYWHERE = {"staff_commanded", "desk_commanded", "ordered_undo"}
"""They may lead anywhere: by their orders, or back."""


def draw(table: Table = TRANSITIONS) -> str:
    """The mermaid block: every way from one status to another, with the events that open it."""
    table = {status: _without_bundles(row) for status, row in table.items()}
    ways: dict[tuple[Status | None, Status], list[str]] = {}
    reached = reachable(table)
    for status, events in table.items():
        if status is None or status in reached:
            for event, ends in events.items():
                for end in sorted(ends - {status}, key=list(Status).index):
                    ways.setdefault((status, end), []).append(event.replace("_", " "))
    lines = [f"    {start or '[*]'} --> {end} : {', '.join(events)}" for (start, end), events in ways.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _without_bundles(row: Mapping[str, frozenset[Status]]) -> Mapping[str, frozenset[Status]]:
    """A block of orders leads where its orders lead, each of which has a row of its own."""
    return {event: ends for event, ends in row.items() if event not in EVERYWHERE}


def reachable(table: Table) -> set[Status]:
    """What a ticket can become at all, by the events that exist."""
    found: set[Status] = set()
    frontier: list[Status | None] = [None]
    while frontier:
        ends = {end for ends in table[frontier.pop()].values() for end in ends} - found
        found |= ends
        frontier += ends
    return found


def with_diagram(text: str) -> str:
    """The text with the diagram between its markers drawn anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{draw()}\n{END}{after}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        README.write_text(with_diagram(README.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(draw())
