"""Verbs on top of a reply: all of them make sense, or the first that does not is named with a way out."""

from datetime import UTC, datetime

import pytest

from helpdesk.decide.commands import understand
from helpdesk.decide.verbs.rule import Reading
from helpdesk.model.orders import Misunderstood, Verb
from helpdesk.model.people import Role
from helpdesk.parse.commands import read_commands
from helpdesk.testing.desk import policy

READING = Reading(policy(), datetime(2026, 3, 2, 2, tzinfo=UTC), ("close", "delay"))


def read(text, role=Role.OPERATOR):
    lines, _ = read_commands(text)
    return understand(lines, role, READING)


def verbs(text):
    return [order.verb for order in read(text)]


@pytest.mark.parametrize("word", ["close", "solved", "done", "CLOSE"])
def test_close_has_aliases(word):
    assert verbs(f"#{word}") == [Verb.CLOSE]


@pytest.mark.parametrize("word", ["claim", "take", "mine"])
def test_claim_has_aliases(word):
    assert verbs(f"#{word}") == [Verb.CLAIM]


def test_close_takes_the_name_of_a_canned_reply():
    (order,) = read("#close delay")

    assert (order.verb, order.name, order.line) == (Verb.CLOSE, "delay", "#close delay")


@pytest.mark.parametrize(
    ("text", "line", "suggestion"),
    [
        ("#clsoe", "#clsoe", "#close"),
        ("#close delya", "#close delya", "#close alone, or with one of: delay"),
        ("#claim it", "#claim it", "#claim alone on its line"),
        ("#close\n#split", "#split", "one of the two verbs only"),
        ("#split it", "#split it", "#split alone on its line"),
        ("#close\n#xyzzy", "#xyzzy", "#help, which lists all verbs"),
    ],
)
def test_the_first_line_that_makes_no_sense_is_named(text, line, suggestion):
    found = read(text)

    assert isinstance(found, Misunderstood)
    assert (found.line, found.suggestion) == (line, suggestion)
    assert found.problem


def test_a_verb_twice_is_said_once():
    assert verbs("#close\n#close") == [Verb.CLOSE]


def test_what_only_operators_may_do_a_pic_is_told():
    found = read("#claim", Role.PIC)

    assert isinstance(found, Misunderstood)
    assert found.problem == "only an operator may use #claim"


@pytest.mark.parametrize("text", ["# 1", "#1234", "#!/bin/sh", "Hello\n#close", "> #close"])
def test_what_is_no_verb_is_text(text):
    assert read(text) == ()
