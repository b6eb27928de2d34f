"""Command lines (T5): on top, whole lines, nothing else."""

from __future__ import annotations

import pytest

from helpdesk.parse.commands import read_commands
from helpdesk.parse.message import read


def test_a_block_on_top_is_commands_and_the_rest_is_text() -> None:
    commands, rest = read_commands("#close thanks \n\n  #Tag +a -b\n#mine?\n\nDear Anne,\n#note not one\n")

    assert [(c.word, c.argument) for c in commands] == [("close", "thanks"), ("tag", "+a -b"), ("mine?", "")]
    assert rest == "Dear Anne,\n#note not one"


@pytest.mark.parametrize(
    "line", ["# 1", "#1234", "#", "##close", "#!/bin/sh", "#close-now", "see #close", "#a1 x", "#?"]
)
def test_other_hashes_are_text(line: str) -> None:
    assert read_commands(line + "\ntext") == ((), line + "\ntext")


def test_quoted_commands_do_nothing() -> None:
    mail = read(b"From: bart@staff.example\r\n\r\n> #close\r\n> #block\r\n")

    assert mail.command_lines == ()


def test_a_command_below_a_quotation_is_no_command() -> None:
    raw = b"\r\nhello\r\n#close\r\n\r\nOn 9 Mar 2026 10:15, Anne <anne@customer.example> wrote:\r\n> x\r\n#block\r\n"

    assert read(b"From: bart@staff.example\r\n" + raw).command_lines == ()


def test_words_of_other_alphabets_are_commands_too() -> None:
    commands, rest = read_commands("#закрыть сейчас")

    assert (commands[0].word, commands[0].argument, rest) == ("закрыть", "сейчас", "")
