"""docs/canned_responses.md names every letter with exactly its variables (STYLE 48)."""

import re
from pathlib import Path

from helpdesk.model.letters import LANGUAGES, LETTERS, TICKET
from helpdesk.render.canned import shipped_folder
from helpdesk.render.variables import REPLY_VARIABLES, VARIABLES

PAGE = (Path(__file__).parents[2] / "docs" / "canned_responses.md").read_text(encoding="utf-8")


def rows(columns: int) -> list[list[str]]:
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in PAGE.splitlines()
        if line.startswith("| `")
    ]
    return [row for row in cells if len(row) == columns]


def names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`(\w+)`", cell))


def test_every_letter_is_documented_with_exactly_its_variables():
    letters = {
        names(row[0])[0]: names(row[2]) for row in rows(3) if names(row[0])[0] in LETTERS and names(row[2])
    }
    without = {names(row[0])[0] for row in rows(3)} & set(LETTERS)

    assert letters == {name: kind.variables for name, kind in LETTERS.items()}
    assert without == set(LETTERS)


def test_every_letter_says_when_it_is_sent():
    assert all(row[1] for row in rows(3))


def test_every_variable_is_documented_with_its_kind():
    documented = {
        names(row[0])[0]: row[1] for row in rows(3) if row[1] in {str(kind) for kind, _ in VARIABLES.values()}
    }

    assert documented == {name: str(kind) for name, (kind, _) in VARIABLES.items()}


def test_what_all_letters_and_all_replies_may_use_is_documented():
    every_letter = next(line for line in PAGE.splitlines() if line.startswith("Every letter may use"))
    replies = next(line for line in PAGE.splitlines() if line.startswith("Replies may use"))

    assert names(every_letter) == TICKET
    assert names(replies) == REPLY_VARIABLES


def test_every_shipped_reply_is_documented_and_exists_in_every_language():
    documented = set(re.findall(r"^\| `replies/(\w+)`", PAGE, re.M))

    for language in LANGUAGES:
        assert {path.stem for path in (shipped_folder() / language / "replies").glob("*.txt")} == documented


def test_every_shipped_language_is_named():
    shipped = {path.name for path in shipped_folder().iterdir() if path.is_dir()}

    assert shipped == set(LANGUAGES)
    assert all(f"(`{language}`)" in PAGE for language in LANGUAGES)
