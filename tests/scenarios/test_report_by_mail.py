"""PIC ask for figures by mail and get a table, a chart and files for a spreadsheet."""

import csv
import io
from datetime import UTC, datetime

import pytest

from helpdesk.testing.desk import ADDRESS


@pytest.fixture
def desk(open_desk):
    """Two weeks: anne asks twice in the first week, cate lets one of the two wait, and once in the second.

    Today is Monday the 16th.
    """
    desk = open_desk(require="address")
    desk.anne.asks("My order", "Where is it?")
    desk.passes(hours=2)
    desk.bart.answers("It is on its way.")
    desk.anne.asks("An invoice", "Please send it.")
    desk.passes(days=7)
    desk.anne.asks("A third thing", "Hello?")
    desk.passes(days=7)
    desk.clock.now = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)
    return desk


def asks(person, subject, text=""):
    return person.sends(person.new([ADDRESS], subject, text))


def parts(letter):
    return {part.get_content_type(): part for part in letter.mail.walk()}


def table(letter, name):
    return list(csv.DictReader(io.StringIO(letter.attachments[name].decode("utf-8-sig"))))


def test_a_pic_gets_the_figures_of_last_week(desk):
    row = asks(desk.dora, "Report last week")

    letter = desk.dora.last("report")
    assert desk.outcome(row).outcome == "report_asked"
    assert letter.to == ("dora@staff.example",)
    assert letter.subject == "Report 2026-03-09 – 2026-03-15: 1 tickets"
    assert "Tickets that came: 1" in letter.text
    assert desk.anne.names().count("report") == 0


def test_the_letter_has_a_table_a_chart_and_files_for_a_spreadsheet(desk):
    asks(desk.dora, "report 2026-03")

    letter = desk.dora.last("report")
    found = parts(letter)
    picture, html = found["image/png"], found["text/html"].get_payload(decode=True).decode()
    assert picture.get_payload(decode=True).startswith(b"\x89PNG")
    assert len(picture.get_payload(decode=True)) < 30_000
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html
    assert 'alt="Bars by day: 3 tickets came;' in html
    assert "multipart/related" in found
    days = {row["day"]: row for row in table(letter, "days.csv")}
    assert (days["2026-03-02"]["tickets"], days["2026-03-02"]["answers_in_time"]) == ("2", "1")
    bart = next(row for row in table(letter, "operators.csv") if row["name"] == "Bart")
    assert (bart["answers"], bart["median_seconds"]) == ("1", "7200")


def test_what_was_late_is_told(desk):
    asks(desk.dora, "report 2026-03")

    text = desk.dora.last("report").text
    assert "First answers in time: 1, late: 1 (50 %)" in text
    assert "half within 2:00, nine of ten within 2:00" in text
    assert any(line.startswith("2026-03-02") for line in text.splitlines())


@pytest.mark.parametrize(
    "words",
    [
        "report last week",
        "REPORT  this month.",
        "laporan minggu lalu",
        "Laporan bulan ini",
        "report 2026-03-02",
    ],
)
def test_it_may_be_the_only_line_of_the_mail(desk, words):
    asks(desk.dora, "Hello", f"{words}\n\n-- \nDora")

    assert desk.dora.count("report") == 1


def test_on_a_desk_that_asks_for_proof_it_is_confirmed_first(open_desk):
    desk = open_desk()
    desk.anne.asks("My order", "Where is it?")

    asks(desk.dora, "report today")
    before = desk.dora.count("report")
    desk.dora.replies("", "confirm_sender")

    assert (before, desk.dora.count("report")) == (0, 1)


def test_a_forged_wish_sends_nothing_to_the_forger(open_desk):
    desk = open_desk()
    zoe = desk.stranger("zoe@elsewhere.example")
    mail = desk.dora.new([ADDRESS], "report last week", "")
    mail["Reply-To"] = zoe.address

    desk.post(mail, zoe.address)

    assert desk.letters("report") == []
    assert zoe.mailbox == []
    assert desk.letters("confirm_sender")[0].to == ("dora@staff.example",)


def test_a_reply_to_the_daily_report_proves_the_reader(open_desk):
    desk = open_desk()
    desk.daily = True
    desk.run()
    desk.anne.asks("My order", "Where is it?")
    desk.passes(days=1)

    desk.dora.replies("report yesterday", "daily_report")

    assert desk.letters("confirm_sender") == []
    assert "Tickets that came: 1" in desk.dora.last("report").text


def test_an_operator_is_told_that_reports_are_for_pic(desk):
    asks(desk.bart, "report last week")

    assert desk.letters("report") == []
    assert "only a PIC" in desk.bart.last("unsure").text


def test_a_customer_who_writes_so_has_a_question_like_any_other(desk):
    ticket = desk.anne.asks("Report last week", "You promised me a report last week.")

    assert ticket.subject == "Report last week"
    assert desk.letters("report") == []


def test_a_time_that_is_not_understood_is_asked_about(desk):
    asks(desk.dora, "report lats week")

    assert desk.letters("report") == []
    assert "last week, this month" in desk.dora.last("unsure").text


def test_the_report_speaks_the_language_of_the_desk(open_desk):
    desk = open_desk(language="id", languages=("id", "en"), require="address")
    desk.anne.asks("Pesanan saya", "Di mana?")
    desk.passes(hours=1)

    asks(desk.dora, "laporan hari ini")

    assert desk.dora.last("report").subject == "Laporan 2026-03-02: 1 tiket"
    assert "diambil" in desk.dora.last("report").text


def test_an_out_of_office_asks_for_no_report(desk):
    desk.dora.sends(desk.dora.new([ADDRESS], "report last week", ""), Auto_Submitted="auto-replied")

    assert desk.letters("report") == []
