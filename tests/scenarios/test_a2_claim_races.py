"""A3: who comes second is told politely, and by how much; B: before taking a ticket, be available."""

from datetime import timedelta

import pytest

from helpdesk.model.policy import Cards
from helpdesk.model.ticket import Status


def ask(desk, subject="Where is my order?"):
    return desk.anne.asks(subject, "I ordered a lamp.")


def race(desk, **between):
    """Bart claims, time passes, cate claims what she still sees as free."""
    ask(desk)
    desk.bart.claims()
    desk.passes(**between)
    desk.cate.claims()
    return desk.cate.last("claim_lost").text


def test_the_loser_hears_by_how_much_the_winner_was_first(claim_desk):
    text = race(claim_desk, seconds=14)

    assert "This time Bart has it." in text
    assert "Bart took it 14 seconds before you." in text
    assert claim_desk.ticket().operator == "bart@staff.example"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "only a moment before you"), (1, "1 second before you"), (180, "3 minutes before you")],
)
def test_the_span_is_told_in_plain_words(claim_desk, seconds, words):
    assert words in race(claim_desk, seconds=seconds)


def test_what_was_taken_long_ago_was_no_race(claim_desk):
    text = race(claim_desk, hours=3)

    assert "before you" not in text
    assert "Bart took it on Monday, 2 March 2026, 09:00 WIB." in text


def test_the_span_is_told_in_indonesian_too(open_desk):
    desk = open_desk(mode="claim", language="id")

    assert "Bart mengambilnya 14 detik lebih dulu." in race(desk, seconds=14)


def test_the_span_counts_from_the_latest_turn(claim_desk):
    """Cate takes over what bart had: a late claim of bart's is measured against hers."""
    ask(claim_desk)
    claim_desk.bart.claims()
    claim_desk.passes(hours=2)
    claim_desk.cate.claims()
    claim_desk.cate.replies("#assign me", "claim_lost")
    claim_desk.passes(seconds=30)
    claim_desk.bart.claims()

    assert "Cate took it 30 seconds before you." in claim_desk.bart.last("claim_lost").text


def test_after_a_window_the_others_hear_why_it_went_to_the_winner(open_desk):
    desk = open_desk(mode="claim", claim_window=timedelta(minutes=15))
    ask(desk)
    desk.bart.claims()
    desk.cate.claims()

    desk.passes(minutes=15)

    assert "Bart's turn was longer overdue" in desk.cate.last("claim_lost").text


def test_a_full_plate_claims_no_more(open_desk):
    desk = open_desk(mode="claim", max_open=1)
    ask(desk)
    desk.bart.claims()
    second = ask(desk, "Where is my bill?")

    desk.bart.claims()

    assert desk.ticket(second.number).status is Status.NEW
    text = desk.bart.last("claim_refused").text
    assert "your plate is full: you have 1 open, and 1 is the most" in text
    assert "claim_refused" in desk.history(second.number)


def test_a_full_plate_is_skipped_when_the_rota_decides_about_an_unclaimed_ticket(open_desk):
    desk = open_desk(mode="claim", max_open=1)
    ask(desk)
    desk.bart.claims()
    ask(desk, "Where is my bill?")

    desk.passes(hours=2)

    assert desk.ticket(2).operator == "cate@staff.example"


def test_who_was_suspended_by_yellow_cards_claims_no_more(open_desk):
    desk = open_desk(mode="claim", cards=Cards(limit=1), on_breach=frozenset({"yellow_card"}))
    ask(desk)
    desk.bart.claims()
    desk.passes(hours=25)
    second = ask(desk, "Where is my bill?")

    desk.bart.claims()

    assert desk.ticket(second.number).status is Status.NEW
    assert "you are off the rota, with yellow cards: 1" in desk.bart.last("claim_refused").text


def test_the_verb_is_refused_with_the_reason_and_the_remedy(open_desk):
    desk = open_desk(mode="claim", max_open=1, announce="each")
    ask(desk)
    desk.bart.replies("#claim", "new_ticket")
    ask(desk, "Where is my bill?")

    desk.bart.replies("#claim", "new_ticket")

    text = desk.bart.last("command_error").text
    assert "has a full plate (1 open)" in text
    assert "#release" in text
    assert desk.ticket(2).status is Status.NEW


def test_an_answer_is_welcome_from_a_full_plate_too(open_desk):
    desk = open_desk(mode="claim", max_open=1, announce="each")
    ask(desk)
    desk.bart.claims()
    ask(desk, "Where is my bill?")

    desk.bart.replies("It is in the box.", "new_ticket")

    assert desk.ticket(2).status is Status.PENDING
    assert "It is in the box." in desk.anne.last("answer").text
