"""A10: PIC get the close notice and end the ticket with the survey, or object; and what comes after the end."""

from datetime import timedelta

import pytest

from helpdesk.model.ticket import EntryKind, Status, WaitingFor
from helpdesk.testing.desk import ADDRESS, PIC

THANKS = [
    "Thanks!",
    "Thank you very much!\n\nAnne",
    "thx",
    "Terima kasih banyak, Pak",
    "Makasih ya",
    "Ευχαριστώ πολύ!",
    "Maraming salamat po",
    "Vielen Dank für die Hilfe",
    "Merci beaucoup",
    "Great, it works now. Thanks a lot\n\nAnne",
    "OK",
]
NO_THANKS = [
    "Thanks, but the lamp is broken.",
    "Thanks. When does the invoice come?",
    "Thank you?",
    "It does not work.",
    "Thanks, order 12",
]


def solved(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    desk.passes(hours=2)
    desk.bart.answers("#close")
    return desk


def closed(desk):
    solved(desk).dora.replies("", "close_notice")
    return desk


def test_pic_read_who_closed_what_and_what_to_do(desk):
    solved(desk)

    letter = desk.dora.last("close_notice")
    assert "Bart has closed ticket number 1" in letter.text
    assert "write nothing" in letter.text
    assert (desk.ticket().status, desk.ticket().waiting_for) == (Status.SOLVED, WaitingFor.PIC)


@pytest.mark.parametrize("reply", ["", "#ok", "#OK", "# ok", "\n#ok\n"])
def test_pics_empty_reply_or_ok_sends_the_survey(desk, reply):
    solved(desk)

    desk.dora.replies(reply, "close_notice")

    assert desk.ticket().status is Status.CLOSED
    assert "http://127.0.0.1:8080/survey/" in desk.anne.last("survey").text


def test_the_survey_waits_for_pic(desk):
    solved(desk)

    desk.passes(days=30)

    assert desk.ticket().status is Status.SOLVED
    assert desk.anne.count("survey") == 0


def test_pics_words_reopen_and_reach_the_operator(desk):
    solved(desk)

    desk.dora.replies("Please ask whether the lamp has arrived.", "close_notice")

    letter = desk.bart.last_personal("customer_reply")
    assert desk.ticket().status is Status.OPEN
    assert "Please ask whether the lamp has arrived." in letter.text
    assert "Dora" in letter.text
    assert desk.anne.count("survey") == 0
    assert b"Please ask whether" not in b"".join(x.raw for x in desk.anne.mailbox)


def test_after_an_objection_the_operator_has_a_deadline_again(desk):
    solved(desk)
    desk.dora.replies("Please ask whether the lamp has arrived.", "close_notice")

    desk.passes(hours=25)

    assert "breached" in desk.history()


def test_pic_may_object_after_the_survey_went_out(open_desk):
    desk = solved(open_desk(survey="at_once"))

    desk.dora.replies("That was too early.", "close_notice")

    assert desk.ticket().status is Status.OPEN


def test_a_pic_without_shared_address_is_asked_personally(open_desk):
    desk = solved(open_desk(pic_addresses=()))

    desk.dora.replies("", "close_notice")

    assert desk.letters("close_notice")[0].to == ("dora@staff.example",)
    assert desk.ticket().status is Status.CLOSED


def test_the_shared_pic_mailbox_may_act_by_itself(desk):
    """Its letters are answered from the shared address as often as from a person's own."""
    solved(desk)
    mailbox = desk.dora.last("close_notice")
    shared = desk.stranger(PIC, "PIC")

    desk.post(shared.reply(mailbox, ""), PIC)

    assert desk.ticket().status is Status.CLOSED
    assert desk.anne.count("survey") == 1


def test_nobody_but_pic_can_agree(desk):
    """F12: a stranger with dora's From and no token is held."""
    solved(desk)
    forged = desk.dora.new([ADDRESS], "Re: Closing [#1]", "")

    desk.post(forged, "zoe@elsewhere.example")

    assert desk.ticket().status is Status.SOLVED
    assert [x.to for x in desk.letters("confirm_sender")] == [("dora@staff.example",)]


def test_pics_out_of_office_agrees_to_nothing(desk):
    solved(desk)

    desk.dora.replies("I am away.", "close_notice", Auto_Submitted="auto-replied", envelope="")

    assert desk.ticket().status is Status.SOLVED


def test_a_note_of_pic_on_an_open_ticket_is_kept(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.dora.replies("Please hurry with this one.", "assignment")

    assert desk.entries()[-1].kind is EntryKind.PIC
    assert b"Please hurry" not in b"".join(x.raw for x in desk.anne.mailbox)


def test_the_survey_goes_out_at_once_where_configured(open_desk):
    desk = solved(open_desk(survey="at_once"))

    assert desk.ticket().status is Status.CLOSED
    assert desk.anne.names()[-2:] == ["closed", "survey"]


def test_the_survey_goes_out_after_the_time_to_object(open_desk):
    desk = solved(open_desk(survey="after_timeout", pic_timeout=timedelta(hours=24)))

    early = desk.ticket().status
    desk.passes(hours=24)

    assert (early, desk.ticket().status) == (Status.SOLVED, Status.CLOSED)
    assert "goes out by itself on Tuesday, 3 March" in desk.dora.last("close_notice").text


def test_an_objection_in_time_stops_the_survey(open_desk):
    desk = solved(open_desk(survey="after_timeout"))

    desk.dora.replies("Wait.", "close_notice")
    desk.passes(hours=20)

    assert desk.anne.count("survey") == 0
    assert desk.ticket().status is Status.OPEN


def test_a_desk_without_pic_sends_the_survey_at_once(open_desk):
    desk = solved(open_desk(pic_addresses=(), pics=()))

    assert desk.ticket().status is Status.CLOSED
    assert desk.anne.count("survey") == 1
    assert desk.letters("close_notice") == []


@pytest.mark.parametrize(
    ("reply", "score", "comment"),
    [
        ("5", 5, ""),
        ("5 great service", 5, "great service"),
        ("4\nYou were fast.\n\nAnne", 4, "You were fast.\n\nAnne"),
        ("3/5", 3, ""),
        ("1!", 1, ""),
    ],
)
def test_the_survey_is_answered_by_mail(desk, reply, score, comment):
    closed(desk)

    desk.anne.replies(reply, "survey")

    rating = desk.ticket().rating
    assert (rating.score, rating.comment) == (score, comment)
    assert desk.ticket().status is Status.CLOSED


@pytest.mark.parametrize("reply", ["10", "0", "6", "55", "1.5 of 5"])
def test_what_is_no_vote_is_not_counted(desk, reply):
    closed(desk)

    desk.anne.replies(reply, "survey")

    assert desk.ticket().rating is None


def test_the_last_vote_wins_and_all_are_kept(desk):
    closed(desk)

    desk.anne.replies("2 too slow", "survey")
    desk.votes(1, 4, "on second thoughts")

    assert (desk.ticket().rating.score, desk.ticket().rating.comment) == (4, "on second thoughts")
    assert desk.history().count("rated") == 2


def test_a_vote_by_mail_after_the_time_to_reopen_is_still_a_vote(desk):
    """The survey link is good for thirty days, a reply to the letter as well."""
    closed(desk)
    desk.passes(days=20)

    desk.anne.replies("5 it still shines", "survey")

    assert desk.newest().number == 1
    assert desk.ticket().rating.score == 5


def test_a_strangers_vote_does_not_count(desk):
    closed(desk)
    zoe = desk.stranger("zoe@elsewhere.example")

    zoe.sends(zoe.reply(desk.anne.last("survey"), "1 bad"))

    assert desk.ticket(1).rating is None


def test_an_operators_vote_does_not_count(desk):
    closed(desk)

    desk.bart.sends(desk.bart.reply(desk.anne.last("survey"), "5"))

    assert desk.ticket().rating is None


@pytest.mark.parametrize("words", THANKS)
@pytest.mark.parametrize("end", [solved, closed])
def test_a_plain_thanks_does_not_reopen(desk, words, end):
    end(desk)
    status, letters = desk.ticket().status, len(desk.sent)

    desk.anne.replies(words, "closed")

    assert desk.ticket().status is status
    assert len(desk.sent) == letters
    assert desk.entries()[-1].kind is EntryKind.CUSTOMER


@pytest.mark.parametrize("words", NO_THANKS)
def test_anything_else_reopens(desk, words):
    closed(desk)

    desk.anne.replies(words, "closed")

    assert desk.ticket().status is Status.OPEN
    assert "reopened" in desk.history()


def test_an_empty_reply_does_not_reopen(desk):
    closed(desk)

    desk.anne.replies("", "closed")

    assert desk.ticket().status is Status.CLOSED


def test_reopening_tells_customer_operator_list_and_pic(desk):
    closed(desk)

    desk.anne.replies("The lamp is broken.", "survey")

    assert "reopened" in desk.anne.names()
    assert [x.to[0] for x in desk.letters("customer_reply")] == ["bart@staff.example", desk.list.address, PIC]
    assert desk.ticket().operator == "bart@staff.example"


def test_a_reopened_ticket_can_be_closed_and_rated_again(desk):
    closed(desk)
    desk.anne.replies("The lamp is broken.", "closed")

    desk.bart.answers("#close")
    desk.dora.replies("", "close_notice")
    desk.anne.replies("3", "survey")

    assert desk.ticket().status is Status.CLOSED
    assert desk.ticket().rating.score == 3
    assert desk.anne.count("survey") == 2


@pytest.mark.parametrize(("days", "number"), [(13, 1), (15, 2)])
def test_after_the_time_to_reopen_a_reply_is_a_new_linked_ticket(desk, days, number):
    closed(desk)
    desk.passes(days=days)

    desk.anne.replies("The lamp is broken.", "closed")

    ticket = desk.newest()
    assert ticket.number == number
    assert ticket.linked_to == (1 if number == 2 else None)


def test_a_linked_ticket_says_so_to_the_operators(desk):
    closed(desk)
    desk.passes(days=15)

    desk.anne.replies("The lamp is broken.", "closed")

    assert "Follows ticket number 1" in desk.bart.last("new_ticket").text
    assert desk.anne.count("acknowledgement") == 2


def test_a_plain_thanks_after_the_time_to_reopen_opens_nothing(desk):
    closed(desk)
    desk.passes(days=15)

    desk.anne.replies("Thank you!", "survey")

    assert desk.newest().number == 1


def test_an_out_of_office_never_reopens(desk):
    """T35, R39."""
    closed(desk)

    desk.anne.replies("I am away until Monday.", "closed", Auto_Submitted="auto-replied", envelope="")
    desk.anne.replies("I am away until Monday.", "closed", X_Autoreply="yes")

    assert desk.ticket().status is Status.CLOSED
