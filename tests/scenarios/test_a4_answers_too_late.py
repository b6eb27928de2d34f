"""A4, C: an answer after the deadline is a breach on record, also where it is handled before the clock rings."""

from datetime import timedelta

import pytest

from helpdesk.flow.intake import take_in
from helpdesk.flow.ring import ring
from helpdesk.model.policy import OnBreach
from helpdesk.store.reporting import Between, steps

STAYS = frozenset({OnBreach.YELLOW_CARD, OnBreach.NOTIFY_PIC})


@pytest.fixture
def desk(open_desk):
    desk = open_desk(on_breach=STAYS)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    return desk


def writes(desk, text, *, late, handled):
    """Bart's mail is received so long after the deadline (or before it) and handled then, before the clock rings."""
    desk.passes(hours=23)
    desk.run()
    desk.clock.move(timedelta(hours=1) + late)
    mail = desk.bart.reply(desk.bart.last_personal("assignment"), text)
    desk.receive(mail.as_bytes(), desk.bart.address, (mail["To"].split("<")[-1].rstrip(">"),))
    desk.clock.move(handled - late)
    assert take_in(desk.shop) == 1
    desk.run()


LATE = {"late": timedelta(seconds=1), "handled": timedelta(seconds=2)}
IN_TIME = {"late": timedelta(minutes=-1), "handled": timedelta(seconds=2)}


@pytest.mark.parametrize(
    "text",
    ["It is on its way.", "#close\nIt is on its way.", "#delay 2026-03-06 the supplier", "#cancel the lamp"],
)
def test_a_late_first_answer_is_a_breach_before_it_is_an_answer(desk, text):
    writes(desk, text, **LATE)

    history = desk.history()
    assert history.count("breached") == 1
    assert "Bart had it" in next(line.reason for line in desk.lines() if line.event == "breached")
    assert "yellow_card" not in history
    assert desk.dora.count("breach_notice") == 1
    assert "somebody took care of it before the clock noticed" in desk.dora.last("breach_notice").text
    assert desk.bart.count("breach") == 0


def test_the_report_counts_it_as_late(desk):
    writes(desk, "It is on its way.", **LATE)

    with desk.shop.desk.read() as connection:
        span = Between(desk.clock() - timedelta(days=9), desk.clock() + timedelta(days=1))
        events = [step.event for step in steps(connection, span)]
    assert events.index("breached") < events.index("answered")


def test_a_late_answer_to_a_later_letter_is_one_too(desk):
    desk.bart.answers("What is the number?")
    desk.anne.replies("It is 4711.", "answer")

    writes(desk, "It is on its way.", **LATE)

    assert desk.history().count("breached") == 1


@pytest.mark.parametrize("text", ["#hold 2026-03-06", "#release I am ill", "#assign Cate"])
def test_whatever_takes_the_deadline_away_leaves_the_breach(desk, text):
    """Silence until the deadline costs, whatever is said after it."""
    writes(desk, text, **LATE)

    assert desk.history().count("breached") == 1


@pytest.mark.parametrize("text", ["It is on its way.", "#release I am ill"])
def test_what_was_received_in_time_is_none_though_it_is_handled_after(desk, text):
    writes(desk, text, **IN_TIME)

    assert "breached" not in desk.history()
    assert desk.dora.count("breach_notice") == 0


def test_once_rung_it_is_not_recorded_again(desk):
    desk.passes(hours=24)

    desk.bart.answers("It is on its way.")

    assert desk.history().count("breached") == 1


def test_a_new_date_after_the_one_in_the_acknowledgement_is_on_record(open_desk):
    """The operator's own time began later, with the claim: no breach of theirs, but the customer was told."""
    desk = open_desk(mode="claim", claim_timeout=timedelta(hours=9))
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(hours=5)
    desk.bart.claims()
    desk.passes(hours=20)

    desk.bart.answers("#delay 2026-03-06 the supplier delivers later")

    assert "promise_broken" in desk.history()
    assert "breached" not in desk.history()
    assert ring(desk.shop) == 0
