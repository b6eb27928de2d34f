"""Human words stay and are never judged empty, bare quotation is never text, whatever stands around (T5, T15)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.model.mail import Emptiness
from helpdesk.parse.commands import read_commands
from helpdesk.parse.emptiness import judge
from helpdesk.parse.quotes import Reading, read_reply

WORD = st.text(st.characters(categories=["Ll"], max_codepoint=0x24F), min_size=3, max_size=9)
SENTENCE = st.lists(WORD, min_size=3, max_size=9).map(lambda words: " ".join(words).capitalize() + ".")
WHO = "Anne Smith <anne@customer.example>"
ATTRIBUTIONS = st.sampled_from(
    [
        f"On Mon, Mar 9, 2026 at 10:15 AM {WHO} wrote:",
        f"Am Mo., 9. März 2026 um 10:15 Uhr schrieb {WHO}:",
        f"Pada Sen, 9 Mar 2026 pukul 10.15 {WHO} menulis:",
        f"пн, 9 мар. 2026 г. в 10:15, {WHO}:",
        f"2026年3月9日(月) 10:15 {WHO}:",
        "-------- Original Message --------",
        f"---- On Mon, 09 Mar 2026 10:15:00 +0700 {WHO} wrote ----",
    ]
)
# Pieces of what mail programs write, in the hands of a human.
TRAPS = st.sampled_from(
    [
        "On Monday Anne wrote:", "From: the kitchen", "Sent: yesterday", "Date: 9 March 2026", "To: whom?",
        "Subject: lamps", "Thanks", "Regards", "-- ", "--", "---", "original message", "> yes", ">", "10:15",
        "9/3/2026 10:15", "anne@customer.example", "wrote:", "said:", "Sent by courier", "my iPhone", "", "",
        "- a point", "1. a point", "#1234", "Name: Anne", "schrieb:", "Von: Berlin", "unsubscribe", "mail", "|",
        "| a | b |", "On", "________", "PS: one thing", "Sent from my desk today", "above this line",
    ]
)  # fmt: skip
BELOW = st.sampled_from(
    [
        "",
        "\n\n-- \nBart\nThe desk",
        "\n\nSent from my iPhone",
        f"\n\nOn Tue, Nov 17, 2026 at 9:00 AM {WHO} wrote:\n> old\n> words",
        f"\n\nOn Tue, Nov 17, 2026 at 9:00 AM\n{WHO} wrote:\n\nold words",
        f"\n\n____________________\nFrom: {WHO}\nSent: 17 November 2026\nTo: x\nSubject: y\n\nold",
        "\n\n-----Original Message-----\nFrom: Anne\nSent: x\nTo: y\nSubject: z\n\nold words",
        "\n\nVon meinem iPhone gesendet\n\n> Am 17.11.2026 um 10:15 schrieb Anne <a@b.example>:\n> \n> alt",
    ]
)
WORDS_IN_LETTERS = st.lists(SENTENCE, min_size=1, max_size=5)


def _verdict(reading: Reading) -> Emptiness:
    return judge(reading, ())


@given(SENTENCE, st.lists(TRAPS | SENTENCE, max_size=6), BELOW)
@settings(max_examples=400, deadline=None)
def test_the_first_sentence_of_a_human_stays(first: str, others: list[str], below: str) -> None:
    reading = read_reply("\n".join([first, *others]) + below)

    assert first in reading.new_text
    assert _verdict(reading) is not Emptiness.EMPTY


@given(st.lists(TRAPS | SENTENCE, max_size=6), SENTENCE, BELOW)
@settings(max_examples=400, deadline=None)
def test_a_human_sentence_anywhere_makes_no_mail_empty(above: list[str], sentence: str, below: str) -> None:
    assert _verdict(read_reply("\n".join([*above, "", sentence]) + below)) is not Emptiness.EMPTY


@given(ATTRIBUTIONS, WORDS_IN_LETTERS, BELOW)
@settings(max_examples=200, deadline=None)
def test_a_bare_quotation_is_never_text(above: str, letter: list[str], below: str) -> None:
    quoted = "\n".join(f"> {line}" for line in letter)

    assert _verdict(read_reply(f"{above}\n{quoted}")) is Emptiness.EMPTY
    assert _verdict(read_reply(f"{above}\n{quoted}{below}")) is not Emptiness.TEXT


@given(WORDS_IN_LETTERS, st.lists(SENTENCE, max_size=4), st.sampled_from(["", "> ", "| "]))
@settings(max_examples=200, deadline=None)
def test_only_what_we_did_not_send_is_new(letter: list[str], answer: list[str], mark: str) -> None:
    ours = "\n\n".join(["Dear customer, this is the letter that the desk has sent.", *letter])
    quoted = "\n".join(mark + line for line in ours.split("\n"))
    answer = [f"Answer {n}, {line.lower()}" for n, line in enumerate(answer)]

    reading = read_reply("\n".join(answer) + f"\n\n{quoted}", (ours,))

    assert reading.new_text == "\n".join(answer)
    assert (_verdict(reading) is Emptiness.EMPTY) == (not answer)


@given(ATTRIBUTIONS, st.lists(SENTENCE | TRAPS, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_command_in_a_quotation_never_acts(above: str, letter: list[str]) -> None:
    """T5"""
    quoted = "\n".join(f"> #close {line}" for line in letter)

    assert read_commands(read_reply(f"{above}\n{quoted}").new_text)[0] == ()
    assert read_commands(read_reply(f"{quoted}\n\n{letter[0]}x").new_text)[0] == ()


@given(st.text(st.characters(codec="utf-8"), max_size=400), st.lists(st.text(max_size=200), max_size=2))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_line_by_line(text: str, sent: list[str]) -> None:
    reading = read_reply(text, sent)

    assert len(reading.lines) == len(reading.labels)
    assert reading.lines or not text
    assert _verdict(reading) in Emptiness
