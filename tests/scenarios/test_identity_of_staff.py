"""F12, T3: staff act by mail only with proof; what is not proven is held until the registered address confirms."""

from datetime import timedelta

import pytest

from helpdesk.model.ticket import Status
from helpdesk.testing.desk import ADDRESS

OTHER = "zoe@elsewhere.example"


@pytest.fixture
def assigned(desk):
    """Ticket 1 is bart's, ticket 2 is cate's."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(minutes=1)
    desk.anne.asks("An invoice", "Please send me an invoice.")
    return desk


def forge(desk, person, text, to=ADDRESS, number=1):
    """A stranger writes with somebody's From."""
    return desk.post(person.new([to], f"Re: Where is my order? [#{number}]", text), OTHER)


def test_from_alone_is_held_and_the_customer_gets_nothing(assigned):
    row = forge(assigned, assigned.bart, "Send your password to zoe@elsewhere.example.")

    assert assigned.outcome(row).outcome == "staff_not_proven"
    assert assigned.anne.count("answer") == 0
    assert assigned.ticket().status is Status.OPEN


def test_the_question_whether_it_was_you_goes_to_the_registered_address_alone(assigned):
    mail = assigned.bart.new([ADDRESS], "Re: [#1]", "Hello Anne.")
    mail["Reply-To"] = OTHER

    assigned.post(mail, OTHER)

    assert [x.recipients for x in assigned.letters("confirm_sender")] == [("bart@staff.example",)]
    assert "Hello Anne." in assigned.bart.last("confirm_sender").text


@pytest.mark.parametrize("confirmation", ["", "Yes, that was me."])
def test_replying_to_it_releases_the_mail(assigned, confirmation):
    forge(assigned, assigned.bart, "It is on its way.")

    assigned.bart.replies(confirmation, "confirm_sender")

    assert assigned.anne.last("answer").text.startswith("It is on its way.")
    assert "that was me" not in assigned.anne.last("answer").text


def test_a_second_confirmation_releases_nothing_more(assigned):
    forge(assigned, assigned.bart, "It is on its way.")
    assigned.bart.replies("", "confirm_sender")

    row = assigned.bart.replies("I said yes already.", "confirm_sender")

    assert assigned.outcome(row).outcome == "ignored:confirmation"
    assert assigned.anne.count("answer") == 1


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"envelope": ""}, {"X_Autoreply": "yes"}],
    ids=["auto-submitted", "null sender", "x-autoreply"],
)
def test_an_out_of_office_confirms_nothing(assigned, headers):
    forge(assigned, assigned.bart, "It is on its way.")

    assigned.bart.replies("I am away until Monday.", "confirm_sender", **headers)

    assert assigned.anne.count("answer") == 0


def test_a_confirmation_expires(assigned):
    forge(assigned, assigned.bart, "It is on its way.")
    assigned.clock.move(timedelta(days=32))

    assigned.bart.replies("", "confirm_sender")

    assert assigned.anne.count("answer") == 0


def test_a_held_close_is_done_when_confirmed(assigned):
    forge(assigned, assigned.bart, "#close\n\nEnjoy.")
    before = assigned.ticket().status

    assigned.bart.replies("", "confirm_sender")

    assert (before, assigned.ticket().status) == (Status.OPEN, Status.SOLVED)


def tokens(desk):
    """Reply addresses that prove nothing for bart on ticket 1."""
    own = desk.bart.last_personal("assignment").answer_to()[0]
    local, _, domain = own.partition("@")
    return {
        "altered": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "of cate": desk.cate.last_personal("assignment").answer_to()[0],
        "of the list": next(
            x for x in desk.letters("assignment") if x.to == (desk.list.address,)
        ).answer_to()[0],
        "of the customer": desk.anne.last("assigned").answer_to()[0],
        "of pic": desk.dora.last("assignment").answer_to()[0],
    }


@pytest.mark.parametrize("which", ["altered", "of cate", "of the list", "of the customer", "of pic"])
@pytest.mark.parametrize("text", ["It is on its way.", "#close"])
def test_a_token_of_somebody_else_proves_nothing(assigned, which, text):
    forge(assigned, assigned.bart, text, to=tokens(assigned)[which])

    assert assigned.anne.count("answer") + assigned.anne.count("closed") == 0
    assert {assigned.ticket(n).status for n in (1, 2)} == {Status.OPEN}


def test_an_expired_token_proves_nothing(assigned):
    to = assigned.bart.last_personal("assignment").answer_to()[0]
    assigned.clock.move(timedelta(days=32))

    forge(assigned, assigned.bart, "#close", to=to)

    assert assigned.anne.count("closed") == 0
    assert assigned.bart.count("confirm_sender") == 1


def test_a_token_in_the_hands_of_somebody_else_is_the_customers_voice_at_most(assigned):
    """The token says bart, the From says zoe: no staff action."""
    zoe = assigned.stranger(OTHER)

    zoe.sends(zoe.new([assigned.bart.last_personal("assignment").answer_to()[0]], "Hello", "#close"))

    assert assigned.ticket().status is Status.OPEN
    assert assigned.anne.count("closed") == 0


def test_two_from_addresses_prove_nobody(assigned):
    """R20, T34."""
    mail = assigned.bart.reply(assigned.bart.last_personal("assignment"), "#close")
    mail.replace_header("From", "Bart <bart@staff.example>, Zoe <zoe@elsewhere.example>")

    assigned.post(mail, OTHER)

    assert assigned.ticket().status is Status.OPEN


def test_where_the_address_is_enough_nothing_is_held(open_desk):
    desk = open_desk(require="address")
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.bart.sends(desk.bart.new([ADDRESS], "Re: [#1]", "It is on its way."))

    assert desk.anne.last("answer").text.startswith("It is on its way.")
    assert desk.letters("confirm_sender") == []


def test_where_the_address_is_enough_the_milis_works_as_it_always_did(open_desk):
    """Answers through the list with its own From, by plain Reply All."""
    desk = open_desk(require="address", mode="claim")
    desk.list.munges = True
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.bart.claims()
    desk.bart.replies_all("It is on its way.", "new_ticket")

    assert desk.anne.last("answer").text.startswith("It is on its way.")
    assert desk.anne.count("answer") == 1


def test_an_alias_is_the_same_person(open_desk):
    plain = open_desk().policy.operators[0]
    desk = open_desk(operators=(type(plain)("Bart", plain.address, ("b.s@home.example",)),))
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    home = desk.stranger("b.s@home.example", "Bart at home")

    home.sends(home.reply(desk.bart.last_personal("assignment"), "It is on its way."))

    assert desk.anne.last("answer")["From"].startswith('"Bart (')


def test_a_mail_of_staff_that_means_nothing_is_left_alone(assigned):
    row = assigned.bart.sends(assigned.bart.new([ADDRESS], "Hello", ""))

    assert assigned.outcome(row).outcome.startswith("ignored:")
