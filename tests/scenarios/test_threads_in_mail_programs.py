"""One ticket is one conversation in the mail programs people use.

Gmail joins mails that share an ancestor and, reply prefixes aside, the subject. Apple Mail and Thunderbird
join by ancestors alone (the algorithm of jwz). Outlook without its own headers joins by the bare subject.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpdesk.testing.desk import Desk, Player
from helpdesk.testing.letters import Letter

OUTLOOK_ID = "<AM0PR04MB6565AAAABBBBCCCCDDDDEEEEFFFF0123456789@AM0PR04MB6565.eurprd04.prod.example>"


def bare(subject: str) -> str:
    return re.sub(r"^((re|fwd?|aw|bls)\s*:\s*)+", "", subject, flags=re.IGNORECASE).strip()


def ancestors(letter: Letter) -> set[str]:
    return {letter["Message-ID"], *f"{letter['References']} {letter['In-Reply-To']}".split()}


def one_thread_for_jwz(letters: list[Letter]) -> bool:
    """Do the ids of all letters hang together?"""
    known = ancestors(letters[0])
    rest = letters[1:]
    while joined := [x for x in rest if ancestors(x) & known]:
        known = known.union(*map(ancestors, joined))
        rest = [x for x in rest if x not in joined]
    return not rest


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A conversation with two answers, a nudge and the closing letters."""
    desk = Desk(tmp_path)
    desk.anne.asks("My order 12", "Where is it?")
    desk.bart.answers("On its way.")
    desk.anne.replies("It is not here.", "answer")
    desk.bart.answers("Tomorrow, I promise.")
    desk.passes(days=9)
    return desk


def mails_of(player: Player, *names: str) -> list[Letter]:
    return [letter for letter in player.mailbox if letter.name in names]


def test_apple_mail_and_thunderbird_show_the_customer_one_conversation(desk: Desk) -> None:
    letters = mails_of(desk.anne, "acknowledgement", "assigned", "answer", "nudge", "closed_no_feedback")

    assert len(letters) == 6
    assert one_thread_for_jwz(letters)


def test_gmail_and_outlook_show_the_answers_as_one_conversation(desk: Desk) -> None:
    """The acknowledgement stands apart: it may not repeat a stranger's subject (F13)."""
    letters = mails_of(desk.anne, "answer", "nudge", "closed_no_feedback")

    assert {bare(letter.subject) for letter in letters} == {"My order 12 [#1]"}
    assert one_thread_for_jwz(letters)


def test_apple_mail_and_thunderbird_show_the_operator_one_conversation(desk: Desk) -> None:
    letters = mails_of(desk.bart, "new_ticket", "assignment", "customer_reply", "answer")

    assert len(letters) >= 4
    assert one_thread_for_jwz(letters)


def test_a_long_outlook_id_comes_back_verbatim(tmp_path: Path) -> None:
    """F2: an encoded id would break the thread for every Outlook customer."""
    desk = Desk(tmp_path)
    question = desk.anne.new(["help@desk.example"], "My order", "Where is it?")
    raw = re.sub(rb"Message-ID: <[^>]+>", b"Message-ID: " + OUTLOOK_ID.encode(), question.as_bytes())
    desk.post(raw, desk.anne.address)
    desk.bart.answers("On its way.")

    answer = desk.anne.last("answer")

    assert b"In-Reply-To: " + OUTLOOK_ID.encode() in answer.raw.replace(b"\r\n ", b" ")
