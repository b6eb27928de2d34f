"""Several tickets in one mail to help+commands@: all of it or nothing, and a transcript line by line."""

import pytest

from helpdesk.model.ticket import Status

COMMANDS = "help+commands@desk.example"


@pytest.fixture
def trusting(open_desk):
    """The From line is enough here; how it is proved elsewhere is the identity's business."""
    desk = open_desk(require="address")
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.anne.asks("Opening hours", "When are you open?")
    return desk


def orders(player, text):
    return player.sends(player.new([COMMANDS], "orders", text))


def test_each_section_is_an_order_block_of_its_ticket(trusting):
    orders(trusting.bart, "#ticket 1\n#tag +lamp\n#priority high\n#ticket 2\n#close")

    assert trusting.ticket(1).tags == ("lamp", "priority:high")
    assert trusting.ticket(2).status is Status.SOLVED
    text = trusting.bart.last("receipt").text
    assert "> > #ticket 1\n> > #tag +lamp\n> Tags: lamp.\n> > #priority high\n> Priority: high." in text
    assert "> > #ticket 2\n> > #close\n> done" in text
    assert trusting.bart.count("receipt") == 1


def test_one_bad_line_and_nothing_is_done_on_any_ticket(trusting):
    orders(trusting.bart, "#ticket 1\n#tag +lamp\n#ticket 2\n#frobnicate")

    assert trusting.ticket(1).tags == ()
    assert ">>> #frobnicate" in trusting.bart.last("command_error").text
    assert trusting.bart.count("receipt") == 0


def test_one_order_that_cannot_be_done_and_nothing_is_done(trusting):
    orders(trusting.bart, "#ticket 2\n#close")
    orders(trusting.bart, "#ticket 1\n#tag +lamp\n#ticket 2\n#close")

    assert trusting.ticket(1).tags == ()
    assert "a ticket that is solved" in trusting.bart.last("command_error").text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#ticket 99\n#close", "there is no ticket 99"),
        ("#ticket lamp\n#close", "no number of a ticket"),
        ("#ticket 1", "there is no verb below it"),
        ("#close", "not clear which ticket is meant"),
        ("#ticket 1\n#split", "splits none"),
        ("#ticket 1\n#merge 2\n#ticket 2\n#tag +lamp", "changed by another section"),
        ("#ticket 1\n#note\n#ticket 2\n#close\n\nWords for whom?", "could belong to any"),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole(trusting, text, why):
    orders(trusting.bart, text)

    assert why in trusting.bart.last("command_error").text
    assert [trusting.ticket(n).status for n in (1, 2)] == [Status.OPEN, Status.OPEN]


def test_the_same_ticket_twice_is_one_block(trusting):
    orders(trusting.bart, "#ticket 1\n#tag +a\n#ticket 2\n#tag +b\n#ticket 1\n#tag +c")

    assert trusting.ticket(1).tags == ("a", "c")
    assert trusting.ticket(2).tags == ("b",)


def test_words_below_a_single_section_answer_its_customer(trusting):
    orders(trusting.bart, "#ticket 1\n#tag +lamp\n\nIt is on its way.")

    assert "It is on its way." in trusting.anne.last("answer").text
    assert trusting.ticket(1).status is Status.PENDING


def test_verbs_of_the_desk_need_no_ticket(trusting):
    orders(trusting.bart, "#mine?\n#help close\n#status 2")

    text = trusting.bart.last("receipt").text
    assert "Where is my order?" in text
    assert "#close [CANNED REPLY]" in text
    assert "#2 Opening hours" in text


def test_the_transcript_goes_to_the_registered_address_alone(trusting):
    orders(trusting.bart, "#ticket 1\n#tag +lamp")

    assert trusting.letters("receipt")[-1].to == ("bart@staff.example",)


def test_a_line_for_another_ticket_has_no_place_in_a_reply(trusting):
    trusting.bart.answers("#ticket 2\n#close")

    assert trusting.ticket(2).status is Status.OPEN
    assert "+commands" in trusting.bart.last("command_error").text


def test_unproven_orders_wait_until_they_are_confirmed(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    orders(desk.bart, "#ticket 1\n#tag +lamp")
    assert desk.ticket(1).tags == ()

    desk.bart.replies("", "confirm_sender")
    assert desk.ticket(1).tags == ("lamp",)
    assert "Tags: lamp." in desk.bart.last("receipt").text


def test_a_customer_gives_no_orders_there(trusting):
    orders(trusting.anne, "#ticket 1\n#close")

    assert trusting.ticket(1).status is Status.OPEN
