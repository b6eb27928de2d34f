"""Automatic letters to customers are counted (F13, T7): exactly near a cap, and never as fewer than they are."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from store_helpers import NOW, minutes

from helpdesk.model.effects import Greet
from helpdesk.model.events import Greetings
from helpdesk.store import greetings

ANNE, LETTERS = "anne@customer.example", ("acknowledgement", "assigned")


@pytest.fixture
def desk(store):
    with store.desk.write() as connection:
        yield connection


def greeted(desk, at, number=1, address=ANNE, letter="acknowledgement", withheld=""):
    one = Greet(address=address, letter=letter, verified=False, withheld=withheld)
    greetings.add(desk, [one] * number, at)


def counted(desk, cap, now=NOW):
    counted, _ = greetings.of_customer(desk, ANNE, LETTERS, cap, now)
    return counted


def test_letters_are_counted_by_address_domain_and_hour(desk):
    greeted(desk, NOW - timedelta(days=2), 4)
    greeted(desk, NOW - timedelta(hours=2), 3)
    greeted(desk, NOW - minutes(59), 2, address="bart@customer.example")
    greeted(desk, NOW - minutes(30), 1, letter="assigned")
    greeted(desk, NOW - minutes(20), 5, address="cate@else.example")
    greeted(desk, NOW - minutes(10), 1)

    assert counted(desk, 5000) == Greetings(of_day=5, of_hour=2, of_domain=3, in_all=9)


def test_nobody_was_written_to_yet(desk):
    assert counted(desk, 5000) == Greetings()


@pytest.mark.parametrize("seed", range(5))
def test_near_the_cap_of_all_what_was_written_in_the_hour_is_counted_exactly(desk, seed):
    dice = Random(seed)
    written = 0
    for ago in sorted((dice.randrange(120) for _ in range(60)), reverse=True):
        withheld = dice.choice(["", "", "flood"])
        number = dice.randrange(1, 6)
        greeted(desk, NOW - minutes(ago), number, "x@else.example", withheld=withheld)
        written += number if ago < 60 and not withheld else 0

    assert counted(desk, written + 1).in_all == written
    assert counted(desk, written - 1).in_all == written - 1, "beyond the cap nobody counts"
    assert written <= counted(desk, 100_000).in_all < 400


def test_a_clock_that_was_set_back_hides_nothing_that_was_written_within_an_hour(desk):
    """MAIL_RULES 5.5."""
    greeted(desk, NOW - timedelta(hours=3), 7)
    greeted(desk, NOW + timedelta(hours=2), 20)  # before it was set back, from 11 to 9 o'clock
    greeted(desk, NOW, 5)

    assert counted(desk, 5000, NOW + minutes(30)).in_all >= 25
    greeted(desk, NOW + minutes(50), 3)
    assert counted(desk, 5000, NOW + minutes(70)).in_all >= 3
