"""B: an operator's own out-of-office reply pauses their turn and gives back what they have not answered."""

from datetime import UTC, datetime

import pytest

from helpdesk.model.people import Person
from helpdesk.model.policy import Require
from helpdesk.model.ticket import Status
from helpdesk.store import people

AWAY = "I am out of the office until 9 March 2026. In urgent matters call my colleagues."


def ask(desk, subject="Where is my order?"):
    return desk.anne.asks(subject, "I ordered a lamp.")


def program_answers(desk, letter="assignment", text=AWAY, who=None):
    """Bart's mail program answers a letter that went to him alone; return the inbox row."""
    who = who or desk.bart
    answer = who.reply(who.last_personal(letter), text)
    del answer["Subject"]
    answer["Subject"] = "Automatic reply: your letter"
    return who.sends(answer, Auto_Submitted="auto-replied", envelope="")


def standing(desk, name="Bart"):
    with desk.shop.desk.read() as connection:
        rota = people.rota(connection, desk.policy.operators, desk.clock(), desk.policy.cards)
    return next(turn for turn in rota if turn.operator.name == name)


def test_the_reply_pauses_their_turn_until_the_day_that_it_names(desk):
    ask(desk)

    program_answers(desk)

    assert standing(desk).away
    assert standing(desk).away_until == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
    assert ask(desk, "Another question").operator == "cate@staff.example"
    assert ask(desk, "And another").operator == "cate@staff.example"


def test_what_nobody_has_answered_goes_to_the_next_one_at_once(desk):
    ask(desk)

    program_answers(desk)

    assert (desk.ticket().operator, desk.ticket().status) == ("cate@staff.example", Status.OPEN)
    assert "Bart is out of office, and it is your turn." in desk.cate.last_personal("assignment").text
    assert "from now on Cate is taking care" in desk.anne.last("handover").text
    assert "yellow_card" not in desk.history()


def test_claimed_tickets_are_free_again(claim_desk):
    ask(claim_desk)
    claim_desk.bart.claims()

    program_answers(claim_desk)

    assert (claim_desk.ticket().operator, claim_desk.ticket().status) == (None, Status.NEW)
    assert "is free again" in claim_desk.cate.last("new_ticket").text


def test_all_of_their_unanswered_tickets_go_back_each_to_whoever_is_next(open_desk):
    three = tuple(Person(n, f"{n.lower()}@staff.example") for n in ("Bart", "Cate", "Dan"))
    desk = open_desk(operators=three)
    for n in range(6):  # two for each
        ask(desk, f"Question {n}")
        desk.passes(minutes=1)

    program_answers(desk)

    holders = [desk.ticket(n).operator.partition("@")[0] for n in range(1, 7)]
    assert "bart" not in holders
    assert holders.count("cate") == holders.count("dan") == 3


def test_a_conversation_stays_and_pic_are_told(desk):
    ask(desk)
    desk.bart.answers("Which lamp?")
    desk.anne.replies("The red one.")

    program_answers(desk, "customer_reply")

    assert desk.ticket().operator == "bart@staff.example"
    notice = desk.dora.last("away_notice").text
    assert "The mail program of Bart says that they are out of office." in notice
    assert "until Monday, 9 March 2026, 08:00 WIB" in notice
    assert "- #1 Where is my order?" in notice
    assert "> I am out of the office" in notice


def test_pic_hear_what_went_back_and_to_whom(desk):
    ask(desk)

    program_answers(desk)

    assert "Where is my order?, due 2026-03-03 09:00: Cate" in desk.dora.last("away_notice").text


def test_no_letter_answers_the_machine(desk):
    """R36: not one letter to bart himself; what the list gets are the rota's own letters."""
    ask(desk)
    before = len(desk.letters("receipt")) + len([x for x in desk.sent if x.to == ("bart@staff.example",)])

    program_answers(desk)
    program_answers(desk)

    to_bart = [x for x in desk.sent if x.to == ("bart@staff.example",)]
    assert len(to_bart) + len(desk.letters("receipt")) == before


def test_the_same_reply_twice_changes_nothing_more(desk):
    ask(desk)
    program_answers(desk)
    before = (len(desk.sent), desk.ticket().operator)

    desk.passes(hours=1)
    program_answers(desk)

    assert (len(desk.sent), desk.ticket().operator) == before


def test_the_next_mail_that_they_write_themselves_ends_it(desk):
    ask(desk)
    program_answers(desk)
    desk.passes(hours=5)

    desk.bart.answers("It is on its way.")

    assert not standing(desk).away
    assert "the rota counts on you again" in desk.bart.last("receipt").text


def test_a_claim_by_hand_ends_it_too(claim_desk):
    ask(claim_desk)
    claim_desk.bart.claims()
    program_answers(claim_desk)

    claim_desk.bart.claims()

    assert claim_desk.ticket().operator == "bart@staff.example"
    assert not standing(claim_desk).away


def test_a_reply_that_names_no_day_counts_for_five_working_days(desk):
    ask(desk)

    program_answers(desk, text="I am out of the office and read no mail.")

    assert standing(desk).away_until == datetime(2026, 3, 9, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Saya sedang cuti sampai 9 Maret 2026. Terima kasih.",
        "Thank you for your mail. I will be back on Monday, 9 March 2026.",
        "Sedang di luar kantor, kembali tanggal 09/03/2026",
    ],
)
def test_the_day_is_read_in_the_desks_languages(desk, text):
    ask(desk)

    program_answers(desk, text=text)

    assert standing(desk).away_until == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)


def test_a_day_that_is_over_is_not_believed(desk):
    ask(desk)

    program_answers(desk, text="I am out of the office until 2 January 2026.")

    assert standing(desk).away_until == datetime(2026, 3, 9, 2, 0, tzinfo=UTC)


def test_what_they_said_themselves_stands(desk):
    ask(desk)
    desk.bart.answers("#away until 2026-03-12")

    program_answers(desk, "receipt")

    assert standing(desk).away_until == datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("require", list(Require))
def test_a_forged_reply_pauses_nobody(open_desk, require):
    """Zoe writes an automatic reply in bart's name: she has no letter that went to him."""
    desk = open_desk(require=require)
    ask(desk)
    zoe = desk.stranger("bart@staff.example", "Bart")
    forged = zoe.new([desk.address], "Automatic reply: [#1] Where is my order?", AWAY)

    zoe.sends(forged, Auto_Submitted="auto-replied")

    assert not standing(desk).away
    assert desk.ticket().operator == "bart@staff.example"


def test_an_automatic_reply_to_the_list_copy_proves_nothing(claim_desk):
    """Everybody on the list has read its letters."""
    ask(claim_desk)
    claim_desk.cate.claims()
    answer = claim_desk.bart.reply(claim_desk.bart.last("new_ticket"), AWAY, to=[claim_desk.address])

    claim_desk.bart.sends(answer, Auto_Submitted="auto-replied")

    assert not standing(claim_desk).away
