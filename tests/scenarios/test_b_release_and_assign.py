"""B: cannot do it after all? Release it early and politely; and a ticket can be handed to a colleague by name."""

from datetime import timedelta

import pytest

from helpdesk.model.people import Person
from helpdesk.model.ticket import DeadlineKind, EntryKind, Status

REASON = "I do not know these lamps."


def ask(desk, **headers):
    return desk.anne.asks("Where is my order?", "I ordered a lamp.", **headers)


def released(desk, text=f"#release {REASON}"):
    """Bart has anne's ticket by the rota, and gives it back three hours later."""
    ask(desk)
    desk.passes(hours=3)
    desk.bart.answers(text)


# --- #release


def test_a_released_ticket_goes_to_the_next_operator_at_once(desk):
    released(desk)

    assert desk.ticket().operator == "cate@staff.example"
    assert desk.ticket().status is Status.OPEN
    letter = desk.cate.last_personal("assignment").text
    assert "Bart cannot do it after all, and it is your turn." in letter
    assert f"Bart writes:\n\n> {REASON}" in letter
    assert "> I ordered a lamp." in letter


def test_the_customer_hears_that_somebody_else_takes_over_and_not_why(desk):
    released(desk)

    assert desk.anne.names() == ["acknowledgement", "assigned", "handover"]
    assert "from now on Cate is taking care of your request number 1" in desk.anne.last("handover").text
    assert all(REASON not in letter.text for letter in desk.anne.mailbox)


def test_the_words_below_are_the_reason_too(desk):
    released(desk, "#release\n\nShe writes Greek.\nI do not.")

    assert [e.text for e in desk.entries() if e.kind is EntryKind.NOTE] == ["She writes Greek.\nI do not."]
    assert "> She writes Greek." in desk.cate.last_personal("assignment").text
    assert desk.anne.count("answer") == 0


def test_a_release_costs_no_card_and_the_next_one_has_the_whole_time(desk):
    released(desk)
    desk.passes(hours=23)
    desk.cate.answers("It is on its way.")
    desk.passes(hours=48)

    assert "yellow_card" not in desk.history()
    assert desk.letters("breach") == []
    assert desk.letters("card_notice") == []


def test_the_releaser_gets_a_receipt(desk):
    released(desk)

    assert "Cate has it now" in desk.bart.last("receipt").text


def test_those_who_have_not_had_it_come_first(open_desk):
    """Bart's turn is longer overdue than dan's, but bart has had it."""
    three = tuple(Person(n, f"{n.lower()}@staff.example") for n in ("Bart", "Cate", "Dan"))
    desk = open_desk(operators=three)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("#release")
    for question in ("A second one", "A third one"):  # dan's turn, then bart's
        desk.passes(minutes=1)
        desk.anne.asks(question, "Hello?")

    desk.cate.answers("#release")

    assert desk.ticket().operator == "dan@staff.example"


def test_when_nobody_is_next_the_customer_is_told_in_words_for_that(open_desk):
    desk = open_desk(operators=(Person("Bart", "bart@staff.example"),))

    released(desk)

    assert (desk.ticket().status, desk.ticket().operator) == (Status.NEW, None)
    text = desk.anne.last("handover").text
    assert "a colleague will take over your request number 1" in text
    assert "Bart" not in text
    notice = desk.dora.last("nobody_free").text
    assert "was given back by Bart, and nobody can take it at the moment" in notice
    assert '"#assign NAME"' in notice


def test_a_ticket_that_nobody_could_take_is_not_forgotten(open_desk):
    desk = open_desk(operators=(Person("Bart", "bart@staff.example"),))
    released(desk)

    desk.passes(hours=2)

    assert desk.ticket().operator == "bart@staff.example"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", "akan dilanjutkan oleh rekan kami yang lain"),
        ("el", "θα το αναλάβει άλλο μέλος της ομάδας μας"),
        ("tl", "isang kasamahan namin ang magpapatuloy"),
    ],
)
def test_the_customer_reads_it_in_their_language(open_desk, language, words):
    desk = open_desk(operators=(Person("Bart", "bart@staff.example"),))
    ask(desk, Content_Language=language)

    desk.bart.answers("#release")

    assert words in desk.anne.last("handover").text


def test_where_operators_claim_a_released_ticket_is_announced_again(open_desk):
    desk = open_desk(mode="claim")
    ask(desk)
    desk.bart.claims()

    desk.bart.answers("#release")

    assert desk.ticket().status is Status.NEW
    assert {d.kind for d in desk.ticket().deadlines} == {DeadlineKind.CLAIM_TIMEOUT}
    announcement = desk.cate.last("new_ticket").text
    assert "Ticket number 1 is free again: Bart has given it back." in announcement
    assert "> I ordered a lamp." in announcement
    desk.cate.claims()
    assert desk.ticket().operator == "cate@staff.example"
    assert "Cate" in desk.anne.last("assigned").text


def test_if_nobody_claims_it_the_rota_prefers_who_has_not_had_it(open_desk):
    desk = open_desk(mode="claim")
    desk.anne.asks("An older question", "Hello?")
    desk.cate.claims()  # so that bart's turn is longer overdue
    desk.passes(hours=1)
    ask(desk)
    desk.bart.claims()
    desk.bart.answers("#release")

    desk.passes(hours=2)

    assert desk.ticket(2).operator == "cate@staff.example"


def test_who_does_not_have_the_ticket_cannot_release_it(desk):
    ask(desk)
    desk.cate.replies_all("", "new_ticket")  # a letter of her own about the ticket

    desk.cate.replies("#release", "claim_lost")

    assert desk.ticket().operator == "bart@staff.example"
    assert "Bart has this ticket, not you" in desk.cate.last("command_error").text


def test_a_ticket_that_waits_for_the_customer_goes_on_waiting(desk):
    ask(desk)
    desk.bart.answers("It is on its way.")
    before = {(d.kind, d.due_at) for d in desk.ticket().deadlines}

    desk.bart.answers("#release")

    assert (desk.ticket().status, desk.ticket().operator) == (Status.PENDING, "cate@staff.example")
    assert {(d.kind, d.due_at) for d in desk.ticket().deadlines} == before


# --- #assign


@pytest.mark.parametrize("name", ["Cate", "cate", "ca", "cate@staff.example", "CATE@staff.example"])
def test_a_colleague_is_named_by_name_address_or_beginning(desk, name):
    ask(desk)

    desk.bart.answers(f"#assign {name}")

    assert desk.ticket().operator == "cate@staff.example"


def test_the_new_operator_gets_all_unanswered_words_and_the_note(desk):
    ask(desk)
    desk.passes(hours=1)
    desk.anne.replies("It is order 4711.")

    desk.bart.answers("#assign cate\n\nYou know this street.")

    letter = desk.cate.last_personal("assignment").text
    assert "Bart has given it to you." in letter
    assert "Bart writes:\n\n> You know this street." in letter
    assert "> I ordered a lamp." in letter
    assert "> It is order 4711." in letter
    assert [e.text for e in desk.entries() if e.kind is EntryKind.NOTE] == ["You know this street."]
    assert all("street" not in mail.text for mail in desk.anne.mailbox)


def test_an_unknown_name_brings_the_nearest(desk):
    ask(desk)

    desk.bart.answers("#assign Kate")

    text = desk.bart.last("command_error").text
    assert "'Kate' is no operator of this desk" in text
    assert "#assign Cate" in text
    assert desk.ticket().operator == "bart@staff.example"


def test_a_beginning_that_two_share_is_asked_back(open_desk):
    three = tuple(Person(n, f"{n.lower()}@staff.example") for n in ("Bart", "Cate", "Catherine"))
    desk = open_desk(operators=three)
    ask(desk)

    desk.bart.answers("#assign cat")

    assert "Cate or Catherine" in desk.bart.last("command_error").text


def test_a_pic_may_assign_too_and_who_had_it_is_told(desk):
    ask(desk)

    desk.dora.replies("#assign cate", "assignment")

    assert desk.ticket().operator == "cate@staff.example"
    told = desk.bart.last("taken_back").text
    assert "PIC has taken ticket number 1 off your hands" in told or "Dora has taken" in told
    assert "Cate has it now" in told
    assert "from now on Cate is taking care" in desk.anne.last("handover").text


def test_me_takes_a_ticket_over(desk):
    ask(desk)
    desk.cate.replies_all("", "new_ticket")

    desk.cate.replies("#assign me", "claim_lost")

    assert desk.ticket().operator == "cate@staff.example"
    assert "Cate has taken ticket number 1 off your hands" in desk.bart.last("taken_back").text


def test_a_pic_cannot_have_a_ticket(desk):
    ask(desk)

    desk.dora.replies("#assign me", "assignment")

    assert "only an operator can have a ticket" in desk.dora.last("command_error").text
    assert desk.ticket().operator == "bart@staff.example"


def test_nobody_is_given_a_ticket_while_they_are_away(desk):
    ask(desk)
    desk.passes(minutes=1)
    desk.cate.replies_all("", "new_ticket")
    desk.cate.replies("#away", "claim_lost")

    desk.bart.answers("#assign cate")

    assert desk.ticket().operator == "bart@staff.example"
    assert "Cate is away" in desk.bart.last("command_error").text


def test_a_free_ticket_can_be_given_to_somebody(open_desk):
    desk = open_desk(mode="claim", announce="each")
    ask(desk)

    desk.bart.replies("#assign cate", "new_ticket")

    assert desk.ticket().operator == "cate@staff.example"
    assert "Cate" in desk.anne.last("assigned").text


def test_assigning_starts_the_answer_time_anew(desk):
    ask(desk)
    desk.passes(hours=20)
    desk.bart.answers("#assign cate")

    due = next(d.due_at for d in desk.ticket().deadlines if d.kind is DeadlineKind.FIRST_RESPONSE)

    assert due == desk.clock() + timedelta(hours=24)
