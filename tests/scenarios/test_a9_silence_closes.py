"""A9: silence of 2x24 working hours after an answer closes; nudges before; never while the desk owes."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.model.ticket import DeadlineKind, Status
from helpdesk.testing.desk import LIST, PIC

JAKARTA_9 = 2  # 09:00 in Jakarta is 02:00 UTC


def answered_on(desk, month, day):
    desk.clock.now = datetime(2026, month, day, JAKARTA_9, tzinfo=UTC)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    return desk


def closes_at(desk):
    due = next(d.due_at for d in desk.ticket().deadlines if d.kind is DeadlineKind.AUTO_CLOSE)
    return due.astimezone(desk.policy.calendar.timezone).strftime("%a %d %b %H:%M")


@pytest.mark.parametrize(
    ("month", "day", "closes"),
    [
        (3, 2, "Wed 04 Mar 09:00"),  # Monday: two plain days
        (3, 5, "Mon 09 Mar 09:00"),  # Thursday: over the weekend
        (3, 6, "Tue 10 Mar 09:00"),  # Friday
        (3, 17, "Fri 20 Mar 09:00"),  # Tuesday: Thursday the 19th is a holiday
        (3, 18, "Mon 23 Mar 09:00"),  # Wednesday: holiday and weekend
        (3, 7, "Wed 11 Mar 00:00"),  # Saturday counts nothing
    ],
)
def test_only_working_days_count(desk, month, day, closes):
    answered_on(desk, month, day)

    assert closes_at(desk) == closes


def test_the_customer_is_nudged_and_told_when_it_will_be_closed(desk):
    answered_on(desk, 3, 2)

    desk.passes(hours=24)

    letter = desk.anne.last("nudge")
    assert "still difficult?" in letter.text
    assert "Wednesday, 4 March 2026" in letter.text
    assert letter["Auto-Submitted"] == "auto-generated"


def test_silence_closes_with_the_no_feedback_letter(desk):
    answered_on(desk, 3, 2)

    desk.passes(hours=47)
    before = desk.ticket().status
    desk.passes(hours=1)

    assert (before, desk.ticket().status) == (Status.PENDING, Status.SOLVED)
    assert [x.to[0] for x in desk.letters("closed_no_feedback")] == ["anne@customer.example", LIST, PIC]
    assert "have not heard from you" in desk.anne.last("closed_no_feedback").text


def test_several_nudges_come_in_order(open_desk):
    desk = open_desk(nudge_after=(timedelta(hours=12), timedelta(hours=24), timedelta(hours=36)))
    answered_on(desk, 3, 2)

    desk.passes(hours=48)

    assert desk.anne.count("nudge") == 3
    assert "once more" in desk.anne.last("nudge").text


def test_a_nudge_after_the_end_is_never_sent(open_desk):
    desk = open_desk(nudge_after=(timedelta(hours=24), timedelta(hours=72)))
    answered_on(desk, 3, 2)

    desk.passes(days=9)

    assert desk.anne.count("nudge") == 1


def test_a_reply_stops_nudges_and_closing(desk):
    answered_on(desk, 3, 2)
    desk.passes(hours=20)

    desk.anne.replies("It is not here yet.", "answer")
    desk.passes(hours=30)

    assert desk.anne.count("nudge") == 0
    assert desk.ticket().status is Status.OPEN


@pytest.mark.parametrize("days", [3, 30])
def test_never_closed_while_the_ball_is_with_the_desk(desk, days):
    """The customer waits; the operators do nothing; the ticket stays open however long it takes."""
    answered_on(desk, 3, 2)
    desk.anne.replies("It is not here yet.", "answer")

    desk.passes(days=days)

    assert desk.ticket().status is Status.OPEN
    assert desk.anne.count("closed_no_feedback") == 0


def test_a_ticket_that_nobody_answered_is_never_closed(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.passes(days=20)

    assert desk.ticket().status is Status.OPEN


def test_an_out_of_office_does_not_stop_the_closing(desk):
    answered_on(desk, 3, 2)
    desk.anne.replies("I am away.", "answer", Auto_Submitted="auto-replied", envelope="")

    desk.passes(hours=48)

    assert desk.ticket().status is Status.SOLVED


def test_a_late_answer_to_the_closing_letter_reopens(desk):
    answered_on(desk, 3, 2)
    desk.passes(hours=50)

    desk.anne.replies("Sorry, I was ill. It is still not here.", "closed_no_feedback")

    assert desk.ticket().status is Status.OPEN
    assert "open again" in desk.bart.last_personal("customer_reply").text
    assert "reopened" in desk.anne.names()


def test_the_clock_of_the_follow_up_is_configured(open_desk):
    desk = open_desk()
    rules = desk.policy.follow_up
    assert (rules.close_after, str(rules.clock)) == (timedelta(hours=48), "working_days")


def test_a_robot_that_asked_is_not_nudged(desk):
    desk.anne.sends(desk.anne.new([desk.address], "Report", "Numbers."), Auto_Submitted="auto-generated")
    desk.bart.answers("Noted.")

    desk.passes(days=5)

    assert desk.anne.names() == ["answer"]
    assert desk.ticket().status is Status.SOLVED
