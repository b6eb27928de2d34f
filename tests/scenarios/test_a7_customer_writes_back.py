"""A7: whatever the customer writes back goes to the operator, copy to list and PIC, with a new response deadline."""

from datetime import timedelta

import pytest

from helpdesk.model.people import Person
from helpdesk.model.ticket import DeadlineKind, EntryKind, Status
from helpdesk.testing.desk import ADDRESS, LIST, PIC


@pytest.fixture
def answered(desk):
    """Bart has answered anne's question."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    return desk


def test_the_reply_goes_to_operator_list_and_pic(answered):
    answered.anne.replies("It is not here yet.", "answer")

    letters = answered.letters("customer_reply")
    assert [letter.to[0] for letter in letters] == ["bart@staff.example", LIST, PIC]
    assert all("> It is not here yet." in letter.text for letter in letters)


def test_only_the_customers_new_words_are_passed_on(answered):
    answered.anne.replies("It is not here yet.", "answer")

    text = answered.bart.last_personal("customer_reply").text
    assert "It is on its way" not in text
    assert [e.text for e in answered.entries() if e.kind is EntryKind.CUSTOMER][-1] == "It is not here yet."


def test_each_reply_starts_a_new_response_deadline(answered):
    answered.passes(hours=5)

    answered.anne.replies("It is not here yet.", "answer")

    ticket = answered.ticket()
    due = next(d for d in ticket.deadlines if d.kind is DeadlineKind.NEXT_RESPONSE)
    assert ticket.status is Status.OPEN
    assert due.due_at == answered.clock() + timedelta(hours=24)
    assert {d.kind for d in ticket.deadlines} == {DeadlineKind.NEXT_RESPONSE, DeadlineKind.REMINDER}


def test_writing_again_does_not_put_off_the_answer_that_is_owed(answered):
    answered.anne.replies("It is not here yet.", "answer")
    first = answered.ticket().deadlines
    answered.passes(hours=5)

    answered.anne.replies("Hello?", "answer")

    assert answered.ticket().deadlines == first


def test_a_missed_next_response_is_a_breach_too(answered):
    answered.anne.replies("It is not here yet.", "answer")

    answered.passes(hours=24)

    assert "breached" in answered.history()
    assert answered.ticket().operator == "cate@staff.example"


def test_the_operator_goes_on_by_replying(answered):
    answered.anne.replies("It is not here yet.", "answer")
    answered.bart.answers("Tomorrow, I promise.")

    assert answered.anne.last("answer").text.startswith("Tomorrow, I promise.")
    assert answered.ticket().status is Status.PENDING


def test_the_copy_for_the_list_is_left_out_when_the_customer_wrote_to_the_list(answered):
    mail = answered.anne.reply(answered.anne.last("answer"), "It is not here yet.", cc=[LIST])

    answered.anne.sends(mail)

    assert [letter.to[0] for letter in answered.letters("customer_reply")] == ["bart@staff.example", PIC]
    assert [e.text for e in answered.entries()].count("It is not here yet.") == 1


def test_a_reply_through_a_list_that_munges_is_the_customers(answered):
    """R48: the From is the list's; the number in the subject and the true writer tell whose it is."""
    answered.list.munges = True

    answered.anne.sends(answered.anne.new([LIST], "Re: Where is my order? [#1]", "It is not here yet."))

    assert answered.newest().number == 1
    assert [e.text for e in answered.entries() if e.kind is EntryKind.CUSTOMER][-1] == "It is not here yet."


@pytest.mark.parametrize("lost", ["token", "message ids", "token and message ids"])
def test_a_reply_finds_its_ticket_with_a_key_missing(answered, lost):
    """R33: reply address, message id, subject tag; mail systems lose some of them."""
    letter = answered.anne.last("answer")
    to = [ADDRESS] if "token" in lost else None
    mail = answered.anne.reply(letter, "It is not here yet.", to=to)
    if "message ids" in lost:
        del mail["In-Reply-To"], mail["References"]

    answered.anne.sends(mail)

    assert answered.newest().number == 1
    assert answered.ticket().status is Status.OPEN


def test_a_forged_reply_address_is_no_key(answered):
    """R33: forge the key and it does not thread."""
    zoe = answered.stranger("zoe@elsewhere.example")

    ticket = zoe.asks("Hello", "Let me in.", to="help+1-c--aaaaaaaaaaaaaaaa@desk.example")

    assert ticket.number == 2


def test_a_customer_who_replies_from_another_address_of_theirs_is_heard(answered):
    """The signed reply address is the proof; the answer still goes to the address that asked."""
    work = answered.stranger("anne@work.example", "Anne")
    letter = answered.anne.last("answer")

    work.sends(work.reply(letter, "I write from the office."))
    answered.bart.answers("Good to know.")

    assert answered.newest().number == 1
    assert answered.anne.last("answer").text.startswith("Good to know.")
    assert work.mailbox == []


def test_an_empty_reply_of_the_customer_is_on_record(answered):
    answered.anne.replies("", "answer")

    assert answered.newest().number == 1
    assert "customer_wrote" in answered.history()


def test_what_the_customer_adds_before_anybody_has_it_reaches_the_list(claim_desk):
    claim_desk.anne.asks("Where is my order?", "I ordered a lamp.")

    claim_desk.anne.replies("It is order 12.", "acknowledgement")

    assert claim_desk.ticket().status is Status.NEW
    assert "It is order 12." in claim_desk.cate.last("customer_reply").text


def test_a_reply_to_an_operator_who_has_left_goes_back_to_the_rota(answered):
    """T37: cate is the only operator now."""
    answered.policy = answered.shop.policy = type(answered.policy)(
        **{
            **{name: getattr(answered.policy, name) for name in answered.policy.__dataclass_fields__},
            "operators": (Person("Cate", "cate@staff.example"),),
        }
    )

    answered.anne.replies("It is not here yet.", "answer")

    assert answered.ticket().operator == "cate@staff.example"
    assert "It is not here yet." in answered.cate.last_personal("customer_reply").text


def test_an_attachment_of_the_customer_is_named(answered):
    mail = answered.anne.reply(answered.anne.last("answer"), "See the picture.")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="door.png")

    answered.anne.sends(mail)

    assert "door.png" in answered.bart.last_personal("customer_reply").text


def test_an_automatic_reply_of_the_customer_moves_nothing(answered):
    before = answered.ticket().deadlines

    answered.anne.replies("I am away.", "answer", Auto_Submitted="auto-replied", envelope="")

    assert answered.ticket().status is Status.PENDING
    assert answered.ticket().deadlines == before
    assert answered.bart.count("customer_reply") == 0
