"""Write docs/verbs.md's table from the desk's own verbs, so that the page cannot lie.

python scripts/list_verbs.py             print the table
python scripts/list_verbs.py --write     put it into docs/verbs.md, between its markers
"""

from __future__ import annotations

import sys
from pathlib import Path

from helpdesk.decide.verbs.rule import VerbRule
from helpdesk.decide.verbs.table import VERBS
from helpdesk.model.people import Role

PAGE = Path(__file__).parents[1] / "docs" / "verbs.md"
BEGIN, END = "<!-- verbs: begin, written by scripts/list_verbs.py -->", "<!-- verbs: end -->"


def table() -> str:
    """A row for each verb: how it is written, by whom, what it does."""
    head = "| written | also | by | what it does |\n|---|---|---|---|"
    return "\n".join((head, *(_row(rule) for rule in VERBS)))


def _row(rule: VerbRule) -> str:
    also = " ".join(f"`#{name}`" for name in rule.aliases)
    who = ", ".join({Role.OPERATOR: "operators", Role.PIC: "PIC"}[role] for role in sorted(rule.roles))
    cells = (f"`{rule.usage}`", also, who, rule.meaning)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def with_table(text: str) -> str:
    """The text with the table between its markers written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(table())
