"""E: an operator reports abuse; PIC decide on a warning and then a block, both by mail."""

import pytest

from helpdesk.model.affairs import PromiseState
from helpdesk.model.ticket import Status
from helpdesk.store import promises


@pytest.fixture
def rude(desk):
    """Anne has been rude, and bart has reported it."""
    desk.anne.asks("Where is my order?", "You idiots, where is it?")
    desk.bart.answers("#report abuse she swears\nFor the third time this week.")
    return desk


def kinds(desk, number=1):
    return [
        event
        for event in desk.history(number)
        if event in ("abuse_reported", "warned", "blocked", "unblocked")
    ]


def test_a_report_goes_to_pic_with_the_reason_and_the_words(rude):
    letter = rude.dora.last("abuse_report")

    assert "anne@customer.example" in letter.text
    assert "she swears" in letter.text
    assert "For the third time this week." in letter.text
    assert "You idiots" in letter.text
    assert "#warn" in letter.text
    assert rude.bart.last("receipt")
    assert not rude.letters("answer")
    assert rude.lines()[-1].by == "bart@staff.example"


def test_a_report_of_nothing_in_particular_is_asked_about(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")

    desk.bart.answers("#report\nShe swears.")

    assert "#report abuse" in desk.bart.last("command_error").text
    assert not desk.letters("abuse_report")


def test_pic_decide_on_a_warning_in_the_customers_language(open_desk):
    desk = open_desk()
    desk.anne.asks("Pesanan saya", "Di mana pesanan saya? Saya sudah menunggu lama dan kalian semua bodoh.")
    desk.bart.answers("#report abuse")

    desk.dora.replies("#warn Kata bodoh itu.", "abuse_report")

    letter = desk.anne.last("warning")
    assert "Kata bodoh itu." in letter.text
    assert "sopan" in letter.text
    assert "Auto-Submitted" not in letter.mail
    assert kinds(desk) == ["abuse_reported", "warned"]
    assert desk.ticket().status is Status.OPEN


def test_a_block_is_told_in_the_customers_language(open_desk):
    desk = open_desk()
    desk.anne.asks("Pesanan saya", "Di mana pesanan saya? Saya sudah menunggu lama dan kalian semua bodoh.")
    desk.bart.answers("#report abuse")
    desk.dora.replies("#warn Kata bodoh itu.", "abuse_report")

    desk.dora.replies("#block masih kasar", "abuse_report")

    letter = desk.anne.last("blocked")
    assert "permintaan nomor 1 kami akhiri" in letter.text
    assert "masih kasar" not in letter.text


def test_the_operators_reason_is_not_shown_to_the_customer(rude):
    rude.dora.replies("#warn", "abuse_report")

    assert not any("third time" in letter.text for letter in rude.anne.mailbox)


def test_an_operator_cannot_warn(rude):
    rude.bart.answers("#warn")

    assert rude.bart.last("command_error")
    assert rude.anne.count("warning") == 0


def test_a_block_without_a_warning_is_refused(rude):
    rude.dora.replies("#block", "abuse_report")

    assert "#warn first" in rude.dora.last("command_error").text
    assert rude.anne.count("blocked") == 0
    assert rude.ticket().status is Status.OPEN


def test_a_block_tells_the_customer_once_and_keeps_what_they_write(rude):
    """PROCEDURE E: at most one polite notice, and their mail is never silently lost."""
    rude.anne.asks("Another thing", "And you there, idiots?")
    rude.dora.replies("#warn", "abuse_report")
    rude.anne.replies("You idiots!", "warning")
    rude.dora.replies("#block again and again", "abuse_report")
    before = len(rude.sent)

    rows = [
        rude.anne.replies("Idiots!", "blocked"),
        rude.anne.sends(rude.anne.new([rude.address], "New question", "Idiots, where is it?")),
        rude.stranger("anne+other@customer.example").sends(
            rude.anne.new([rude.address], "Hello", "Where is it?")
        ),
    ]

    assert rude.anne.count("blocked") == 1
    assert [rude.outcome(row).outcome for row in rows] == ["ignored:blocked"] * 3
    assert len(rude.sent) == before
    assert rude.newest().number == 2
    assert [rude.ticket(n).status for n in (1, 2)] == [Status.CLOSED, Status.CLOSED]
    assert kinds(rude) == ["abuse_reported", "warned", "blocked"]
    assert rude.lines()[-1].by == "dora@staff.example"
    assert "again and again" in rude.lines()[-1].reason
    rude.passes(days=10)
    assert rude.anne.count("survey") == 0


def test_others_write_as_before(rude):
    rude.dora.replies("#warn", "abuse_report")
    rude.dora.replies("#block", "abuse_report")

    zoe = rude.stranger("zoe@customer.example", "Zoe")
    zoe.asks("My lamp", "Where is my lamp?")

    assert zoe.count("acknowledgement") == 1


def test_pic_end_a_block(rude):
    rude.dora.replies("#warn", "abuse_report")
    rude.dora.replies("#block", "abuse_report")

    rude.dora.replies("#unblock", "abuse_report")
    rude.anne.replies("I am sorry. Where is my order?", "blocked")

    assert rude.ticket().status is Status.OPEN
    assert "I am sorry." in rude.bart.last("customer_reply").text
    rude.dora.replies("#block", "abuse_report")
    assert "#warn first" in rude.dora.last("command_error").text


def promised(desk, number):
    with desk.shop.desk.read() as connection:
        return promises.latest(connection, number)


def test_a_block_ends_the_promises_of_all_tickets_of_the_customer(desk):
    """No open row is left behind: reports would count it as open for ever. Her mail program spells her once so,
    once so."""
    for number, address in ((1, "anne@customer.example"), (2, "Anne@customer.example")):
        desk.anne.address = address
        desk.anne.asks(f"Order {number}", "You idiots, where is it?")
    for person in (desk.bart, desk.cate):
        person.answers("#delay 2026-12-24\n#note told")
    desk.bart.answers("#report abuse")
    desk.dora.replies("#warn", "abuse_report")

    desk.dora.replies("#block", "abuse_report")

    assert [promised(desk, number).state for number in (1, 2)] == [PromiseState.DROPPED] * 2
    assert all(desk.ticket(number).deadlines == () for number in (1, 2))
    assert "promise_dropped" in desk.history(2)
    assert not desk.letters("promise_broken")
