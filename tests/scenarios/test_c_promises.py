"""C: the customer is told of delays up front, with the new date, before the old one has passed."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.model.affairs import PromiseState
from helpdesk.model.ticket import DeadlineKind, Status
from helpdesk.store import promises
from helpdesk.testing.desk import LIST, PIC

FRIDAY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)  # 16:00 in Jakarta, when the desk closes


@pytest.fixture
def asked(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    return desk


@pytest.fixture
def promised(asked):
    asked.bart.answers("#delay 2026-03-06 the supplier delivers later")
    return asked


def made(desk):
    with desk.shop.desk.read() as connection:
        return [(p.due_at, p.state) for p in promises.of_tickets(connection, [1]).get(1, [])]


def test_the_customer_is_told_the_new_date_and_the_reason(promised):
    text = promised.anne.last("delay").text

    assert "Friday, 6 March 2026, 16:00" in text
    assert "the supplier delivers later" in text
    assert "longer than we had expected" in text
    assert "Auto-Submitted" not in promised.anne.last("delay").mail


def test_the_customer_first_then_list_and_pic(promised):
    """D: delay is told to the customer first, then to PIC."""
    assert [letter.to[0] for letter in promised.letters("delay")] == ["anne@customer.example", LIST, PIC]


def test_words_below_go_into_the_letter(asked):
    asked.bart.answers("#delay 2026-03-06\n\nDear Anne, I have called them twice.")

    assert "Dear Anne, I have called them twice." in asked.anne.last("delay").text
    assert asked.anne.count("answer") == 0
    assert any("called them twice" in entry.text for entry in asked.entries())


def test_a_promise_is_an_answer_and_the_ticket_waits_for_the_day(promised):
    ticket = promised.ticket()

    assert ticket.status is Status.ON_HOLD
    assert ticket.first_response_at is not None
    assert made(promised) == [(FRIDAY, PromiseState.OPEN)]
    assert {d.kind for d in ticket.deadlines} == {DeadlineKind.PROMISE, DeadlineKind.PROMISE_REMINDER}


def test_the_operator_is_reminded_before(promised):
    promised.passes(days=4, hours=4)

    assert promised.bart.count("promise_reminder") == 2
    assert "the supplier delivers later" in promised.bart.last("promise_reminder").text


def test_solved_by_then_it_is_kept(promised):
    promised.passes(days=3)

    promised.bart.answers("#close\n\nYour lamp is here.")

    assert made(promised) == [(FRIDAY, PromiseState.KEPT)]
    assert "promise_kept" in promised.history()
    promised.passes(days=9)
    assert promised.bart.count("promise_broken") == 0


def test_a_day_that_passes_is_a_broken_promise_told_once_to_operator_and_pic(promised):
    promised.passes(days=9)

    assert made(promised) == [(FRIDAY, PromiseState.BROKEN)]
    assert [letter.to[0] for letter in promised.letters("promise_broken")] == ["bart@staff.example", PIC]
    assert promised.history().count("promise_broken") == 1


def test_with_a_broken_promise_the_operator_owes_an_answer(promised):
    promised.clock.now = FRIDAY
    promised.run()

    ticket = promised.ticket()
    assert ticket.status is Status.OPEN
    due = [d.due_at for d in ticket.deadlines if d.kind is DeadlineKind.NEXT_RESPONSE]
    assert due == [FRIDAY + timedelta(hours=24)]


def test_a_new_date_in_time_moves_the_promise(promised):
    promised.passes(days=3)

    promised.bart.answers("#delay 2026-03-13")
    promised.passes(days=3)

    states = [state for _, state in made(promised)]
    assert states == [PromiseState.MOVED, PromiseState.OPEN]
    assert promised.dora.count("promise_broken") == 0
    assert "longer than we had expected" in promised.anne.last("delay").text


def test_after_the_old_date_it_says_so_and_records_the_breach(promised):
    promised.passes(days=5)

    promised.bart.answers("#delay 2026-03-13")

    assert [state for _, state in made(promised)] == [PromiseState.BROKEN, PromiseState.OPEN]
    assert "Fri 2026-03-06 16:00, was over already" in promised.bart.last("receipt").text
    text = promised.anne.last("delay").text
    assert "Friday, 6 March 2026, 16:00" in text
    assert "we should have written to you before" in text
    assert "Friday, 13 March 2026, 16:00" in text
    assert promised.dora.count("promise_broken") == 1


def test_a_delay_that_meets_a_date_nobody_has_rung_yet_breaks_it(promised):
    """The mail was read before the alarm clock: the promise is broken all the same, once."""
    promised.clock.now = FRIDAY + timedelta(minutes=1)
    letter = promised.bart.reply(promised.bart.last_personal("assignment"), "#delay 2026-03-13")

    promised.bart.sends(letter)
    promised.run()

    assert [state for _, state in made(promised)] == [PromiseState.BROKEN, PromiseState.OPEN]
    assert promised.dora.count("promise_broken") == 1


def test_the_date_of_the_acknowledgement_counts_too(open_desk):
    """A first answer that is overdue is no date to be moved silently."""
    desk = open_desk(on_breach=frozenset())
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(hours=30)

    desk.bart.answers("#delay 2026-03-06")

    assert "was over already" in desk.bart.last("receipt").text
    assert "we should have written to you before" in desk.anne.last("delay").text


def test_a_customer_who_writes_meanwhile_is_answered_and_the_date_stays(promised):
    promised.anne.replies("Is it really Friday?", "delay")
    promised.bart.answers("Yes, it is.")

    ticket = promised.ticket()
    assert ticket.status is Status.PENDING
    assert made(promised) == [(FRIDAY, PromiseState.OPEN)]
    assert min(d.due_at for d in ticket.deadlines if d.kind is DeadlineKind.NUDGE) > FRIDAY
    promised.passes(days=3)
    assert promised.ticket().status is Status.PENDING


def test_the_letters_language_is_the_customers(desk):
    desk.anne.asks("Pesanan saya", "Di mana?", Content_Language="id")

    desk.bart.answers("#delay jumat pemasok terlambat")

    text = desk.anne.last("delay").text
    assert "Jumat, 6 Maret 2026, 16:00" in text
    assert "pemasok terlambat" in text


@pytest.mark.parametrize("line", ["#delay 2026-02-27", "#delay", "#delay soon"])
def test_no_date_or_one_that_is_over_is_refused(asked, line):
    asked.bart.answers(line)

    assert f">>> {line}" in asked.bart.last("command_error").text
    assert asked.anne.count("delay") == 0
    assert made(asked) == []


def test_a_merge_takes_the_promise_along(promised):
    promised.anne.asks("My order again", "Where is the lamp?")
    letter = next(x for x in promised.bart.mailbox if x.name == "assignment" and "-o" in x["Reply-To"])

    promised.bart.sends(promised.bart.reply(letter, "#merge 2"))

    with promised.shop.desk.read() as connection:
        found = promises.of_tickets(connection, [1, 2])
    assert [p.state for p in found[1]] == [PromiseState.MOVED]
    assert [(p.due_at, p.state) for p in found[2]] == [(FRIDAY, PromiseState.OPEN)]
    assert FRIDAY in {d.due_at for d in promised.ticket(2).deadlines if d.kind is DeadlineKind.PROMISE}
