"""Verbs on top of a reply: all of them make sense, or the first that does not is named with a way out."""

import pytest

from helpdesk.decide.commands import CLAIM, CLOSE, Misunderstood, Order, understand
from helpdesk.parse.commands import read_commands

REPLIES = ("close", "delay")


def read(text):
    lines, _ = read_commands(text)
    return understand(lines, REPLIES)


@pytest.mark.parametrize("word", ["close", "solved", "done", "CLOSE"])
def test_close_has_aliases(word):
    assert read(f"#{word}") == [Order(CLOSE, "")]


@pytest.mark.parametrize("word", ["claim", "take", "mine"])
def test_claim_has_aliases(word):
    assert read(f"#{word}") == [Order(CLAIM, "")]


def test_close_takes_the_name_of_a_canned_reply():
    assert read("#close delay") == [Order(CLOSE, "delay")]


@pytest.mark.parametrize(
    ("text", "line", "suggestion"),
    [
        ("#clsoe", "#clsoe", "#close"),
        ("#close delya", "#close delya", "#close alone, or with one of: close, delay"),
        ("#claim it", "#claim it", "#claim alone on its line"),
        ("#close\n#claim", "#claim", "one of the two verbs only"),
        ("#split it", "#split it", "#split alone on its line"),
        ("#close\n#xyzzy", "#xyzzy", "one of #claim, #close, #done, #mine, #solved, #split, #take"),
    ],
)
def test_the_first_line_that_makes_no_sense_is_named(text, line, suggestion):
    found = read(text)

    assert isinstance(found, Misunderstood)
    assert (found.line, found.suggestion) == (line, suggestion)
    assert found.problem


@pytest.mark.parametrize("text", ["# 1", "#1234", "#!/bin/sh", "Hello\n#close", "> #close"])
def test_what_is_no_verb_is_text(text):
    assert read(text) == []
