"""Every row of the inbox has exactly one fate: the table of classes is total."""

import re
from pathlib import Path

import pytest

from helpdesk.decide.accounting import CLASSES, fate, rule
from helpdesk.decide.desk import HANDLERS
from helpdesk.decide.lifecycle import event_name
from helpdesk.model.account import Fate
from helpdesk.model.events import DeadlinePassed

SOURCE = Path(__file__).parents[2] / "helpdesk"
EVENTS = [kind for kind in HANDLERS if kind is not DeadlinePassed]


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_that_a_mail_can_be_has_a_class(kind):
    name = event_name(object.__new__(kind))

    assert CLASSES[name] in (Fate.TICKETED, Fate.COMMANDS)


def test_every_outcome_that_the_desk_writes_has_a_class():
    code = (SOURCE / "flow" / "handling.py").read_text() + (SOURCE / "flow" / "intake.py").read_text()
    written = set(re.findall(r'finish\(\s*desk, spooled, "(\w+)"', code))

    assert written >= {"admin", "confirmation", "rated", "parked"}
    assert written - {"parked"} <= CLASSES.keys()


@pytest.mark.parametrize(
    ("state", "outcome", "expected"),
    [
        ("taken", "", Fate.WAITING),
        ("parked", "parked", Fate.PARKED),
        ("parked", "something else", Fate.PARKED),
        ("done", "customer_wrote", Fate.TICKETED),
        ("done", "operator_claimed", Fate.COMMANDS),
        ("done", "duplicate", Fate.REFUSED),
        ("done", "ignored:own_letter", Fate.REFUSED),
        ("done", "ignored:", Fate.UNACCOUNTED),  # a rule without a name says nothing
        ("done", "", Fate.UNACCOUNTED),
        ("done", "a word of another helpdesk", Fate.UNACCOUNTED),
    ],
)
def test_a_row_is_classed_by_what_is_said_of_it(state, outcome, expected):
    assert fate(state, outcome) is expected


def test_a_rule_is_counted_under_its_name():
    assert (rule("ignored:staff_talk"), rule("duplicate")) == ("staff_talk", "duplicate")
