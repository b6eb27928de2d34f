"""A1: a question becomes a ticket with a number, and the customer is acknowledged."""

import re

import pytest

from helpdesk.model.mail import Road
from helpdesk.model.ticket import EntryKind, Status
from helpdesk.testing.desk import ADDRESS, LIST, PIC


def test_a_question_becomes_ticket_number_one(desk):
    ticket = desk.anne.asks("Where is my order?", "I ordered a lamp two weeks ago.\n\nAnne")

    assert (ticket.number, ticket.subject) == (1, "Where is my order?")
    assert ticket.customer.address == "anne@customer.example"
    assert desk.entries()[0].kind is EntryKind.CUSTOMER


def test_the_acknowledgement_says_number_time_hours_and_how_to_go_on(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    letter = desk.anne.last("acknowledgement")
    assert "[#1]" in letter.subject
    assert "number 1" in letter.text
    assert "Tuesday, 3 March 2026, 09:00" in letter.text
    assert "08:00" in letter.text
    assert "reply to this letter" in letter.text


def test_the_acknowledgement_repeats_nothing_of_a_strangers_words(desk):
    """F13, T7: an acknowledgement that repeats a stranger's text is a spam relay."""
    desk.anne.asks("BUY http://x.example now", "Visit http://x.example, only today.")

    letter = desk.anne.last("acknowledgement")
    assert b"x.example" not in letter.raw
    assert "BUY" not in letter.subject


def test_the_acknowledgement_is_an_automatic_letter_with_a_null_sender(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    letter = desk.anne.last("acknowledgement")
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter.sender == ""
    assert re.fullmatch(r"help\+1-c--[a-z2-7]{16}@desk\.example", letter.answer_to()[0])


def test_every_letter_threads_under_the_question(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    question = f"<{desk.entries()[0].message_id}>"
    assert len(desk.sent) == 6
    assert all(question in letter["References"] for letter in desk.sent)


def test_the_operators_read_the_question_on_the_list(claim_desk):
    claim_desk.anne.asks("Where is my order?", "I ordered a lamp.")

    letter = claim_desk.cate.last("new_ticket")
    assert "I ordered a lamp." in letter.text
    assert "Anne <anne@customer.example>" in letter.text
    assert "Auto-Submitted" not in letter.mail


def test_a_customer_who_writes_through_the_list_is_acknowledged(desk):
    """Five of eight open helpdesks never answer customers who write through the desk's own list (2.4)."""
    ticket = desk.anne.asks("Where is my order?", "I ordered a lamp.", to=LIST)

    assert ticket.number == 1
    assert desk.anne.count("acknowledgement") == 1


@pytest.mark.parametrize("footer", ["", "Milis mailing list\nhttp://lists.example/milis"])
def test_a_customer_whose_from_the_list_has_munged_is_acknowledged_by_name(desk, footer):
    """R48: the customer's identity is in Reply-To, because the list is the desk's own."""
    desk.list.munges, desk.list.footer = True, footer

    ticket = desk.anne.asks("Where is my order?", "I ordered a lamp.", to=LIST)

    assert ticket.customer.address == "anne@customer.example"
    assert desk.anne.count("acknowledgement") == 1
    assert len(desk.sent) == 6


def test_letters_to_a_list_that_munges_come_back_and_are_known(desk):
    """R38: our own post comes back with the list's From; its Message-ID is ours all the same."""
    desk.list.munges = True

    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    assert desk.newest().number == 1
    assert [e.kind for e in desk.entries()].count(EntryKind.CUSTOMER) == 1
    assert desk.ticket().status is Status.OPEN


@pytest.mark.parametrize("direct_first", [True, False])
@pytest.mark.parametrize("munges", [True, False])
@pytest.mark.parametrize("footer", ["", "Milis mailing list\nhttp://lists.example/milis"])
def test_one_mail_by_list_and_directly_is_one_ticket(desk, direct_first, munges, footer):
    """R35: the list's copy has its footer and perhaps another From, and is the same mail."""
    desk.direct_first, desk.list.munges, desk.list.footer = direct_first, munges, footer
    mail = desk.anne.new([LIST, ADDRESS], "Where is my order?", "I ordered a lamp.")

    desk.anne.sends(mail)

    assert desk.newest().number == 1
    assert [e.kind for e in desk.entries()].count(EntryKind.CUSTOMER) == 1
    assert desk.anne.count("acknowledgement") == 1


@pytest.mark.parametrize("roads", [(Road.SMTP, Road.IMAP), (Road.IMAP, Road.SMTP)])
def test_one_mail_by_smtp_and_imap_is_one_ticket(desk, roads):
    raw = desk.anne.new([ADDRESS], "Where is my order?", "I ordered a lamp.").as_bytes()
    senders = {Road.SMTP: desk.anne.address, Road.IMAP: None}

    rows = [desk.receive(raw, senders[road], (ADDRESS,), road) for road in roads]
    desk.run()

    assert [desk.outcome(row).outcome for row in rows] == ["customer_wrote", "duplicate"]
    assert desk.newest().number == 1


def test_a_known_message_id_with_other_content_is_another_mail(desk):
    """R35: nobody can suppress a real mail by sending another one under its id first."""
    for text in ("I ordered a lamp.", "My address has changed."):
        mail = desk.anne.new([ADDRESS], "Where is my order?", text)
        mail.replace_header("Message-ID", "<known@customer.example>")
        desk.anne.sends(mail)

    assert desk.newest().number == 2


def test_two_questions_are_two_tickets(desk):
    first = desk.anne.asks("Where is my order?", "I ordered a lamp.")
    second = desk.anne.asks("An invoice", "Please send me an invoice.")

    assert (first.number, second.number) == (1, 2)
    assert desk.anne.count("acknowledgement") == 2


def test_a_stranger_who_quotes_a_number_gets_a_ticket_of_their_own(desk):
    """R34, T2: a number in the subject proves nothing."""
    desk.anne.asks("Where is my order?", "I ordered a lamp with the secret number 4711.")
    zoe = desk.stranger("zoe@elsewhere.example")

    ticket = zoe.asks("Re: Where is my order? [#1]", "Please add me and send me all of it.")

    assert ticket.number == 2
    assert all(b"4711" not in letter.raw for letter in zoe.mailbox)
    assert desk.ticket(1).participants == ("anne@customer.example",)


def test_a_stranger_who_knows_the_customers_message_id_gets_a_ticket_of_their_own(desk):
    """T2: list archives show message ids; only those who take part may write on the ticket."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.", to=LIST)
    public_id = desk.entries()[0].message_id
    zoe = desk.stranger("zoe@elsewhere.example")

    ticket = zoe.asks("Re: Where is my order?", "Send it to my house.", In_Reply_To=f"<{public_id}>")

    assert ticket.number == 2


def test_the_customer_may_quote_the_number_from_their_own_address(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.anne.sends(desk.anne.new([ADDRESS], "My order again [#1]", "It is number 12."))

    assert desk.newest().number == 1
    assert desk.bart.last_personal("customer_reply").text.count("It is number 12.") == 1


def test_a_flood_from_one_address_is_not_acknowledged_without_end(desk):
    """MAIL_RULES 2.4: five mails within ten minutes look like a loop."""
    for n in range(8):
        desk.anne.asks(f"Question {n}", f"Text {n}")

    assert desk.newest().number == 8
    assert desk.anne.count("acknowledgement") == 4


def test_an_attachment_is_named_to_the_operators(desk):
    mail = desk.anne.new([ADDRESS], "My lamp is broken", "See the picture.")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="lamp.png")

    desk.anne.sends(mail)

    assert "lamp.png" in desk.bart.last_personal("assignment").text
    assert [a.name for a in desk.entries()[0].attachments] == ["lamp.png"]


def test_an_indonesian_desk_speaks_indonesian(open_desk):
    desk = open_desk(language="id")

    desk.anne.asks("Pesanan saya", "Di mana pesanan saya?")

    assert "Salam" in desk.anne.last("acknowledgement").text
    assert (
        "offline nomor (1), Operator (Bart)".lower() in desk.bart.last_personal("assignment").subject.lower()
    )


def test_a_customer_is_answered_in_the_language_of_their_mail(desk):
    """The customer's letters in Indonesian, the staff's in the desk's language."""
    desk.anne.asks("Pesanan saya", "Di mana pesanan saya?", Content_Language="id")

    assert desk.anne.last("acknowledgement").text != ""
    assert "nomor" in desk.anne.last("acknowledgement").text
    assert "is yours" in desk.bart.last_personal("assignment").text


def test_pic_get_no_acknowledgement_and_the_customer_no_staff_letter(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    assert desk.anne.names() == ["acknowledgement", "assigned"]
    assert [letter.to for letter in desk.letters("acknowledgement")] == [("anne@customer.example",)]
    assert [letter.to for letter in desk.sent if PIC in letter.to] == [(PIC,)]
