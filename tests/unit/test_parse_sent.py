"""Comparing with the text we sent: the strongest cut, whatever the mail program made of it (MAIL_RULES 4)."""

from __future__ import annotations

import pytest

from helpdesk.model.mail import Emptiness
from helpdesk.parse.emptiness import judge
from helpdesk.parse.quotes import read_reply
from helpdesk.parse.sent import learn, ours

LETTER = (
    "Dear Anne,\n\n"
    "thank you for your letter about the broken lamp. We have opened ticket 17 for it.\n"
    "Please tell us the serial number, and when the lamp was bought.\n\n"
    "Is it on?\n\nThe desk\nhttps://desk.example/17"
)
ANSWER = "It is 4711."
REWRAPPED = (
    "Dear Anne,\n\nthank you for your letter about the broken lamp. We have\nopened ticket 17 for it.\n"
    "Please tell us the serial number,   and when the lamp\nwas bought.\n"
)
REPLIES = {
    "on top": f"{ANSWER}\n\n{LETTER}",
    "below": f"{LETTER}\n\n{ANSWER}",
    "below marks without attribution": "\n".join(f"> {row}" for row in LETTER.split("\n")) + f"\n\n{ANSWER}",
    "wrapped anew": f"{ANSWER}\n\n{REWRAPPED}",
    "bars": f"{ANSWER}\n\n" + "\n".join(f"| {row}" for row in LETTER.split("\n")),
    "an attribution nobody knows": f"{ANSWER}\n\n9.3.2026 10:15, Xyzzy plugh:\n{LETTER}",
    "between the lines of an unmarked block": (
        "From: Desk <desk@desk.example>\nSent: Monday, 9 March 2026 10:15\nTo: Anne\nSubject: Lamp\n\n"
        + LETTER.replace("bought.\n", f"bought.\n\n{ANSWER}\n")
    ),
}


@pytest.mark.parametrize("kind", REPLIES)
def test_what_we_sent_is_never_new(kind: str) -> None:
    assert read_reply(REPLIES[kind], (LETTER,)).new_text == ANSWER


@pytest.mark.parametrize("kind", REPLIES)
def test_our_letter_alone_is_an_empty_reply(kind: str) -> None:
    reading = read_reply(REPLIES[kind].replace(ANSWER, ""), (LETTER,))

    assert judge(reading, ()) is Emptiness.EMPTY


@pytest.mark.parametrize("text", ["Is it on?", "Dear Anne,", "The desk is broken", "the serial number"])
def test_a_few_words_in_common_are_the_writers_own(text: str) -> None:
    reading = read_reply(text, (LETTER,))

    assert reading.new_text == text
    assert judge(reading, ()) is Emptiness.TEXT


def test_another_letter_changes_nothing() -> None:
    assert read_reply(REPLIES["on top"], ("Something else entirely.",)).new_text == REPLIES["on top"]


def test_the_line_above_the_writers_own_signature_is_never_ours():
    """T31: else what stands below it would be their words, and go to the customer."""
    letter = learn(["Enjoy your lamp.\n\nWrite to us again.\n\n-- \nCate, iDuHelp!"])
    written = ["Enjoy your lamp.", "-- ", "Cate", "an internal word"]

    assert ours(written, letter)[1] is False
