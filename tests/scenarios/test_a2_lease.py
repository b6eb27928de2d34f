"""A2: a claim is a lease: who claims and stays silent gives the ticket back, in working time and without a card."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.model.ticket import Clock, DeadlineKind, Status

LEASE = timedelta(hours=4)


@pytest.fixture
def lease_desk(open_desk):
    """Operators claim, and have four working hours to show that they are at work; it is Monday, 09:00 in Jakarta."""
    return open_desk(mode="claim", claim_lease=LEASE)


def claimed(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.claims()


def lease_of(desk):
    return next((d for d in desk.ticket().deadlines if d.kind is DeadlineKind.CLAIM_LEASE), None)


def test_who_claims_and_stays_silent_gives_it_back(lease_desk):
    claimed(lease_desk)

    lease_desk.passes(hours=4)

    assert (lease_desk.ticket().status, lease_desk.ticket().operator) == (Status.NEW, None)
    assert "lease_over" in lease_desk.history()


def test_both_sides_and_the_colleagues_are_told(lease_desk):
    claimed(lease_desk)

    lease_desk.passes(hours=4)

    told = lease_desk.bart.last("taken_back").text
    assert "you claimed ticket number 1, and we have not heard from you about it yet" in told
    assert "There is no yellow card for this." in told
    assert "a colleague will take over" in lease_desk.anne.last("handover").text
    assert "is free again" in lease_desk.cate.last("new_ticket").text


def test_it_can_be_claimed_again_by_anybody(lease_desk):
    claimed(lease_desk)
    lease_desk.passes(hours=4)

    lease_desk.cate.claims()

    assert lease_desk.ticket().operator == "cate@staff.example"
    assert lease_of(lease_desk) is not None


def test_if_nobody_claims_it_the_rota_passes_over_who_was_silent(lease_desk):
    lease_desk.anne.asks("An older question", "Hello?")
    lease_desk.cate.claims()
    lease_desk.cate.answers("Hello!")
    lease_desk.passes(minutes=1)
    lease_desk.anne.asks("Where is my order?", "I ordered a lamp.")
    lease_desk.bart.claims()

    lease_desk.passes(hours=4 + 2)

    assert lease_desk.ticket(2).operator == "cate@staff.example"


def test_a_lease_costs_no_card(lease_desk):
    claimed(lease_desk)

    lease_desk.passes(hours=5)

    assert "yellow_card" not in lease_desk.history()
    assert lease_desk.letters("breach") == []


def test_only_working_hours_count(lease_desk):
    """Claimed on Friday at 14:00: two hours are left before the weekend, two more come on Monday."""
    lease_desk.clock.now = datetime(2026, 3, 6, 7, 0, tzinfo=UTC)
    claimed(lease_desk)

    assert lease_of(lease_desk).due_at == datetime(2026, 3, 9, 3, 0, tzinfo=UTC)


def test_it_can_be_counted_by_another_clock(open_desk):
    desk = open_desk(mode="claim", claim_lease=LEASE, lease_clock=Clock.CALENDAR)
    desk.clock.now = datetime(2026, 3, 6, 7, 0, tzinfo=UTC)
    claimed(desk)

    assert lease_of(desk).due_at == datetime(2026, 3, 6, 11, 0, tzinfo=UTC)


def test_an_answer_keeps_the_ticket(lease_desk):
    claimed(lease_desk)
    lease_desk.passes(hours=3)
    lease_desk.bart.answers("It is on its way.")
    lease_desk.anne.replies("When?")

    lease_desk.passes(hours=10)

    assert lease_desk.ticket().operator == "bart@staff.example"
    assert lease_desk.bart.count("taken_back") == 0


def test_an_order_about_it_shows_that_they_are_at_work(lease_desk):
    claimed(lease_desk)
    lease_desk.passes(hours=3)
    lease_desk.bart.answers("#claim")

    lease_desk.passes(hours=10)

    assert lease_desk.ticket().operator == "bart@staff.example"


def test_a_customers_mail_does_not_keep_it(lease_desk):
    claimed(lease_desk)
    lease_desk.anne.replies("It is order 4711.")

    lease_desk.passes(hours=4)

    assert lease_desk.ticket().operator is None
    assert "4711" in lease_desk.cate.last("new_ticket").text


def test_who_was_given_the_ticket_by_the_rota_has_no_lease(open_desk):
    desk = open_desk(mode="claim", claim_lease=LEASE)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(hours=2)

    assert desk.ticket().operator is not None
    assert lease_of(desk) is None


def test_without_the_key_there_is_no_lease(claim_desk):
    claimed(claim_desk)

    assert lease_of(claim_desk) is None
