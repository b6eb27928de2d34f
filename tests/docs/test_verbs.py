"""docs/verbs.md lists the verbs that there are, and every one is described in each language of the desk."""

import sys
from pathlib import Path

import pytest

from helpdesk.decide.verbs.table import NAMES, VERBS
from helpdesk.model.reasons import Reason

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
def test_every_verb_has_a_meaning_that_every_language_can_say(rule):
    assert isinstance(rule.meaning, Reason)


def test_no_name_means_two_verbs():
    assert len(NAMES) == sum(1 + len(rule.aliases) for rule in VERBS)
