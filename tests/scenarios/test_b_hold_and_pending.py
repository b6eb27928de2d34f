"""B: what is scheduled for another day is put on hold until then, and comes back on that day by itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.model.people import Person
from helpdesk.model.ticket import DeadlineKind, Status, WaitingFor

NEXT_MONDAY = datetime(
    2026, 3, 9, 1, 0, tzinfo=UTC
)  # 08:00 in Jakarta; scenarios begin on Monday 2 March, 09:00


@pytest.fixture
def asked(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    return desk


def due(desk, *kinds):
    return [d.due_at for d in desk.ticket().deadlines if d.kind in kinds]


def test_a_ticket_on_hold_sleeps_and_nothing_is_due_but_its_day(asked):
    asked.bart.answers("#hold 2026-03-09 the supplier calls back")

    ticket = asked.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.ON_HOLD, WaitingFor.NOBODY)
    assert [(d.kind, d.due_at) for d in ticket.deadlines] == [(DeadlineKind.HOLD, NEXT_MONDAY)]
    assert "Mon 2026-03-09 08:00" in asked.bart.last("receipt").text


def test_the_customer_is_told_nothing_unless_words_stand_below(asked):
    letters = asked.anne.names()

    asked.bart.answers("#hold 2026-03-09")

    assert asked.anne.names() == letters


def test_words_below_go_to_the_customer_first(asked):
    asked.bart.answers("#hold next monday\n\nThe supplier will know on Monday.")

    assert asked.anne.last("answer").text.startswith("The supplier will know on Monday.")
    assert asked.ticket().status is Status.ON_HOLD
    assert due(asked, DeadlineKind.HOLD) == [NEXT_MONDAY]
    assert due(asked, DeadlineKind.AUTO_CLOSE) == []


def test_it_comes_back_on_that_day_with_a_new_clock(asked):
    asked.bart.answers("#hold 2026-03-09 the supplier calls back")

    asked.passes(days=6, hours=22, minutes=59)
    before = asked.ticket().status
    asked.passes(minutes=1)

    ticket = asked.ticket()
    assert (before, ticket.status, ticket.waiting_for) == (Status.ON_HOLD, Status.OPEN, WaitingFor.OPERATOR)
    assert due(asked, DeadlineKind.FIRST_RESPONSE) == [NEXT_MONDAY + timedelta(hours=24)]
    letter = asked.bart.last("back_today")
    assert "the supplier calls back" in letter.text
    assert "I ordered a lamp." in letter.text
    assert asked.history()[-1] == "back_today"


def test_nobody_gets_reminders_or_cards_while_it_sleeps(asked):
    asked.bart.answers("#hold 2026-03-09")

    asked.passes(days=6)

    assert asked.bart.count("reminder") == asked.bart.count("breach") == 0


def test_the_operator_answers_the_letter_that_brought_it_back(asked):
    asked.bart.answers("#hold 2026-03-09")
    asked.passes(days=7)

    asked.bart.replies("It has arrived.", "back_today")

    assert asked.anne.last("answer").text.startswith("It has arrived.")
    assert asked.ticket().status is Status.PENDING


def test_a_reply_of_the_customer_brings_it_back_at_once(asked):
    asked.bart.answers("#hold 2026-03-09")

    asked.anne.replies("I found another shop.", "acknowledgement")

    assert asked.ticket().status is Status.OPEN
    assert due(asked, DeadlineKind.HOLD) == []
    assert due(asked, DeadlineKind.FIRST_RESPONSE)
    asked.bart.answers("What a pity.")
    asked.passes(days=8)
    assert asked.bart.count("back_today") == 0


@pytest.mark.parametrize("line", ["#hold 2026-03-01", "#hold yesterday", "#hold", "#hold the parcel"])
def test_a_day_that_is_over_or_none_is_refused_with_a_suggestion(asked, line):
    letters = len(asked.sent)

    asked.bart.answers(line)

    letter = asked.bart.last("command_error")
    assert f">>> {line}" in letter.text
    assert "#hold 2026-03-03" in letter.text
    assert asked.ticket().status is Status.OPEN
    assert len(asked.sent) == letters + 1


def test_a_later_hold_takes_the_place_of_the_first(asked):
    asked.bart.answers("#hold 2026-03-09")

    asked.bart.answers("#hold 2026-03-10")
    asked.passes(days=7)

    assert asked.bart.count("back_today") == 0
    assert due(asked, DeadlineKind.HOLD) == [NEXT_MONDAY + timedelta(days=1)]


def test_hold_on_a_free_ticket_takes_it(open_desk):
    desk = open_desk(mode="claim", announce="each")
    desk.anne.asks("Opening hours at Easter", "Are you open?")

    desk.cate.replies("#hold 2026-03-09", "new_ticket")

    assert desk.ticket().operator == "cate@staff.example"
    assert desk.ticket().status is Status.ON_HOLD


def test_a_ticket_whose_operator_has_left_comes_back_to_somebody_else(asked):
    asked.bart.answers("#hold 2026-03-09")
    cate = (Person("Cate", "cate@staff.example"),)
    asked.shop = replace(asked.shop, policy=replace(asked.policy, operators=cate))

    asked.passes(days=7)

    assert asked.ticket().operator == "cate@staff.example"


def test_pending_begins_the_follow_up_anew(asked):
    """Nudge after a working day, closed after two."""
    asked.bart.answers("Please send your order number.")
    asked.passes(hours=30)
    nudges = asked.anne.count("nudge")

    asked.bart.answers("#pending")
    asked.passes(hours=30)

    assert (nudges, asked.anne.count("nudge")) == (1, 2)
    assert asked.ticket().status is Status.PENDING
    asked.passes(hours=18)
    assert asked.ticket().status is Status.SOLVED


def test_pending_stops_the_operators_clock(asked):
    asked.bart.answers("Please send your order number.")
    asked.anne.replies("I will look for it.", "answer")

    asked.bart.answers("#pending")

    ticket = asked.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.PENDING, WaitingFor.CUSTOMER)
    assert due(asked, DeadlineKind.NEXT_RESPONSE) == []


def test_pending_with_words_answers(asked):
    asked.bart.answers("#pending\n\nPlease send your order number.")

    assert asked.anne.last("answer").text.startswith("Please send your order number.")
    assert asked.ticket().status is Status.PENDING


def test_nobody_waits_for_a_customer_who_was_never_written_to(asked):
    asked.bart.answers("#pending")

    assert "has had no answer yet" in asked.bart.last("command_error").text
    assert asked.ticket().status is Status.OPEN
    assert due(asked, DeadlineKind.FIRST_RESPONSE)
