"""`#undo`: the last step of staff or of the clock is taken back, what cannot be is said plainly."""

from datetime import timedelta

import pytest

from helpdesk.flow.audit import audit
from helpdesk.model.ticket import DeadlineKind, Status, WaitingFor


@pytest.fixture
def asked(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(minutes=5)
    return desk


def kinds(desk):
    return {deadline.kind for deadline in desk.ticket().deadlines}


def test_a_mistaken_close_is_taken_back(asked):
    asked.bart.answers("#close")
    asked.bart.answers("#undo")

    ticket = asked.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.OPEN, WaitingFor.OPERATOR)
    assert ticket.operator == "bart@staff.example"
    assert ticket.solved_at is None
    assert DeadlineKind.NEXT_RESPONSE in kinds(asked)
    assert asked.history()[-1] == "undone"


def test_the_letters_that_are_gone_are_named(asked):
    asked.bart.answers("#close")
    asked.bart.answers("#undo")

    text = asked.bart.last("receipt").text
    assert "Taken back: solved" in text
    assert "cannot be taken back: the customer was sent closed" in text


def test_tags_go_back_to_what_they_were(asked):
    asked.bart.answers("#tag +vip")
    asked.bart.answers("#priority urgent")
    asked.bart.answers("#undo")

    assert asked.ticket().tags == ("vip",)
    assert "cannot be taken back" not in asked.bart.last("receipt").text


def test_an_undo_can_be_undone(asked):
    asked.bart.answers("#tag +vip")
    asked.bart.answers("#undo")
    asked.bart.answers("#undo")

    assert asked.ticket().tags == ("vip",)
    assert asked.history().count("undone") == 2


def test_what_the_clock_did_is_taken_back(asked):
    asked.bart.answers("It is on its way.")
    asked.passes(hours=48)
    assert asked.ticket().status is Status.SOLVED

    asked.bart.answers("#undo")

    assert asked.ticket().status is Status.PENDING
    assert DeadlineKind.AUTO_CLOSE in kinds(asked)


def test_only_within_its_time(asked):
    asked.bart.answers("#tag +vip")
    asked.passes(hours=2)

    asked.bart.answers("#undo")

    assert asked.ticket().tags == ("vip",)
    assert "too long ago" in asked.bart.last("command_error").text


def test_the_time_is_configured(open_desk):
    desk = open_desk(undo_for=timedelta(days=1))
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("#tag +vip")
    desk.passes(hours=2)

    desk.bart.answers("#undo")

    assert desk.ticket().tags == ()


def test_not_when_the_customer_has_written_since(asked):
    asked.bart.answers("#tag +vip")
    asked.anne.replies("Hello?", "assigned")

    asked.bart.answers("#undo")

    assert asked.ticket().tags == ("vip",)
    assert "something else has happened: customer_wrote" in asked.bart.last("command_error").text


def test_questions_and_errors_in_between_do_not_count(asked):
    asked.bart.answers("#tag +vip")
    asked.bart.answers("#status")
    asked.bart.answers("#frobnicate")
    asked.bart.answers("#undo")

    assert asked.ticket().tags == ()


def test_a_ticket_that_came_is_not_undone(asked):
    asked.bart.answers("#undo")

    assert asked.ticket().status is Status.OPEN
    assert "created cannot be taken back" in asked.bart.last("command_error").text


def test_a_second_answer_cannot_be_taken_back_and_says_so(asked):
    asked.bart.answers("It is on its way.")
    asked.passes(minutes=5)
    asked.bart.answers("It comes on Monday.")

    asked.bart.answers("#undo")

    text = asked.bart.last("command_error").text
    assert "changed nothing that could be taken back; the customer was sent answer" in text


def test_an_answer_taken_back_makes_it_the_operators_turn_again(asked):
    asked.bart.answers("It is on its way.")
    asked.bart.answers("#undo")

    ticket = asked.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.OPEN, WaitingFor.OPERATOR)
    assert ticket.first_response_at is not None  # a fact stays a fact
    assert DeadlineKind.NEXT_RESPONSE in kinds(asked)
    assert DeadlineKind.AUTO_CLOSE not in kinds(asked)


def test_the_history_still_adds_up(asked):
    asked.bart.answers("#close")
    asked.bart.answers("#undo")

    assert list(audit(asked.shop.spool, asked.shop.desk).findings) == []


def test_a_ticket_that_was_on_hold_sleeps_again_until_its_day(asked):
    asked.bart.answers("#hold 2026-03-20 the vendor is closed")
    until = next(d.due_at for d in asked.ticket().deadlines if d.kind is DeadlineKind.HOLD)
    asked.passes(minutes=5)
    asked.bart.answers("#close")

    asked.bart.answers("#undo")

    ticket = asked.ticket()
    assert (ticket.status, ticket.waiting_for) == (Status.ON_HOLD, WaitingFor.NOBODY)
    assert [(d.kind, d.due_at) for d in ticket.deadlines] == [(DeadlineKind.HOLD, until)]
    asked.passes(days=20)
    assert "the vendor is closed" in asked.bart.last("back_today").text


def test_but_not_once_that_day_has_come(asked):
    asked.bart.answers("#hold tomorrow")
    asked.passes(hours=23)
    assert "back_today" in asked.bart.names()

    asked.bart.answers("#undo")

    assert "write #hold DATE again" in asked.bart.last("command_error").text


def test_what_waits_for_a_promised_date_waits_for_it_again(asked):
    asked.bart.answers("#delay 2026-03-20")
    asked.bart.answers("By the way, which colour?")
    assert asked.ticket().status is Status.PENDING

    asked.bart.answers("#undo")

    assert asked.ticket().status is Status.ON_HOLD
    assert DeadlineKind.PROMISE in kinds(asked)
