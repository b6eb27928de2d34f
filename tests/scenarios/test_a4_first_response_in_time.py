"""A4: first response within 24 hours; reminders before, a yellow card after, and somebody else gets a chance."""

from datetime import timedelta

import pytest

from helpdesk.model.people import Person
from helpdesk.model.policy import OnBreach
from helpdesk.model.ticket import DeadlineKind, Status
from helpdesk.store import people
from helpdesk.testing.desk import PIC


def ask(desk):
    return desk.anne.asks("Where is my order?", "I ordered a lamp.")


def cards(desk):
    with desk.shop.desk.read() as connection:
        return [card.operator for card in people.cards(connection)]


def test_reminders_come_at_half_and_at_nine_tenths(desk):
    ask(desk)

    desk.passes(hours=12)
    at_half = desk.bart.count("reminder")
    desk.passes(hours=9, minutes=36)

    assert (at_half, desk.bart.count("reminder")) == (1, 2)
    assert "09:00" in desk.bart.last("reminder").text
    assert "I ordered a lamp." in desk.bart.last("reminder").text


def test_no_reminder_after_the_answer(desk):
    ask(desk)
    desk.bart.answers("It is on its way.")

    desk.passes(hours=23)

    assert desk.bart.count("reminder") == 0


def test_an_answer_in_time_costs_nothing(desk):
    ask(desk)
    desk.passes(hours=23)

    desk.bart.answers("It is on its way.")
    desk.passes(days=9)

    assert cards(desk) == []
    assert "breached" not in desk.history()


def test_a_breach_is_recorded_carded_and_told(desk):
    ask(desk)

    desk.passes(hours=24)

    assert cards(desk) == ["bart@staff.example"]
    assert [e for e in desk.history() if e in ("breached", "yellow_card")] == ["breached", "yellow_card"]
    assert "1 of 3" in desk.bart.last("breach").text
    assert "Bart" in desk.dora.last("breach_notice").text


def test_a_breach_gives_the_ticket_to_somebody_else_with_a_new_clock(desk):
    ask(desk)

    desk.passes(hours=24)

    ticket = desk.ticket()
    assert (ticket.operator, ticket.status) == ("cate@staff.example", Status.OPEN)
    assert "Cate has the ticket now" in desk.bart.last("breach").text
    due = next(d for d in ticket.deadlines if d.kind is DeadlineKind.FIRST_RESPONSE)
    assert due.due_at == desk.clock() + timedelta(hours=24)


def test_the_customer_is_told_of_the_new_operator(desk):
    ask(desk)

    desk.passes(hours=24)

    assert desk.anne.names() == ["acknowledgement", "assigned", "handover"]
    assert "Cate" in desk.anne.last("handover").text


def test_the_new_operator_reads_the_question(desk):
    ask(desk)

    desk.passes(hours=24)

    assert "I ordered a lamp." in desk.cate.last_personal("assignment").text


def test_the_new_operator_reads_all_that_waits_for_an_answer(desk):
    """The handover letter promises the customer that nothing is lost."""
    ask(desk)
    desk.anne.replies("It is order 12.", "acknowledgement")

    desk.passes(hours=24)

    text = desk.cate.last_personal("assignment").text
    assert "> I ordered a lamp.\n>\n> It is order 12." in text


def test_the_first_operator_may_still_answer_after_losing_it(desk):
    """Whoever answers helps the customer; nothing is thrown away."""
    ask(desk)
    desk.passes(hours=25)

    desk.bart.answers("Sorry, it is on its way.")

    assert desk.anne.last("answer").text.startswith("Sorry, it is on its way.")
    assert desk.ticket().status is Status.PENDING


def test_when_nobody_else_is_available_the_clock_starts_again(open_desk):
    desk = open_desk(operators=(Person("Bart", "bart@staff.example"),))
    ask(desk)

    desk.passes(hours=24)

    ticket = desk.ticket()
    assert ticket.operator == "bart@staff.example"
    assert "The ticket is still yours" in desk.bart.last("breach").text
    assert min(d.due_at for d in ticket.deadlines if d.kind is DeadlineKind.FIRST_RESPONSE) == (
        desk.clock() + timedelta(hours=24)
    )


def test_cards_add_up_until_the_rota_passes_over(open_desk):
    """Three cards within ninety days: bart gets no more tickets, PIC are told once."""
    desk = open_desk(on_breach=frozenset({OnBreach.YELLOW_CARD, OnBreach.NOTIFY_PIC}))
    ask(desk)

    desk.passes(hours=73)
    later = [ask(desk).operator, ask(desk).operator]

    assert cards(desk) == ["bart@staff.example"] * 3
    assert desk.dora.count("card_notice") == 1
    assert later == ["cate@staff.example"] * 2


def test_cards_fade_after_the_period(open_desk):
    desk = open_desk(on_breach=frozenset({OnBreach.YELLOW_CARD}), limit=1)
    ask(desk)
    desk.passes(hours=25)
    desk.bart.answers("At last: it is on its way.")
    desk.passes(days=91)

    owners = [ask(desk).operator for _ in range(2)]

    assert set(owners) == {"bart@staff.example", "cate@staff.example"}


@pytest.mark.parametrize("on_breach", [frozenset(), frozenset({OnBreach.NOTIFY_PIC})])
def test_what_a_breach_does_is_configured(open_desk, on_breach):
    desk = open_desk(on_breach=on_breach)
    ask(desk)

    desk.passes(hours=24)

    assert cards(desk) == []
    assert desk.ticket().operator == "bart@staff.example"
    assert desk.dora.count("breach_notice") == len(on_breach)
    assert "There is no yellow card" in desk.bart.last("breach").text


def test_no_card_notice_without_a_limit(open_desk):
    desk = open_desk(limit=0, on_breach=frozenset({OnBreach.YELLOW_CARD}))
    ask(desk)

    desk.passes(days=5)

    assert desk.dora.count("card_notice") == 0
    assert ask(desk).operator in {"bart@staff.example", "cate@staff.example"}


def test_working_hours_do_not_count_the_night(open_desk):
    """Monday 09:00 with eight hours: seven on Monday, one on Tuesday."""
    desk = open_desk(clock="working_hours", first_response=timedelta(hours=8))
    ask(desk)

    due = next(d for d in desk.ticket().deadlines if d.kind is DeadlineKind.FIRST_RESPONSE)
    assert due.due_at.astimezone(desk.policy.calendar.timezone).strftime("%a %H:%M") == "Tue 09:00"


def test_a_free_ticket_breaches_nothing(claim_desk):
    """The first response counts from the assignment (A3, A4)."""
    ask(claim_desk)
    claim_desk.passes(hours=1)

    assert {d.kind for d in claim_desk.ticket().deadlines} == {DeadlineKind.CLAIM_TIMEOUT}


def test_a_clock_that_jumps_far_ahead_rings_every_deadline_once(desk):
    """P11: the desk was off for two days."""
    ask(desk)

    desk.clock.move(timedelta(days=2))
    desk.run()

    assert desk.history().count("breached") == 1
    assert desk.bart.count("breach") == 1
    assert desk.cate.count("reminder") == 0


def test_the_breach_is_told_to_the_shared_pic_address_once(desk):
    ask(desk)

    desk.passes(hours=24)

    assert [letter.to for letter in desk.letters("breach_notice")] == [(PIC,)]
