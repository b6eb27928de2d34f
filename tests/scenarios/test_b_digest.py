"""B: each operator reads every working morning what is open, due today, overdue and scheduled back."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from helpdesk.model.policy import Digest
from helpdesk.model.ticket import Clock
from helpdesk.store.schema import ABSENCE, DEADLINE, PROMISE


@pytest.fixture
def desk(open_desk):
    """It is Monday 09:00; the next working day opens on Tuesday at 08:00."""
    return opened(open_desk)


def opened(open_desk, **rules):
    desk = open_desk(**rules)
    desk.daily = True
    desk.run()
    return desk


def digests(desk):
    return [(letter.to[0], letter) for letter in desk.sent if letter.name == "digest"]


def line(letter, number):
    return next(row for row in letter.text.splitlines() if row.startswith(f"#{number} "))


def order(letter):
    return [row.split()[0] for row in letter.text.splitlines() if row.startswith("#") and row[1].isdigit()]


def store(desk, table, **row):
    with desk.shop.desk.write() as connection:
        connection.execute(insert(table).values(**row))


def test_an_operator_with_an_open_ticket_gets_a_digest_when_the_day_opens(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.passes(hours=22, minutes=59)
    assert digests(desk) == []

    desk.passes(minutes=2)
    letter = desk.bart.last("digest")
    assert [to for to, _ in digests(desk)] == ["bart@staff.example"]
    assert letter.subject == "Your tickets on 2026-03-03: 1 open, 1 due today"
    row = line(letter, 1)
    for word in ("due today", "03-03 09:00", "03-02 09:00", "Anne", "Where is my order?"):
        assert word in row


def test_who_has_nothing_open_gets_nothing(desk):
    desk.passes(days=2)

    assert digests(desk) == []


def test_it_comes_once_a_day_whatever_restarts(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    desk.passes(hours=23, minutes=30)
    desk.restart()
    desk.restart()

    assert len(digests(desk)) == 1


def test_a_day_off_has_none(desk):
    """Monday to Friday: Saturday and Sunday are left alone."""
    desk.clock.move(timedelta(days=4))  # Friday 09:00
    desk.run()
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    before = len(digests(desk))

    desk.passes(days=2)

    assert len(digests(desk)) == before


def test_an_answered_ticket_waits_for_the_customer(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")

    desk.passes(days=1)

    letter = desk.bart.last("digest")
    assert letter.subject == "Your tickets on 2026-03-03: 1 open"
    assert "waiting" in line(letter, 1)


def test_what_the_customer_waits_too_long_for_is_overdue(open_desk):
    desk = opened(open_desk, operators=open_desk().policy.operators[:1])
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.passes(days=2)

    letter = desk.bart.last("digest")
    assert "1 OVERDUE" in letter.subject
    assert "OVERDUE" in line(letter, 1)


def test_what_was_put_on_hold_until_today_is_back(desk):
    ticket = desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    back = desk.clock() + timedelta(days=1)
    store(
        desk, DEADLINE, ticket=ticket.number, kind="hold", due_at=back, started_at=desk.clock(),
        allowed=timedelta(days=1), clock=Clock.CALENDAR, step=0,
    )  # fmt: skip

    desk.clock.move(timedelta(hours=23, minutes=1))
    desk.run()

    letter = desk.bart.last("digest")
    assert "Scheduled back today: 1" in letter.text
    assert "back today" in line(letter, 1)


def test_what_a_customer_was_promised_for_today_is_named(desk):
    ticket = desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    row = {"made_at": desk.clock(), "by": "bart@staff.example", "reason": "", "state": "open"}
    store(desk, PROMISE, ticket=ticket.number, due_at=desk.clock() + timedelta(days=1), **row)

    desk.passes(hours=23, minutes=1)

    letter = desk.bart.last("digest")
    assert "Promised for today: 1" in letter.text
    assert "promised" in line(letter, 1)


def test_the_most_urgent_stands_first(open_desk):
    desk = opened(open_desk, operators=open_desk().policy.operators[:1])
    desk.anne.asks("First", "One.")
    desk.bart.answers("It is on its way.")
    desk.anne.asks("Second", "Two.")
    desk.anne.asks("Third", "Three.")
    desk.bart.answers("#priority high")

    desk.passes(hours=23, minutes=1)

    letter = desk.bart.last("digest")
    assert order(letter) == ["#3", "#2", "#1"]
    assert "! due today" in line(letter, 3)


def test_whoever_is_away_is_left_in_peace(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.bart.answers("It is on its way.")
    since = desk.clock()
    store(
        desk,
        ABSENCE,
        operator="bart@staff.example",
        since=since,
        until=since + timedelta(days=1),
        why="a holiday",
    )

    desk.passes(hours=23, minutes=1)
    while_away = len(digests(desk))
    desk.passes(days=1)

    assert (while_away, len(digests(desk))) == (0, 1)


def test_a_reply_to_it_proves_its_reader_where_no_ticket_is_meant(desk):
    """What proves nothing and means no ticket would be set aside without a word."""
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(hours=23, minutes=1)

    row = desk.bart.replies("#mine?", "digest")

    assert desk.letters("confirm_sender") == []
    assert not desk.outcome(row).outcome.startswith("ignored:")


def test_a_desk_may_do_without(open_desk):
    desk = opened(open_desk, digest=Digest(operators=False))
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.passes(days=1)

    assert digests(desk) == []
    assert desk.dora.count("daily_report") == 1


def test_it_speaks_the_language_of_the_desk(open_desk):
    desk = opened(open_desk, language="id", languages=("id", "en"))
    desk.anne.asks("Di mana pesanan saya?", "Saya memesan lampu.")

    desk.passes(hours=23, minutes=1)

    letter = desk.bart.last("digest")
    assert letter.subject == "Tiket Anda 2026-03-03: 1 terbuka, 1 jatuh tempo hari ini"
    assert "hari ini" in line(letter, 1)
