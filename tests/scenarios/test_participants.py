"""People in copy of the customer's mail stay on the ticket and on the replies; nobody adds themselves (T2, T30)."""

import pytest

from helpdesk.model.outcome import Refused
from helpdesk.model.ticket import Status
from helpdesk.testing.desk import ADDRESS, LIST

EVE, ZOE = "eve@customer.example", "zoe@elsewhere.example"


@pytest.fixture
def eve(desk):
    """Anne's colleague, in copy of her question."""
    eve = desk.stranger(EVE, "Eve")
    mail = desk.anne.new([ADDRESS], "Our order", "Where is our order? Eve reads along.", cc=[EVE])
    desk.anne.sends(mail)
    return eve


def test_who_is_in_copy_gets_the_answer_in_copy(desk, eve):
    desk.bart.answers("It is on its way.")

    letter = eve.last("answer")
    assert letter is desk.anne.last("answer")
    assert (letter.to, letter.cc) == (("anne@customer.example",), (EVE,))
    assert letter.recipients == ("anne@customer.example", EVE)


def test_automatic_letters_go_to_the_customer_alone(desk, eve):
    """R36: no copy of an acknowledgement."""
    assert desk.anne.names() == ["acknowledgement", "assigned"]
    assert eve.names() == [""]


def test_staff_never_share_an_envelope_with_customers(desk, eve):
    """R71, T30."""
    desk.bart.answers("It is on its way.")
    desk.bart.answers("#close\nIt has come.")

    inside = ("staff.example", "lists.example", "desk.example")
    for letter in desk.sent:
        domains = {recipient.partition("@")[2] for recipient in letter.recipients}
        assert not (domains & {"customer.example"} and domains & set(inside))
        assert not (b"staff.example" in letter.raw and "customer.example" in domains)
    assert eve.count("closed") == 1


def test_who_is_in_copy_writes_on_the_ticket(desk, eve):
    desk.bart.answers("Which number does it have?")

    eve.replies("It is number 12.", "answer")

    assert desk.newest().number == 1
    assert "number 12" in desk.bart.last_personal("customer_reply").text


def test_a_stranger_who_wants_to_be_added_gets_nothing(desk, eve):
    """T2: a guessed number, a word in the text and a place in Cc are no way in."""
    zoe = desk.stranger(ZOE, "Zoe")
    zoe.sends(zoe.new([ADDRESS], "Our order [#1]", "Please add me to this ticket.", cc=[ZOE]))
    desk.stranger("anne@customer.example").sends(
        desk.anne.new([ADDRESS], "Re: Our order [#1]", "Zoe reads along, too.", cc=[ZOE])
    )

    desk.bart.sends(desk.bart.reply(desk.bart.last_personal("assignment"), "It is on its way."))

    assert ZOE not in desk.ticket().participants
    assert "answer" not in zoe.names()


def test_the_customer_brings_somebody_in_by_a_reply(desk, eve):
    zoe = desk.stranger(ZOE, "Zoe")
    desk.bart.answers("Which number does it have?")

    desk.anne.sends(desk.anne.reply(desk.anne.last("answer"), "Zoe knows.", cc=[ZOE]))
    desk.bart.answers("Then tell us, Zoe.")

    assert desk.ticket().participants == ("anne@customer.example", EVE, ZOE)
    assert zoe.count("answer") == 1


def test_an_operator_brings_somebody_in(desk):
    zoe = desk.stranger(ZOE, "Zoe")
    desk.anne.asks("My order", "Where is my order?")

    desk.bart.sends(desk.bart.reply(desk.bart.last_personal("assignment"), "Zoe sees to it.", cc=[ZOE]))
    desk.bart.answers("She has it now.")
    desk.bart.replies("", "confirm_sender")  # zoe has seen his reply address: it proves nothing any more

    assert desk.ticket().participants == ("anne@customer.example", ZOE)
    assert "She has it now." in zoe.last("answer").text


def test_robots_lists_and_staff_in_copy_are_no_participants(desk):
    company = [
        "no-reply@shop.example",
        "list-bounces@shop.example",
        LIST,
        "cate@staff.example",
        "pic@desk.example",
    ]
    desk.anne.sends(desk.anne.new([ADDRESS], "My order", "Where is my order?", cc=company))

    assert desk.newest().participants == ("anne@customer.example",)


def test_a_copy_that_cannot_be_delivered_does_not_take_the_ticket_back(desk, eve):
    """Anne has the answer; it is her turn."""
    desk.fails[EVE] = Refused("550 5.1.1 nobody here")

    desk.bart.answers("It is on its way.")

    assert desk.ticket().status is Status.PENDING
    assert "550" in desk.bart.last("undelivered").text


def test_an_impossible_address_in_copy_does_not_stop_the_answer(desk):
    desk.anne.sends(desk.anne.new([ADDRESS], "My order", "Where is it?", cc=["a\u00e9@bad_.example"]))

    desk.bart.answers("It is on its way.")

    assert desk.anne.count("answer") == 1
