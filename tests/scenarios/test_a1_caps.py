"""A1, F13, T7, T35: the desk writes by itself only so much, whoever makes it; the tickets are there all the same."""

import pytest

from helpdesk.model.policy import Caps
from helpdesk.model.ticket import Status
from helpdesk.testing.desk import ADDRESS

REAL = {"per_address": 1, "per_domain": 30, "in_all": 300}
BAIT = "BUY http://x.example/now"


@pytest.fixture
def real_desk(open_desk):
    """With the caps that a new desk has."""
    return open_desk(**REAL)


def to_customers(desk):
    return [
        letter
        for letter in desk.sent
        if letter.recipients[0].endswith((".forged.example", "@customer.example"))
    ]


def flood(desk, senders, domain="d{n}.forged.example"):
    for n in range(senders):
        desk.stranger(f"s{n}@{domain.format(n=n)}").asks(BAIT, f"{BAIT} and again {BAIT}")


def test_the_scenarios_know_the_defaults():
    assert all(getattr(Caps(), name) == value for name, value in REAL.items())


def test_a_second_question_of_the_day_is_answered_by_people_only(real_desk):
    """R36: one acknowledgement to an address in 24 hours, as nothing proves that it is theirs."""
    desk = real_desk
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(hours=2)

    second = desk.anne.asks("Another thing", "Do you have it in green?")

    assert desk.anne.names() == ["acknowledgement", "assigned"]
    assert second.number == 2
    assert desk.history(2)[:3] == ["created", "letter_withheld", "not_acknowledged"]
    desk.cate.answers("Yes, in green.")
    assert desk.anne.count("answer") == 1
    assert desk.looks() == []


def test_the_next_day_an_acknowledgement_comes_again(real_desk):
    real_desk.anne.asks("Where is my order?", "I ordered a lamp.")
    real_desk.passes(hours=24)

    real_desk.anne.asks("Another thing", "Do you have it in green?")

    assert real_desk.anne.count("acknowledgement") == 2


def test_plus_addresses_of_one_person_are_one_address(real_desk):
    real_desk.anne.asks("Where is my order?", "I ordered a lamp.")

    real_desk.stranger("Anne+Shop@Customer.example").asks("Again", "I ordered two lamps.")

    assert len(real_desk.letters("acknowledgement")) == 1


def test_who_replies_to_a_letter_of_ours_has_read_it_and_gets_more_letters(real_desk):
    """10 an hour where the mail proves that the address is theirs."""
    desk = real_desk
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("#close\nIt is on its way.")

    desk.anne.replies("It has not come!", "closed")

    assert desk.ticket().status is Status.OPEN
    assert desk.anne.count("reopened") == 1


def test_one_domain_gets_thirty_an_hour(open_desk):
    desk = open_desk(per_domain=3)

    flood(desk, 5, "forged.example")

    assert len(desk.letters("acknowledgement")) == 3
    assert desk.newest().number == 5
    assert desk.looks() == ["flood"]


@pytest.mark.parametrize("mode", ["round_robin", "claim"])
def test_a_flood_of_forged_senders_gets_few_letters_and_says_nothing_of_theirs(open_desk, mode):
    """T7, with the caps scaled down: each sender once, no word of the mail, one alarm."""
    desk = open_desk(in_all=9, mode=mode)

    flood(desk, 30)
    desk.looks()
    flood(desk, 5, "e{n}.forged.example")
    desk.looks()
    desk.passes(hours=3)

    assert 5 <= len(to_customers(desk)) <= 9 + 9 * (mode == "claim")
    assert not any(b"BUY" in letter.raw or b"x.example" in letter.raw for letter in to_customers(desk))
    assert desk.newest().number == 35
    assert [letter.recipients for letter in desk.letters("alarm")] == [("pic@desk.example",)]


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_five_thousand_forged_senders_in_an_hour_get_three_hundred_letters(real_desk):
    """T7 as it is written."""
    flood(real_desk, 5000)
    real_desk.looks()

    assert len(to_customers(real_desk)) <= 300
    assert not any(b"BUY" in letter.raw or b"x.example" in letter.raw for letter in to_customers(real_desk))
    assert len(real_desk.letters("alarm")) == 1


def test_the_clock_writes_to_nobody_whom_the_caps_kept_from_a_letter(open_desk):
    """A breach hands the ticket over; a forged sender must not hear of that either."""
    desk = open_desk(in_all=2)
    flood(desk, 3)

    desk.passes(days=3)

    withheld = desk.ticket(3).customer.address
    assert not [letter for letter in desk.sent if letter.recipients == (withheld,)]
    assert "breach" in " ".join(desk.history(3))


def test_mail_after_mail_mutes_the_address_and_tells_pic_once(real_desk):
    """R36: five within ten minutes."""
    desk = real_desk
    for n in range(7):
        desk.anne.asks(f"Question {n}", f"Text {n}")
        desk.looks()

    assert desk.newest().number == 7
    assert len(desk.letters("alarm")) == 1
    assert "anne@customer.example" in desk.letters("alarm")[0].text
    desk.passes(hours=2)
    assert desk.looks() == []


def test_a_ticket_is_reopened_five_times_an_hour_at_most(desk):
    """T35: the sixth mail reaches the operator all the same."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    for n in range(6):
        desk.passes(minutes=9 if n else 0)
        desk.bart.answers("#close\nIt is on its way.")
        desk.anne.replies(f"Not here yet, number {n}.", "closed")

    assert desk.history().count("reopened") == 5
    assert desk.history()[-1] == "not_reopened"
    assert desk.ticket().status is Status.SOLVED
    assert "number 5" in desk.bart.last("customer_reply").text


def test_a_hundred_out_of_office_replies_get_nothing_and_reopen_nothing(real_desk):
    """R39."""
    desk = real_desk
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("#close\nIt is on its way.")
    before = len(to_customers(desk))

    for n in range(100):
        away = desk.anne.reply(desk.anne.last("closed"), f"I am away until Monday {n}.")
        desk.anne.sends(away, Auto_Submitted="auto-replied")

    assert len(to_customers(desk)) == before
    assert "reopened" not in desk.history()
    assert desk.newest().number == 1


def test_the_desk_in_an_operators_forward_is_no_loop(desk):
    """R38: bart's mailbox sends everything on to the desk."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    letter = desk.bart.last_personal("assignment")
    before = len(desk.sent)

    desk.receive(letter.raw, "bart@staff.example", (ADDRESS,))
    desk.run()
    forward = desk.bart.new(
        [ADDRESS], f"Fwd: {letter.subject}", f"---------- Forwarded message ---------\n{letter.text}"
    )
    desk.bart.sends(forward)

    assert len(desk.sent) - before <= 2
