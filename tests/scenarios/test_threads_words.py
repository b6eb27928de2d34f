"""The new words of a reply whose quotation lost its marks: what we sent is known, so it is cut (MAIL_RULES 2.3)."""

from email.message import EmailMessage

import pytest

from helpdesk.model.ticket import EntryKind, Status
from helpdesk.testing.desk import Desk, Player
from helpdesk.testing.letters import Letter

QUESTION = "Where is my order of last Monday?\nIt should have been here on Wednesday morning already."
ANSWER = "It left our house this morning with the courier.\nPlease wait until tomorrow evening."


def without_marks(player: Player, letter: Letter, text: str, *, everybody: bool = False) -> EmailMessage:
    """A reply as some programs write it: the letter below, neither marked nor announced."""
    reply = player.reply_all(letter, "") if everybody else player.reply(letter, "")
    reply.set_content(f"{text}\n\n{letter.text}" if text else f"\n{letter.text}")
    return reply


def texts(desk: Desk, kind: EntryKind) -> list[str]:
    return [entry.text for entry in desk.entries() if entry.kind is kind]


@pytest.fixture
def answered(desk: Desk) -> Desk:
    desk.anne.asks("My order", QUESTION)
    desk.bart.answers(ANSWER)
    return desk


def test_a_customers_reply_without_marks_yields_her_new_words_only(answered: Desk) -> None:
    answered.anne.sends(without_marks(answered.anne, answered.anne.last("answer"), "It is still not here!"))

    assert texts(answered, EntryKind.CUSTOMER)[-1] == "It is still not here!"
    assert ANSWER.split("\n")[0] not in answered.bart.last_personal("customer_reply").text


def test_an_operators_reply_without_marks_sends_his_new_words_only(desk: Desk) -> None:
    desk.anne.asks("My order", QUESTION)

    desk.bart.sends(without_marks(desk.bart, desk.bart.last_personal("assignment"), "It comes tomorrow."))

    assert texts(desk, EntryKind.OPERATOR) == ["It comes tomorrow."]
    assert "Wednesday morning" not in desk.anne.last("answer").text


def test_an_empty_reply_all_without_marks_is_still_a_claim(claim_desk: Desk) -> None:
    claim_desk.anne.asks("My order", QUESTION)

    announcement = claim_desk.cate.last("new_ticket")
    claim_desk.cate.sends(without_marks(claim_desk.cate, announcement, "", everybody=True))

    assert claim_desk.ticket().operator == claim_desk.cate.address
    assert claim_desk.cate.count("unsure") == 0


def test_an_empty_reply_of_a_customer_without_marks_asks_for_nothing(answered: Desk) -> None:
    answered.bart.answers("#close")

    answered.anne.sends(without_marks(answered.anne, answered.anne.last("closed"), ""))

    assert answered.ticket().status is Status.SOLVED


def test_a_direct_answer_of_the_operator_is_known_too(desk: Desk) -> None:
    """He wrote to her himself; the desk only has what he said."""
    desk.anne.asks("My order", QUESTION)
    letter = desk.bart.last_personal("assignment")
    desk.bart.sends(desk.bart.reply(letter, ANSWER, [*letter.answer_to(), desk.anne.address]))
    direct = desk.anne.mailbox[-1]
    reply = desk.anne.reply(direct, "", ["help@desk.example"])
    reply.set_content(f"Thank you, but tomorrow I am not at home.\n\n{ANSWER}\n")

    desk.anne.sends(reply)

    assert texts(desk, EntryKind.CUSTOMER)[-1] == "Thank you, but tomorrow I am not at home."


def test_the_same_answer_again_is_an_answer(answered: Desk) -> None:
    """His own words are not what the letter before him says: who says them again means them."""
    answered.anne.replies("When does it come, please?", "answer")

    answered.bart.answers(ANSWER)

    assert texts(answered, EntryKind.OPERATOR) == [ANSWER, ANSWER]
    assert answered.anne.count("answer") == 2


def test_the_words_of_a_mail_that_came_back_may_be_sent_again(answered: Desk) -> None:
    answered.anne.replies("When does it come, please?", "answer")
    words = "It will be at your door tomorrow before noon."
    answered.bart.answers(f"#clsoe\n\n{words}")

    answered.bart.replies(f"#close\n\n{words}", "command_error")

    assert words in answered.anne.last("closed").text


def test_an_answer_in_reply_to_that_answer_is_asked_about(answered: Desk) -> None:
    """Nothing but the answer's own words below the list's copy of it: quoted or said again? Nobody can know."""
    copy = answered.bart.last("answer")

    row = answered.bart.sends(without_marks(answered.bart, copy, ""))

    assert answered.outcome(row).outcome == "staff_not_proven"
    assert texts(answered, EntryKind.OPERATOR) == [ANSWER]


def test_a_question_that_repeats_itself_is_not_cut(desk: Desk) -> None:
    """The customer's own words are hers to repeat."""
    desk.anne.asks("My order", QUESTION)
    desk.bart.answers(ANSWER)

    desk.anne.replies(QUESTION, "answer")

    assert texts(desk, EntryKind.CUSTOMER) == [QUESTION, QUESTION]
    assert desk.ticket().status is Status.OPEN
