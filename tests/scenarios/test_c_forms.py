"""C: a standard form is read into fields, returned until it is complete, confirmed, and told to who must act."""

from dataclasses import replace
from datetime import timedelta

import pytest

from helpdesk.model.forms import FieldType, Form, FormField, FormMatch, ThirdParty
from helpdesk.model.ticket import DeadlineKind, EntryKind, Status, WaitingFor
from helpdesk.testing.desk import Desk

WEB = "offline@web.example"
WAREHOUSE = ThirdParty("warehouse", "warehouse@partner.example")
OFFLINE = Form(
    "offline",
    FormMatch(sender=WEB),
    (
        FormField("email", ("E-mail", "Alamat email"), FieldType.EMAIL, required=True),
        FormField("order", ("Order number", "Nomor pesanan"), FieldType.INTEGER, required=True),
        FormField("phone", ("Telephone", "Telepon"), FieldType.PHONE, required=True),
        FormField("delivery", ("Delivery date",), FieldType.DATE),
        FormField("size", ("Size",), FieldType.CHOICE, choices=("S", "M", "L")),
        FormField("message", ("Message", "Pesan")),
    ),
    reply_to_field="email",
    rounds=2,
    distribute_to=("warehouse",),
    expected_field="delivery",
)
FULL = """E-mail: anne@customer.example
Order number: 4711
Telephone: (021) 555-1234
Delivery date: 24/12/2026
Message: The parcel is empty.
"""
WITHOUT_PHONE = FULL.replace("Telephone: (021) 555-1234\n", "")


@pytest.fixture
def desk(open_desk) -> Desk:
    desk = open_desk(forms=(OFFLINE,), third_parties=(WAREHOUSE,))
    desk.web = desk.stranger(WEB, "Web form")
    desk.warehouse = desk.stranger(WAREHOUSE.address, "Warehouse")
    return desk


def fills_in(desk: Desk, text: str, **headers: str) -> None:
    desk.web.asks("Offline question", text, **headers)


def edits(desk: Desk, text: str) -> None:
    """Anne answers the returned form by writing into the quotation."""
    letter = desk.anne.last("returned_form")
    message = desk.anne.reply(letter, "")
    message.set_content(text.replace("{form}", "\n".join(f"> {line}" for line in letter.text.splitlines())))
    desk.anne.sends(message)


def test_a_complete_form_becomes_a_ticket_of_the_customer_it_names(desk: Desk) -> None:
    fills_in(desk, FULL)

    ticket = desk.ticket()
    assert ticket.customer.address == desk.anne.address
    assert ticket.fields == {
        "email": "anne@customer.example",
        "order": 4711,
        "phone": "0215551234",
        "delivery": "2026-12-24",
        "message": "The parcel is empty.",
    }
    assert (ticket.status, ticket.operator) == (Status.OPEN, desk.bart.address)
    assert desk.web.mailbox == []
    assert {"acknowledgement", "confirmation", "assigned"} <= set(desk.anne.names())


def test_the_confirmation_tells_the_details_and_how_to_reach_the_desk(desk: Desk) -> None:
    fills_in(desk, FULL)

    letter = desk.anne.last("confirmation")
    assert "Order number: 4711" in letter.text
    assert "reply to this letter" in letter.text
    assert letter["Auto-Submitted"] == "auto-replied"

    desk.anne.replies("The order is 4712, sorry.", "confirmation")
    assert "4712" in desk.bart.last("customer_reply").text


def test_whoever_must_act_is_told_with_the_expected_date(desk: Desk) -> None:
    fills_in(desk, FULL)

    letter = desk.warehouse.last("distribution")
    assert "Order number: 4711" in letter.text
    assert "24 December 2026" in letter.text
    assert "distributed" in desk.history()


def test_a_form_that_says_in_how_long_it_is_expected(open_desk) -> None:
    form = replace(OFFLINE, expected_field=None, expected_in=timedelta(days=3))
    desk = open_desk(forms=(form,), third_parties=(WAREHOUSE,))
    warehouse = desk.stranger(WAREHOUSE.address)
    desk.stranger(WEB).asks("Offline question", FULL)

    expected = desk.clock() + timedelta(days=3)
    assert f"{expected.day} {expected:%B}" in warehouse.last("distribution").text


def test_an_incomplete_form_is_returned_before_anyone_works_on_it(desk: Desk) -> None:
    fills_in(desk, WITHOUT_PHONE)

    ticket = desk.ticket()
    assert (ticket.status, ticket.waiting_for, ticket.operator) == (Status.PENDING, WaitingFor.CUSTOMER, None)
    assert desk.anne.names() == ["returned_form"]
    assert desk.bart.mailbox == []
    assert desk.warehouse.mailbox == []
    letter = desk.anne.last("returned_form")
    assert "- Telephone" in letter.text
    assert "Order number: 4711" in letter.text


@pytest.mark.parametrize(
    "reply",
    [
        "Telephone: 021 5551234\n\n{form}",
        "{edited}",
        "{below}",
        "Telepon : +62 21 5551234\n",
        "*Telephone:* 021-5551234\n\n{form}",
    ],
)
def test_only_what_was_missing_is_needed_to_complete_it(desk: Desk, reply: str) -> None:
    fills_in(desk, WITHOUT_PHONE)
    quoted = "\n".join(f"> {line}" for line in desk.anne.last("returned_form").text.splitlines())
    reply = reply.replace("{edited}", quoted.replace("Telephone:", "Telephone: 0215551234"))
    reply = reply.replace("{below}", quoted.replace("> Telephone:", "> Telephone:\n021 555 1234"))

    edits(desk, reply)

    ticket = desk.ticket()
    assert ticket.fields["phone"].removeprefix("+62").removeprefix("0") == "215551234"
    assert (ticket.fields["order"], ticket.fields["message"]) == (4711, "The parcel is empty.")
    assert (ticket.status, ticket.operator) == (Status.OPEN, desk.bart.address)
    assert desk.anne.count("confirmation") == 1
    assert "Order number: 4711" in desk.bart.last("assignment").text
    assert desk.warehouse.count("distribution") == 1


def test_a_wrong_answer_is_asked_for_again_and_the_rest_is_kept(desk: Desk) -> None:
    fills_in(desk, FULL.replace("4711", "the blue one"))

    letter = desk.anne.last("returned_form")
    assert "- Order number: the blue one" in letter.text
    assert "Telephone: 0215551234" in letter.text
    assert "order" not in desk.ticket().fields


def test_fields_are_merged_over_several_mails(desk: Desk) -> None:
    fills_in(desk, "E-mail: anne@customer.example\n")
    desk.anne.replies("Order number: 4711", "returned_form")
    assert "- Telephone" in desk.anne.last("returned_form").text
    assert "- Order number" not in desk.anne.last("returned_form").text

    desk.anne.replies("Telephone: 0215551234", "returned_form")

    assert desk.ticket().fields == {"email": "anne@customer.example", "order": 4711, "phone": "0215551234"}
    assert desk.ticket().status is Status.OPEN


def test_after_so_many_rounds_a_human_takes_it_over(desk: Desk) -> None:
    fills_in(desk, "E-mail: anne@customer.example\n")
    desk.anne.replies("Order number: ?\nTelephone: none", "returned_form")
    assert desk.anne.count("returned_form") == 2
    assert desk.ticket().operator is None

    desk.anne.replies("Order number: ??\nTelephone: none", "returned_form")

    assert desk.anne.count("returned_form") == 2
    assert (desk.ticket().status, desk.ticket().operator) == (Status.OPEN, desk.bart.address)
    assert "E-mail: anne@customer.example" in desk.bart.last("assignment").text


def test_a_free_text_answer_goes_to_an_operator(desk: Desk) -> None:
    fills_in(desk, WITHOUT_PHONE)

    desk.anne.replies("I have no telephone. Can you help me all the same?", "returned_form")

    assert desk.ticket().operator == desk.bart.address
    assert "I have no telephone" in desk.bart.last("assignment").text
    assert desk.anne.count("returned_form") == 1


def test_later_mails_are_read_for_what_is_still_missing(desk: Desk) -> None:
    fills_in(desk, WITHOUT_PHONE)
    desk.anne.replies("Can you call me?", "returned_form")
    desk.bart.answers("Gladly. What is your number?")

    desk.anne.replies("Here it is.\nTelephone: 0215551234", "answer")

    assert desk.ticket().fields["phone"] == "0215551234"
    assert desk.anne.count("confirmation") == 1
    assert desk.ticket().status is Status.OPEN
    assert "0215551234" in desk.bart.last("customer_reply").text


def test_who_is_silent_is_asked_again_and_then_it_is_closed(desk: Desk) -> None:
    fills_in(desk, WITHOUT_PHONE)
    desk.passes(days=1, hours=1)
    assert desk.anne.names() == ["returned_form", "returned_form"]

    desk.passes(days=5)
    closed = desk.anne.last("closed_no_feedback")
    assert desk.anne.names()[-1] == "closed_no_feedback"
    assert "Telephone" in closed.text
    assert "our last answer" not in closed.text
    assert "never completed the form" in desk.dora.last("close_notice").text
    assert desk.lines()[-1].reason.endswith("never completed the form")


def test_what_comes_after_that_completes_it(desk: Desk) -> None:
    fills_in(desk, WITHOUT_PHONE)
    desk.passes(days=6)

    desk.anne.replies("Telephone: 0215551234", "closed_no_feedback")

    assert desk.ticket().fields["phone"] == "0215551234"
    assert desk.ticket().status is Status.OPEN


def test_a_form_that_came_back_complete_is_closed_with_the_usual_words(desk: Desk) -> None:
    fills_in(desk, WITHOUT_PHONE)
    desk.anne.replies("Telephone: 0215551234", "returned_form")
    desk.bart.answers("Your parcel is on its way.")
    desk.passes(days=6)

    assert "our last answer" in desk.anne.last("closed_no_feedback").text
    assert "stayed silent" in desk.dora.last("close_notice").text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", "belum menerima semua data"),
        ("el", "δεν λάβαμε όλα όσα"),
        ("tl", "hindi po namin natanggap"),
    ],
)
def test_a_form_that_was_never_completed_has_words_in_every_language(
    desk: Desk, language: str, words: str
) -> None:
    desk.anne.asks("My parcel", "It is empty.")
    desk.bart.answers(f"#lang {language}\n#form offline")
    desk.passes(days=6)

    assert words in desk.anne.last("closed_no_feedback").text
    assert "Telephone" in desk.anne.last("closed_no_feedback").text


def test_an_operator_sends_the_form(desk: Desk) -> None:
    desk.anne.asks("My parcel", "It is empty.")
    desk.bart.answers("#form offline")

    letter = desk.anne.last("returned_form")
    assert "- Order number" in letter.text
    assert (desk.ticket().status, desk.ticket().waiting_for) == (Status.PENDING, WaitingFor.CUSTOMER)
    assert "Auto-Submitted" not in letter.mail

    edits(desk, "E-mail: anne@customer.example\nOrder number: 4711\nTelephone: 0215551234\n")
    assert desk.ticket().fields["order"] == 4711
    assert (desk.ticket().status, desk.ticket().operator) == (Status.OPEN, desk.bart.address)
    assert DeadlineKind.NEXT_RESPONSE in {d.kind for d in desk.ticket().deadlines}
    assert "Order number: 4711" in desk.bart.last("customer_reply").text


def test_a_form_of_no_such_name_comes_back(desk: Desk) -> None:
    desk.anne.asks("My parcel", "It is empty.")
    desk.bart.answers("#form ofline")

    assert "offline" in desk.bart.last("command_error").text
    assert desk.anne.count("returned_form") == 0


@pytest.mark.parametrize(
    "address", ["help@desk.example", "milis@lists.example", "bart@staff.example", "not an address", ""]
)
def test_the_desk_never_writes_to_itself_or_its_people(desk: Desk, address: str) -> None:
    """The address in a form is a stranger's word; without one that can be written to, a human looks."""
    fills_in(desk, FULL.replace("anne@customer.example", address))

    assert desk.web.mailbox == []
    assert desk.ticket().customer.address == WEB
    assert desk.bart.count("acknowledgement") == 0
    assert desk.ticket().operator == desk.bart.address


def test_a_form_counts_though_a_machine_sent_it(desk: Desk) -> None:
    fills_in(desk, FULL, Auto_Submitted="auto-generated", envelope="")

    assert desk.ticket().customer.address == desk.anne.address
    assert desk.anne.count("acknowledgement") == 1


def test_a_stranger_cannot_name_an_address(desk: Desk) -> None:
    """Only mails of the form's own sender name the customer; others stay who they are."""
    zoe = desk.stranger("zoe@other.example", "Zoe")
    zoe.asks("Offline question", FULL)

    assert desk.ticket().customer.address == "zoe@other.example"
    assert desk.anne.mailbox == []


def test_a_html_form_is_read_from_its_table(desk: Desk) -> None:
    rows = "".join(
        f"<tr><td><b>{label}</b></td><td>{value}</td></tr>"
        for label, value in (line.split(": ") for line in FULL.splitlines())
    )
    message = desk.web.new([desk.address], "Offline question", "")
    message.set_content(f"<html><body><table>{rows}</table></body></html>", subtype="html")
    desk.web.sends(message)

    assert desk.ticket().fields["order"] == 4711
    assert desk.ticket().customer.address == desk.anne.address
    assert desk.entries()[0].kind is EntryKind.CUSTOMER


@pytest.fixture
def capped(open_desk) -> Desk:
    """With the cap that a new desk has: one automatic letter a day to an address that nothing proves."""
    desk = open_desk(forms=(OFFLINE,), third_parties=(WAREHOUSE,), per_address=1)
    desk.web = desk.stranger(WEB, "Web form")
    return desk


def test_whoever_types_a_strangers_address_into_the_web_form_makes_the_desk_write_once(capped: Desk) -> None:
    """T7: the desk is no cannon, whichever of its letters would be the bullet."""
    for number in range(12):
        fills_in(capped, f"{WITHOUT_PHONE}Again: {number}")
        capped.passes(minutes=5)

    assert capped.anne.names() == ["returned_form"]
    assert capped.newest().number == 12
    assert capped.ticket(12).operator is not None


def test_a_returned_form_and_an_acknowledgement_are_one_count(capped: Desk) -> None:
    capped.anne.asks("Where is my order?", "I ordered a lamp.")

    fills_in(capped, WITHOUT_PHONE)
    capped.passes(days=1)
    fills_in(capped, WITHOUT_PHONE)

    assert capped.anne.count("acknowledgement") == 1
    assert capped.anne.count("returned_form") == 1


def test_who_fills_a_form_over_several_mails_is_asked_for_all_that_is_missing(capped: Desk) -> None:
    """Their replies show the signed address of our letter: it is they who read it."""
    fills_in(capped, "E-mail: anne@customer.example\n")
    capped.anne.replies("Order number: 4711", "returned_form")
    assert capped.anne.count("returned_form") == 2

    capped.anne.replies("Telephone: 0215551234", "returned_form")

    assert capped.ticket().status is Status.OPEN
    assert capped.anne.count("confirmation") == 1
