"""A5: an answer that is only a link is pointed out to the operator before the customer gets it."""

import pytest

from helpdesk.model.ticket import DeadlineKind, Status
from helpdesk.testing.desk import ADDRESS

LINK = "https://shop.example/orders/12"


@pytest.fixture
def asked(desk):
    desk.anne.asks("My order", "Where is it?")
    return desk


def test_an_answer_of_nothing_but_a_link_waits_for_its_writer(asked):
    row = asked.bart.answers(LINK)

    assert asked.outcome(row).outcome == "only_links_answered"
    assert asked.letters("answer") == []
    letter = asked.bart.last("links_only")
    assert letter.to == ("bart@staff.example",)
    assert "It has not gone out yet" in letter.text
    assert LINK in letter.text


def test_the_response_clock_runs_on_meanwhile(asked):
    before = asked.ticket()

    asked.bart.answers(LINK)

    assert asked.ticket().status is Status.OPEN
    assert asked.ticket().deadlines == before.deadlines
    assert asked.ticket().first_response_at is None
    asked.passes(hours=25)
    assert asked.bart.count("breach") == 1


@pytest.mark.parametrize("yes", ["", "ok", "OK.", "#send", "kirim"])
def test_an_empty_reply_or_ok_sends_it_as_it_is(asked, yes):
    asked.bart.answers(LINK)

    row = asked.bart.replies(yes, "links_only")

    assert asked.outcome(row).outcome == "confirmation"
    assert asked.anne.last("answer").text.startswith(LINK)
    assert asked.anne.count("answer") == asked.bart.count("links_only") == 1
    assert asked.ticket().status is Status.PENDING


def test_a_reply_with_words_is_the_answer_in_its_place(asked):
    asked.bart.answers(LINK)

    asked.bart.replies("Your parcel left us today. Have you got the number of the order?", "links_only")

    assert asked.anne.count("answer") == 1
    assert "left us today" in asked.anne.last("answer").text
    assert LINK not in asked.anne.last("answer").text
    assert asked.ticket().status is Status.PENDING


def test_after_the_words_the_link_can_no_more_be_sent_by_mistake(asked):
    asked.bart.answers(LINK)
    asked.bart.replies("Your parcel left us today.", "links_only")

    row = asked.bart.replies("", "links_only")

    assert asked.outcome(row).outcome == "ignored:confirmation"
    assert asked.anne.count("answer") == 1


def test_ok_a_second_time_is_not_sent_to_the_customer(asked):
    asked.bart.answers(LINK)
    asked.bart.replies("ok", "links_only")

    asked.bart.replies("ok", "links_only")

    assert asked.anne.count("answer") == 1


def test_words_still_reach_the_customer_when_the_link_has_gone_out(asked):
    asked.bart.answers(LINK)
    asked.bart.replies("", "links_only")

    asked.bart.replies("You will find the day of delivery there.", "links_only")

    assert [
        x.text.splitlines()[0] for x in asked.letters("answer") if x.to == ("anne@customer.example",)
    ] == [
        LINK,
        "You will find the day of delivery there.",
    ]


def test_another_bare_link_is_pointed_out_again(asked):
    asked.bart.answers(LINK)

    asked.bart.replies("https://shop.example/faq", "links_only")
    asked.bart.replies("", "links_only")

    assert asked.bart.count("links_only") == 2
    assert [x.text.splitlines()[0] for x in asked.letters("answer")][:1] == ["https://shop.example/faq"]
    assert asked.anne.count("answer") == 1


def test_orders_may_stand_in_the_reply(asked):
    asked.bart.answers(LINK)

    asked.bart.replies("#close\nYour parcel has come, the receipt is at " + LINK, "links_only")

    assert asked.ticket().status is Status.SOLVED
    assert "Your parcel has come" in asked.anne.last("closed").text


def test_a_link_below_a_claim_is_held_with_the_claim(open_desk):
    desk = open_desk(mode="claim", announce="each")
    desk.anne.asks("My order", "Where is it?")

    desk.cate.replies(f"#claim\n{LINK}", "new_ticket")
    held = desk.ticket().status
    desk.cate.replies("", "links_only")

    assert held is Status.NEW
    assert desk.ticket().operator == "cate@staff.example"
    assert desk.anne.last("answer").text.startswith(LINK)


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"envelope": ""}], ids=["auto-submitted", "null sender"]
)
@pytest.mark.parametrize("words", ["I am on holiday until Monday.", ""])
def test_an_out_of_office_sends_nothing(asked, headers, words):
    asked.bart.answers(LINK)

    asked.bart.replies(words, "links_only", **headers)

    assert asked.letters("answer") == []


def test_a_stranger_who_writes_to_its_address_sends_nothing_in_words(asked):
    """The address was signed for bart alone; zoe is not bart."""
    asked.bart.answers(LINK)
    zoe = asked.stranger("zoe@elsewhere.example")

    zoe.sends(zoe.new([asked.bart.last("links_only").answer_to()[0]], "Hello", "I am an operator, too."))

    assert asked.letters("answer") == []


def test_a_link_that_nobody_proves_is_first_asked_about_then_pointed_out(asked):
    asked.bart.sends(asked.bart.new([ADDRESS], "Re: My order [#1]", LINK))

    asked.bart.replies("", "confirm_sender")
    pointed_out = asked.bart.count("links_only")
    asked.bart.replies("", "links_only")

    assert pointed_out == 1
    assert asked.anne.last("answer").text.startswith(LINK)


def test_what_went_out_by_reply_all_can_only_be_pointed_out_after(asked):
    letter = asked.bart.last_personal("assignment")

    asked.bart.sends(asked.bart.reply(letter, LINK, cc=["anne@customer.example"]))

    assert asked.ticket().status is Status.PENDING
    assert "It has reached Anne already" in asked.bart.last("links_only").text
    assert "has not gone out" not in asked.bart.last("links_only").text


def test_a_link_among_words_is_a_good_answer(asked):
    asked.bart.answers("You can follow it at https://shop.example/orders/12 from today.")

    assert asked.bart.count("links_only") == 0
    assert asked.anne.count("answer") == 1


def test_a_link_with_a_file_is_more_than_a_link(asked):
    mail = asked.bart.reply(asked.bart.last_personal("assignment"), LINK)
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="invoice.pdf")

    asked.bart.sends(mail)

    assert asked.anne.count("answer") == 1


def test_the_operator_is_told_in_the_language_of_the_desk(open_desk):
    desk = open_desk(language="id", languages=("id", "en"))
    desk.anne.asks("Pesanan saya", "Di mana?")

    desk.bart.answers(LINK)

    assert "belum dikirim" in desk.bart.last("links_only").text
    assert {d.kind for d in desk.ticket().deadlines} >= {DeadlineKind.FIRST_RESPONSE}
