"""docs/verbs.md lists the verbs that there are, and every one is described in Indonesian too."""

import sys
from pathlib import Path

import pytest

from helpdesk.decide.verbs.meanings import meaning_of
from helpdesk.decide.verbs.table import NAMES, VERBS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "verbs.md").read_text(encoding="utf-8")


def test_the_table_is_the_one_of_the_desk():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import list_verbs
    finally:
        sys.path.pop(0)

    assert list_verbs.with_table(PAGE) == PAGE, "run: python scripts/list_verbs.py --write"


@pytest.mark.parametrize("rule", VERBS, ids=lambda rule: rule.verb)
def test_every_verb_is_described_in_indonesian(rule):
    assert meaning_of(rule.verb, rule.meaning, "id") != rule.meaning


def test_no_name_means_two_verbs():
    assert len(NAMES) == sum(1 + len(rule.aliases) for rule in VERBS)
