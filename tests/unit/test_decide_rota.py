"""Whose turn it is: the longest overdue among those who can take it, with a reason for everybody skipped."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.decide.assignment import fairest_claim, next_operator
from helpdesk.model.events import Turn
from helpdesk.model.people import Person
from helpdesk.model.policy import Assignment
from helpdesk.model.ticket import Claim

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
BART, CATE, DAN = (Person(n, f"{n.lower()}@staff.example") for n in ("Bart", "Cate", "Dan"))
PLAIN = Assignment()


def hours_ago(hours):
    return NOW - timedelta(hours=hours)


def test_the_longest_overdue_is_next():
    rota = (Turn(BART, hours_ago(1)), Turn(CATE, hours_ago(5)), Turn(DAN, hours_ago(3)))

    assert next_operator(rota, PLAIN)[0] is CATE


def test_who_never_had_a_turn_comes_first():
    assert next_operator((Turn(BART, hours_ago(99)), Turn(CATE)), PLAIN)[0] is CATE


def test_the_alphabet_breaks_a_tie():
    assert next_operator((Turn(CATE), Turn(BART)), PLAIN)[0] is BART


@pytest.mark.parametrize(
    ("turn", "why"),
    [
        (Turn(BART, away=True), "is away"),
        (Turn(BART, cards=3, suspended=True), "off the rota with 3 yellow cards"),
        (Turn(BART, open_tickets=2), "has a full plate (2 open)"),
    ],
)
def test_who_cannot_take_it_is_skipped_with_a_reason(turn, why):
    person, reasons = next_operator((turn, Turn(CATE, hours_ago(1))), Assignment(max_open=2))

    assert person is CATE
    assert why in reasons[0]


def test_who_has_just_had_it_is_passed_over():
    person, reasons = next_operator((Turn(BART), Turn(CATE, NOW)), PLAIN, {BART.address})

    assert person is CATE
    assert "has just had it" in reasons[0]


def test_nobody_is_an_answer_too():
    assert next_operator((), PLAIN) == (None, ("no operator is available",))


def test_without_a_limit_no_plate_is_full():
    assert next_operator((Turn(BART, open_tickets=999),), PLAIN)[0] is BART


def test_among_claims_the_longest_overdue_wins():
    rota = (Turn(BART, hours_ago(1)), Turn(CATE, hours_ago(2)), Turn(DAN))

    person, reasons = fairest_claim((Claim(BART.address, NOW), Claim(CATE.address, NOW)), rota, PLAIN)

    assert person is CATE
    assert "claims by Bart, Cate" in reasons[0]


def test_a_claim_of_somebody_who_has_left_counts_nothing():
    assert fairest_claim((Claim("gone@staff.example", NOW),), (Turn(BART),), PLAIN)[0] is None
