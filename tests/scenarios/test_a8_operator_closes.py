"""A8: the operator closes with #close; an unknown verb holds the whole mail and brings it back."""

import pytest

from helpdesk.model.ticket import EntryKind, Status, WaitingFor
from helpdesk.testing.desk import LIST, PIC


@pytest.fixture
def answered(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    desk.anne.replies("It is here, all is well.", "answer")
    return desk


@pytest.mark.parametrize("verb", ["#close", "#solved", "#done", "#Close", " #CLOSE"])
def test_close_alone_sends_the_closing_letter(answered, verb):
    answered.bart.answers(verb)

    ticket = answered.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.SOLVED, WaitingFor.PIC)
    assert "glad that we could help" in answered.anne.last("closed").text
    assert "#" not in answered.anne.last("closed").text.replace("[#1]", "")


def test_the_closing_letter_goes_to_customer_list_and_pic(answered):
    answered.bart.answers("#close")

    assert [x.to[0] for x in answered.letters("closed")] == ["anne@customer.example", LIST, PIC]
    assert [x.to[0] for x in answered.letters("close_notice")] == [PIC]


def test_close_with_words_sends_the_words(answered):
    answered.bart.answers("#close\n\nDear Anne,\nenjoy your lamp.")

    letter = answered.anne.last("closed")
    assert letter.text.startswith("Dear Anne,\nenjoy your lamp.")
    assert "until Monday, 16 March 2026" in letter.text
    assert "Auto-Submitted" not in letter.mail


def test_close_with_a_canned_reply_sends_it(answered):
    answered.bart.answers("#close close\n\nGreetings to the cat.")

    text = answered.anne.last("closed").text
    assert "Anne" in text
    assert "Greetings to the cat." in text


def test_close_carries_attachments(answered):
    mail = answered.bart.reply(
        answered.bart.last_personal("customer_reply"), "#close\n\nThe invoice is here."
    )
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="invoice.pdf")

    answered.bart.sends(mail)

    assert answered.anne.last("closed").attachments == {"invoice.pdf": b"%PDF"}


def test_close_while_the_customer_is_among_the_recipients(answered):
    """The words have reached the customer already; the closing letter does not repeat them."""
    letter = answered.bart.last_personal("customer_reply")
    mail = answered.bart.reply(letter, "#close\n\nEnjoy your lamp.", cc=["anne@customer.example"])

    answered.bart.sends(mail)

    assert answered.ticket().status is Status.SOLVED
    assert "Enjoy your lamp." not in answered.anne.last("closed").text
    assert answered.anne.count("closed") == 1


def test_close_on_a_free_ticket_takes_it_first(open_desk):
    desk = open_desk(mode="claim", announce="each")
    desk.anne.asks("Opening hours", "When are you open?")

    desk.cate.replies("#close\n\nFrom eight to four.", "new_ticket")

    assert desk.ticket().operator == "cate@staff.example"
    assert desk.ticket().status is Status.SOLVED
    assert desk.anne.last("closed").text.startswith("From eight to four.")


def test_a_colleague_who_closes_is_the_one_on_record(open_desk):
    desk = open_desk(require="address")
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.cate.replies("#close\n\nIt has arrived.", "assignment")

    line = next(x for x in desk.lines() if x.event == "solved")
    assert line.by == "cate@staff.example"
    assert desk.anne.last("closed")["From"].startswith('"Cate')


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("#closs", "#closs", "#close"),
        ("#close\n#frobnicate\nEnjoy.", "#frobnicate", "#help, which lists all verbs"),
        ("#frobnicate\n#close\nEnjoy.", "#frobnicate", "#help, which lists all verbs"),
        ("#close no_such_reply", "#close no_such_reply", "ask_for_details"),
        ("#claim me", "#claim me", "#claim alone"),
        ("#split\n#close", "#close", "one of the two"),
    ],
)
def test_a_verb_that_makes_no_sense_holds_the_whole_mail(answered, text, line, hint):
    letters = len(answered.sent)

    answered.bart.answers(text)

    letter = answered.bart.last("command_error")
    assert f">>> {line}" in letter.text
    assert hint in letter.text
    assert answered.ticket().status is Status.OPEN
    assert len(answered.sent) == letters + 1
    assert "Did you mean: Did" not in letter.text


def test_the_returned_mail_holds_all_the_words(answered):
    answered.bart.answers("#closs\n\nDear Anne,\nenjoy your lamp.")

    assert "> enjoy your lamp." in answered.bart.last("command_error").text
    assert answered.anne.count("closed") == 0


def test_a_corrected_mail_is_done(answered):
    answered.bart.answers("#closs")

    answered.bart.answers("#close")

    assert answered.ticket().status is Status.SOLVED


def test_a_verb_in_quoted_or_lower_text_does_nothing(answered):
    """T5: commands are whole lines above everything else."""
    answered.anne.replies("#close\nplease", "answer")
    answered.bart.answers("I will.\n#close")

    assert answered.ticket().status is Status.PENDING
    assert "#close" in answered.anne.last("answer").text


def test_a_customer_gives_no_orders(answered):
    answered.anne.replies("#close", "answer")

    assert answered.ticket().status is Status.OPEN
    assert [e.kind for e in answered.entries()].count(EntryKind.CUSTOMER) == 3


def test_a_canned_reply_in_the_customers_language(desk):
    desk.anne.asks("Pesanan saya", "Di mana?", Content_Language="id")

    desk.bart.answers("#close close")

    assert desk.anne.last("closed").text.strip()
    assert "thank you" not in desk.anne.last("closed").text.lower()


def test_closing_twice_changes_nothing(answered):
    answered.bart.answers("#close")

    answered.bart.answers("#close")

    assert answered.anne.count("closed") == 1
    assert answered.history()[-1] == "command_error"
    assert "a ticket that is solved" in answered.bart.last("command_error").text
