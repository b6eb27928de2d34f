"""`#status`, `#mine?`, `#why` and `#help`: answered by a receipt, and nothing else happens."""

import pytest

from helpdesk.model.ticket import Status


@pytest.fixture
def asked(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    return desk


def test_status_tells_how_the_ticket_stands(asked):
    asked.bart.answers("#status")

    text = asked.bart.last("receipt").text
    assert "#1 Where is my order?" in text
    assert "open, waits for operator" in text
    assert "operator: Bart" in text
    assert "first_response: 2026-" in text
    assert "I ordered a lamp." in text
    assert asked.ticket().status is Status.OPEN


def test_mine_lists_what_is_due_first(asked):
    asked.cate.replies_all("", "new_ticket")
    asked.passes(hours=1)
    second = asked.anne.asks("A second question", "Do you sell chairs?")
    third = asked.anne.asks("A third question", "Do you sell tables?")
    asked.bart.answers("#mine?")

    text = asked.bart.last("receipt").text
    assert "#1 Where is my order?" in text
    assert f"#{third.number} A third question" in text
    assert text.index("#1 ") < text.index(f"#{third.number} ")
    assert f"#{second.number} " not in text  # it is Cate's


def test_mine_marks_what_is_urgent(asked):
    asked.bart.answers("#priority urgent\n#mine?")
    asked.bart.answers("#mine?")

    assert "#1 [urgent] Where is my order?" in asked.bart.last("receipt").text


def test_why_tells_the_last_step_with_its_reasons(asked):
    asked.bart.answers("#why")

    text = asked.bart.last("receipt").text
    assert "Bart's turn" in text or "it is Bart's turn" in text
    assert "assigned" in text


def test_why_does_not_explain_that_somebody_asked_for_help(asked):
    asked.bart.answers("#help")
    asked.bart.answers("#why")

    assert "asked for help" not in asked.bart.last("receipt").text
    assert "Bart has the ticket" in asked.bart.last("receipt").text


def test_why_asked_twice_does_not_explain_itself(asked):
    asked.bart.answers("#why")
    first = asked.bart.last("receipt").text
    asked.bart.answers("#why")

    assert asked.bart.last("receipt").text == first


def test_help_lists_what_an_operator_may_do(asked):
    asked.bart.answers("#help")

    text = asked.bart.last("receipt").text
    for usage in ("#claim", "#close [CANNED REPLY]", "#note [WORDS]", "#mine?"):
        assert usage in text
    assert "help+commands@desk.example" in text
    assert "cancellation" in text


def test_help_for_a_pic_lists_only_theirs(asked):
    asked.bart.answers("#close")
    asked.dora.replies("#help", "close_notice")

    text = asked.dora.last("receipt").text
    assert "#note" in text
    assert "#claim" not in text
    assert asked.ticket().status is Status.SOLVED


def test_help_on_one_verb(asked):
    asked.bart.answers("#help solved")

    text = asked.bart.last("receipt").text
    assert "#close [CANNED REPLY]" in text
    assert "#note" not in text


@pytest.mark.parametrize("topic", ["cancellation", "parcel_returned"])
def test_help_on_a_topic_sends_its_page(asked, topic):
    asked.bart.answers(f"#help {topic}")

    assert f"#canned {topic}" in asked.bart.last("receipt").text


def test_help_on_what_nobody_knows_names_the_nearest(asked):
    asked.bart.answers("#help cancelation")

    assert "#help cancellation" in asked.bart.last("command_error").text


def test_questions_send_nothing_to_the_customer(asked):
    letters = len(asked.anne.mailbox)

    for question in ("#status", "#mine?", "#why", "#help"):
        asked.bart.answers(question)

    assert len(asked.anne.mailbox) == letters


def test_help_in_indonesian(open_desk):
    desk = open_desk(language="id")
    desk.anne.asks("Pesanan saya", "Di mana?")

    desk.bart.answers("#help")

    assert "tutup tiket ini" in desk.bart.last("receipt").text
