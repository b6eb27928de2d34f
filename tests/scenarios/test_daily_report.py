"""Every morning PIC read what has become of all that arrived; once a day, whatever happens to desk and clock."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.model.mail import Arrival, Road
from helpdesk.store import occasions
from helpdesk.store.schema import OCCASION


@pytest.fixture
def desk(open_desk):
    """A desk that began on Monday at 09:00 and reports every day; it opens at 08:00."""
    desk = open_desk()
    desk.daily = True
    desk.run()
    return desk


def reports(desk):
    return [letter for letter in desk.sent if letter.name == "daily_report"]


def by_road(report):
    """The table in the letter: by road and fate."""
    rows = [line.split() for line in report.text.splitlines()]
    head = next(row for row in rows if row[:1] == ["received"])
    return {
        row[0]: dict(zip(head, map(int, row[1:]), strict=True)) for row in rows if len(row) == len(head) + 1
    }


def days(desk):
    return [letter.subject.split()[3].rstrip(":") for letter in reports(desk)]


def test_the_first_report_comes_when_the_next_working_day_opens(desk):
    desk.anne.asks("My order", "Where is it?")
    assert reports(desk) == []

    desk.passes(hours=22, minutes=59)
    assert reports(desk) == []

    desk.passes(minutes=2)
    assert desk.dora.last("daily_report").to == ("pic@desk.example",)
    assert days(desk) == ["2026-03-03"]


def test_the_report_tells_what_became_of_everything(desk):
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("It is on its way.")
    desk.anne.asks("An invoice", "Please send me the invoice.")
    desk.stranger("robot@shop.example").asks("Out of office", "I am away.", Auto_Submitted="auto-replied")
    desk.passes(days=1)

    text = reports(desk)[-1].text
    came = by_road(reports(desk)[-1])["smtp"]
    assert came.pop("received") == sum(came.values())
    assert (came["ticketed"], came["unaccounted"]) == (3, 0)
    assert came["refused"] >= 1
    assert "open     1" in text
    assert "pending  1" in text
    assert "The history of 2 tickets was verified: it is as it was written." in text
    assert "UNACCOUNTED" not in text


def test_the_report_tells_volume_service_and_what_was_set_aside(desk):
    desk.anne.asks("My order", "Where is it?")
    desk.bart.answers("It is on its way.")
    desk.anne.asks("An invoice", "Please send me the invoice.")
    desk.passes(days=2)

    first, second = (report.text for report in reports(desk))
    assert "Since then: 2 new, 0 closed" in first
    assert "First answers in time: 1, late: 0 (100 %)" in first
    assert "Mails set aside that wait for an admin: 0" in first
    assert "Since then: 0 new" in second
    assert "First answers in time: 0, late: 1 (0 %)" in second


def test_each_report_goes_on_where_the_last_one_ended(desk):
    desk.anne.asks("My order", "Where is it?")
    desk.passes(days=1)
    desk.passes(days=1)

    first, second = (by_road(report)["smtp"] for report in reports(desk))
    assert (first["ticketed"], second["ticketed"]) == (1, 0)
    assert "Monday, 2 March 2026, 09:00" in reports(desk)[0].text


def test_a_day_off_has_no_report_and_is_told_of_on_the_next_working_day(desk):
    desk.clock.now = datetime(2026, 3, 6, 2, 0, tzinfo=UTC)  # Friday
    desk.run()
    desk.anne.asks("My order", "Where is it?")
    desk.passes(days=4)

    assert days(desk)[-2:] == ["2026-03-09", "2026-03-10"]
    assert "smtp" in reports(desk)[-2].text


def test_a_restart_in_the_morning_brings_no_second_report(desk):
    desk.passes(days=1)
    for _ in range(3):
        desk.restart()

    assert days(desk) == ["2026-03-03"]


def test_after_long_downtime_one_report_covers_the_gap(desk):
    desk.anne.asks("My order", "Where is it?")
    desk.clock.move(timedelta(days=15))
    desk.restart()
    desk.passes(hours=1)

    assert days(desk) == ["2026-03-17"]
    assert "smtp" in reports(desk)[0].text


def test_a_clock_that_goes_back_over_the_opening_brings_no_second_report(desk):
    desk.clock.move(timedelta(days=7, hours=-1, minutes=1))  # a week without power, up at the opening
    desk.restart()
    desk.clock.move(-timedelta(hours=2))
    desk.passes(hours=5)

    assert days(desk) == ["2026-03-09"]


def test_a_clock_that_jumps_a_year_ahead_and_back_costs_no_report(desk):
    desk.passes(days=1)
    desk.clock.move(timedelta(days=365))
    desk.run()
    desk.clock.move(-timedelta(days=365))
    desk.passes(days=2)

    assert days(desk) == ["2026-03-03", "2027-03-03", "2026-03-04", "2026-03-05"]
    with desk.shop.desk.read() as connection:
        reported = OCCASION.select().where(OCCASION.c.name.like("daily_report%"))
        names = [row.name for row in connection.execute(reported.order_by(OCCASION.c.name))]
    assert names == [f"daily_report {day}" for day in sorted(days(desk))]


def test_every_mail_stands_in_exactly_one_report_however_the_clock_jumps(desk):
    for step in (timedelta(hours=23), timedelta(days=365), timedelta(days=-364), timedelta(days=1)):
        desk.anne.asks(f"Question {step}", "Where is it?")
        desk.clock.move(step)
        desk.run()
    desk.passes(days=1)

    told = sum(by_road(report)["smtp"]["received"] for report in reports(desk))
    with desk.shop.desk.read() as connection:
        assert told == occasions.told(connection).inbox
    assert sum(by_road(report)["smtp"]["ticketed"] for report in reports(desk)) == 4


def test_a_lost_mail_is_told_in_the_subject(desk):
    """The desk has worked beyond a row, and nothing says what it did."""
    for raw in (b"Subject: lost\r\n\r\nlost", b"Subject: kept\r\n\r\nkept"):
        desk.arrive(Arrival(raw=raw, road=Road.SMTP, received_at=desk.clock(), sender="x@y.example"))
    desk.run()
    with desk.shop.desk.write() as connection:
        connection.exec_driver_sql("DELETE FROM handled WHERE spool_id = 1")
    desk.passes(days=1)

    assert "1 UNACCOUNTED FOR" in reports(desk)[-1].subject


def test_a_history_that_was_changed_by_hand_is_told(desk):
    desk.anne.asks("My order", "Where is it?")
    with desk.shop.desk.write() as connection:
        connection.exec_driver_sql("UPDATE journal SET reason = 'nothing happened' WHERE event = 'created'")
    desk.passes(days=1)

    text = reports(desk)[-1].text
    assert "NOT as it was written" in text
    assert "- ticket 1, line 1:" in text


def test_the_report_speaks_the_language_of_the_desk(open_desk):
    desk = open_desk(language="id", languages=("id", "en"))
    desk.daily = True
    desk.run()
    desk.anne.asks("Pesanan saya", "Di mana?")
    desk.passes(days=1)

    assert reports(desk)[-1].subject.startswith("Laporan harian 2026-03-03: ")


def test_without_pic_nobody_is_told_and_the_day_is_done(open_desk):
    desk = open_desk(pic_addresses=(), pics=())
    desk.daily = True
    desk.run()
    desk.passes(days=3)

    assert reports(desk) == []
    with desk.shop.desk.read() as connection:
        assert len(list(connection.execute(OCCASION.select()))) == 3
