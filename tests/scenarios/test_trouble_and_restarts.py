"""The power goes, mails that cannot be handled, mails that kill their worker: nothing is lost, nothing doubled."""

import json

import pytest

from helpdesk.flow.admin import ask as order
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.ticket import Status
from helpdesk.store import handled
from helpdesk.testing.desk import ADDRESS


def conversation(desk):
    """A whole life of a ticket, step by step."""
    yield desk.anne.asks("Where is my order?", "I ordered a lamp.")
    yield desk.passes(hours=13)
    yield desk.bart.answers("It is on its way.")
    yield desk.anne.replies("It is not here.", "answer")
    yield desk.bart.answers("Tomorrow.")
    yield desk.passes(days=3)
    yield desk.dora.replies("", "close_notice")
    yield desk.anne.replies("5 in the end", "survey")


def played(desk, restart_after=None):
    for step, _ in enumerate(conversation(desk)):
        if restart_after in (step, "every"):
            desk.restart()
    return [(x.name, x.to) for x in desk.sent], desk.history(), desk.ticket().rating.score


@pytest.mark.parametrize("step", [0, 2, 4, 5, 7, "every"])
def test_a_restart_changes_nothing_for_anybody(open_desk, step):
    assert played(open_desk(), step) == played(open_desk())


def test_a_mail_in_the_spool_at_the_power_cut_is_handled_after_it(desk):
    """P1, P2: what was acknowledged to the sender is not lost."""
    desk.receive(
        desk.anne.new([ADDRESS], "Where is my order?", "I ordered a lamp.").as_bytes(),
        desk.anne.address,
        (ADDRESS,),
    )

    desk.restart()

    assert desk.newest().number == 1
    assert desk.anne.count("acknowledgement") == 1


def test_a_deadline_that_passed_during_the_outage_rings_after_it(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.clock.now = desk.next_alarm()

    desk.restart()

    assert desk.bart.count("reminder") == 1


def admin_row(desk, content):
    raw = json.dumps(content).encode()
    return desk.arrive(Arrival(raw=raw, road=Road.ADMIN, received_at=desk.clock(), kind=Happening.ADMIN))


def test_what_cannot_be_handled_is_parked_and_pic_are_told(desk):
    row = admin_row(desk, {"order": "make_coffee", "id": 1})

    desk.run()

    assert desk.outcome(row).state == "parked"
    assert desk.outcome(row).attempts == 3
    assert "make_coffee" in desk.outcome(row).reason
    assert str(row) in desk.dora.last("parked").text


def test_a_parked_row_does_not_stop_the_others(desk):
    admin_row(desk, {"order": "make_coffee", "id": 1})

    ticket = desk.anne.asks("Where is my order?", "I ordered a lamp.")

    assert ticket.number == 1
    assert desk.anne.count("acknowledgement") == 1


def test_a_parked_row_can_be_replayed(desk):
    row = admin_row(desk, {"order": "make_coffee", "id": 1})
    desk.run()

    desk.arrive(order("inbox_replay", row, desk.clock()))
    desk.run()

    assert desk.outcome(row).state == "parked"
    assert desk.dora.count("parked") == 2


def test_a_mail_that_was_parked_is_done_when_replayed(desk):
    """The reason is gone, as after an upgrade: the mail is handled as if it had just come."""
    row = desk.receive(
        desk.anne.new([ADDRESS], "Where is my order?", "I ordered a lamp.").as_bytes(),
        desk.anne.address,
        (ADDRESS,),
    )
    with desk.shop.desk.write() as connection:
        handled.finish(connection, row, state="parked", outcome="parked", reason="a bug", now=desk.clock())

    desk.arrive(order("inbox_replay", row, desk.clock()))
    desk.run()

    assert desk.outcome(row).outcome == "customer_wrote"
    assert desk.anne.count("acknowledgement") == 1


def test_a_mail_that_kills_its_worker_becomes_a_ticket_by_its_head(desk):
    """P6: tried three times, then only the header is read, and PIC are told."""
    row = desk.receive(
        desk.anne.new([ADDRESS], "Where is my order?", "deadly words").as_bytes(),
        desk.anne.address,
        (ADDRESS,),
    )
    for _ in range(3):
        with desk.shop.desk.write() as connection, desk.shop.spool.read() as spool:
            handled.take(connection, spool, 50, desk.clock(), desk.shop.node)
    desk.run()

    assert desk.outcome(row).state == "done"
    assert desk.ticket().subject == "Where is my order?"
    assert all("deadly words" not in e.text for e in desk.entries())
    assert desk.dora.count("parked") == 1
    assert desk.ticket().status is Status.OPEN


def test_a_mail_without_anything_is_set_aside_by_a_named_rule(desk):
    row = desk.post(b"\r\n", "")

    assert desk.outcome(row).outcome.startswith("ignored:")
    assert desk.sent == []


def test_every_mail_ends_as_exactly_one_thing(desk):
    """P2: the sum of the outcomes equals the number received."""
    played(desk)
    desk.post(b"garbage", "zoe@elsewhere.example")
    admin_row(desk, {"order": "make_coffee", "id": 1})
    desk.run()

    with desk.shop.desk.read() as connection, desk.shop.spool.read() as spool:
        rows = handled.latest(connection, 1000)
        waiting = handled.waiting_count(connection, spool)
    assert waiting == 0
    assert {r.state for r in rows} <= {"done", "parked"}
    assert all(r.outcome and r.reason for r in rows)
