"""B: yellow cards with due process: evidence, no card without fault, appeal, lifting, suspension and return."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from helpdesk.flow.ring import ring
from helpdesk.model.outcome import Refused, TryLater
from helpdesk.model.policy import OnBreach
from helpdesk.model.ticket import Clock
from helpdesk.store import people
from helpdesk.store.schema import ABSENCE
from helpdesk.testing.desk import ADDRESS, PIC

STAYS = frozenset({OnBreach.YELLOW_CARD, OnBreach.NOTIFY_PIC})
BART = "bart@staff.example"


@pytest.fixture
def late(open_desk):
    """Bart has let a day pass, and the ticket is still his."""
    desk = open_desk(on_breach=STAYS)
    ask(desk)
    desk.passes(hours=24)
    return desk


def ask(desk):
    return desk.anne.asks("Where is my order?", "I ordered a lamp.")


def cards(desk):
    with desk.shop.desk.read() as connection:
        return people.cards(connection)


def reason(desk, event):
    return next(line.reason for line in desk.lines() if line.event == event)


def is_away(desk, since, until=None):
    row = {"operator": BART, "since": since, "until": until, "why": "holiday"}
    with desk.shop.desk.write() as connection:
        connection.execute(insert(ABSENCE).values(row))


def test_each_card_holds_what_was_sent_when_and_whether_it_was_delivered(late):
    evidence = cards(late)[0].evidence

    assert evidence.splitlines() == [
        "Mon 2026-03-02 09:00  the time began",
        "Mon 2026-03-02 09:00  assignment: delivered Mon 2026-03-02 09:00",
        "Mon 2026-03-02 21:00  reminder: delivered Mon 2026-03-02 21:00",
        "Tue 2026-03-03 06:36  reminder: delivered Tue 2026-03-03 06:36",
        "Tue 2026-03-03 09:00  the answer was due",
    ]
    assert "reminder: delivered" in late.bart.last("breach").text
    assert "reminder: delivered" in late.dora.last("breach_notice").text


def test_who_never_got_a_letter_about_it_gets_no_card(open_desk):
    desk = open_desk(on_breach=STAYS)
    desk.fails = {BART: TryLater("mailbox full")}
    ask(desk)

    desk.passes(hours=24)

    assert cards(desk) == []
    assert "no letter about it had reached Bart" in reason(desk, "no_card")
    assert "no letter about it had reached Bart" in desk.dora.last("breach_notice").text
    assert "not delivered (mailbox full)" in desk.dora.last("breach_notice").text


def test_a_mailbox_that_refuses_everything_costs_no_card(open_desk):
    desk = open_desk(on_breach=STAYS)
    desk.fails = {BART: Refused("550 no such user")}
    ask(desk)

    desk.passes(hours=24)

    assert cards(desk) == []
    assert "550 no such user" in desk.dora.last("breach_notice").text


def test_one_letter_that_came_in_time_is_enough(open_desk):
    desk = open_desk(on_breach=STAYS)
    desk.fails = {BART: TryLater("mailbox full")}
    ask(desk)
    desk.passes(hours=13)
    desk.fails = {}

    desk.passes(hours=11)

    assert len(cards(desk)) == 1


def test_who_was_away_gets_no_card(open_desk):
    desk = open_desk(on_breach=STAYS)
    ask(desk)
    is_away(desk, desk.clock())

    desk.passes(hours=24)

    assert cards(desk) == []
    assert "Bart was away" in desk.bart.last("breach").text


def test_an_absence_that_is_over_before_the_ticket_came_is_no_excuse(open_desk):
    desk = open_desk(on_breach=STAYS)
    is_away(desk, desk.clock() - timedelta(days=9), desk.clock() - timedelta(days=2))
    ask(desk)

    desk.passes(hours=24)

    assert len(cards(desk)) == 1


def test_a_desk_that_was_down_gives_no_card(open_desk):
    """An answer may be waiting in front of its door."""
    desk = open_desk(on_breach=STAYS)
    ask(desk)

    desk.clock.move(timedelta(hours=26))
    desk.restart()

    assert cards(desk) == []
    because = "the desk was down from Mon 2026-03-02 09:00 to Tue 2026-03-03 11:00"
    assert because in desk.bart.last("breach").text
    assert desk.history().count("breached") == 1


def is_down(desk, **span):
    """The power fails, and comes back after that."""
    desk.clock.move(timedelta(**span))
    desk.restart()


@pytest.mark.parametrize(("runs", "down"), [(12.5, 11.56), (0.5, 23.48), (23.98, 0.08)])
def test_a_desk_that_came_back_just_before_or_after_the_time_was_up_gives_no_card(open_desk, runs, down):
    desk = open_desk(on_breach=STAYS)
    ask(desk)
    desk.passes(hours=runs)

    is_down(desk, hours=down)
    desk.passes(hours=25 - runs - down)

    assert desk.history().count("breached") == 1
    assert cards(desk) == []
    assert "the desk was down from" in reason(desk, "no_card")


def test_the_evidence_lists_when_the_desk_was_down(open_desk):
    """A restart is no excuse, but it is on record."""
    desk = open_desk(on_breach=STAYS)
    ask(desk)
    desk.passes(hours=2)
    is_down(desk, minutes=10)

    desk.passes(hours=22)

    evidence = cards(desk)[0].evidence
    assert "Mon 2026-03-02 11:00  the desk was down, until Mon 2026-03-02 11:10" in evidence


def test_a_downtime_before_the_ticket_came_is_no_excuse(open_desk):
    desk = open_desk(on_breach=STAYS)
    desk.passes(minutes=1)
    is_down(desk, hours=12)
    ask(desk)

    desk.passes(hours=24)

    assert len(cards(desk)) == 1
    assert "down" not in cards(desk)[0].evidence


def test_an_hour_of_downtime_at_night_is_no_excuse_where_only_working_hours_count(open_desk):
    desk = open_desk(on_breach=STAYS, clock=Clock.WORKING_HOURS, first_response=timedelta(hours=8))
    ask(desk)
    desk.passes(hours=12)  # 21:00 in Jakarta
    is_down(desk, hours=1)

    desk.passes(days=1)

    assert len(cards(desk)) == 1


def put_into_the_spool(desk, person, text):
    """The listener has said 250; nobody has looked at it yet."""
    mail = person.reply(person.last_personal("assignment"), text)
    return desk.receive(mail.as_bytes(), person.address, (mail["To"].split("<")[-1].rstrip(">"),))


def test_an_answer_that_was_received_in_time_counts_though_it_is_handled_later(open_desk):
    """A backlog, or a ring that comes before the intake, costs nobody a card."""
    desk = open_desk(on_breach=STAYS)
    ask(desk)
    desk.passes(hours=23, minutes=59)
    desk.run()
    put_into_the_spool(desk, desk.bart, "It is on its way.")

    desk.clock.move(timedelta(minutes=3))
    rung = ring(desk.shop)
    desk.run()

    assert rung == 0
    assert desk.anne.count("answer") == 1
    assert "breached" not in desk.history()
    assert cards(desk) == []


def test_what_was_received_after_the_time_was_up_holds_up_nothing(open_desk):
    desk = open_desk(on_breach=STAYS)
    ask(desk)
    desk.passes(hours=23, minutes=59)
    desk.run()
    desk.clock.move(timedelta(minutes=2))
    put_into_the_spool(desk, desk.bart, "It is on its way.")

    ring(desk.shop)

    assert desk.history().count("breached") == 1
    assert len(cards(desk)) == 1


def test_a_mail_that_nobody_can_handle_holds_up_a_deadline_for_minutes_only(open_desk):
    desk = open_desk(on_breach=STAYS)
    ask(desk)
    desk.passes(hours=23, minutes=59)
    desk.run()
    desk.receive(b"Subject: x\r\n\r\nx", "zoe@elsewhere.example", (ADDRESS,))

    rung = []
    for _ in range(8):
        desk.clock.move(timedelta(minutes=1))
        rung.append(ring(desk.shop))

    assert rung[:5] == [0] * 5
    assert desk.history().count("breached") == 1


def test_words_in_reply_to_the_breach_are_an_appeal_and_go_to_pic_with_the_evidence(late):
    letters = late.anne.names()

    late.bart.replies("I was at the dentist the whole day.", "breach")

    appeal = late.dora.last("card_appeal")
    assert "> I was at the dentist the whole day." in appeal.text
    assert "assignment: delivered" in appeal.text
    assert cards(late)[0].appeal == "I was at the dentist the whole day."
    assert cards(late)[0].appealed_at == late.clock()
    assert "gone to PIC" in late.bart.last("receipt").text
    assert late.anne.names() == letters


def test_a_second_appeal_stands_below_the_first(late):
    late.bart.replies("I was at the dentist.", "breach")

    late.bart.replies("Here is the bill.", "breach")

    assert cards(late)[0].appeal == "I was at the dentist.\n\nHere is the bill."


def test_where_there_is_no_card_a_reply_is_an_answer_as_ever(open_desk):
    desk = open_desk(on_breach=frozenset())
    ask(desk)
    desk.passes(hours=24)

    desk.bart.replies("Sorry, it is on its way.", "breach")

    assert desk.anne.last("answer").text.startswith("Sorry, it is on its way.")


@pytest.mark.parametrize("who", ["Bart", "bart", "bart@staff.example"])
def test_pic_lift_the_cards_and_the_operator_is_told(late, who):
    late.bart.replies("I was at the dentist.", "breach")

    late.dora.replies(f"#lift {who}", "card_appeal")

    assert cards(late)[0].lifted_by in ("dora@staff.example", PIC)
    assert "Yellow cards of Bart lifted: 1" in late.dora.last("receipt").text
    assert "has lifted your yellow card" in late.bart.last("cards_lifted").text


def test_only_pic_lift(late):
    late.bart.answers("#lift Bart")

    assert "only a PIC may use #lift" in late.bart.last("command_error").text
    assert cards(late)[0].lifted_at is None


@pytest.mark.parametrize(
    ("line", "hint"), [("#lift", "Bart, Cate"), ("#lift Zoe", "Bart, Cate"), ("#lift Cate", "no yellow card")]
)
def test_whose_cards_must_be_said_and_there_must_be_some(late, line, hint):
    late.dora.replies(line, "breach_notice")

    assert hint in late.dora.last("command_error").text


def test_at_the_limit_the_rota_passes_over_until_pic_lift(open_desk):
    desk = open_desk(on_breach=STAYS, limit=1)
    ask(desk)
    desk.passes(hours=24)
    suspended = [ask(desk).operator, ask(desk).operator]

    desk.dora.replies("#lift Bart", "card_notice")

    assert suspended == ["cate@staff.example"] * 2
    assert ask(desk).operator == BART


def test_cards_expire_and_the_operator_is_back_on_the_rota(open_desk):
    desk = open_desk(on_breach=STAYS, limit=1, period=timedelta(days=10))
    ask(desk)
    desk.passes(hours=24)
    desk.bart.answers("It is on its way.")
    desk.passes(days=11)

    owners = {ask(desk).operator for _ in range(2)}

    assert owners == {BART, "cate@staff.example"}


def test_a_pics_words_about_a_card_do_not_reopen_a_ticket(late):
    late.bart.replies("I was at the dentist.", "breach")
    late.bart.answers("#close")

    late.dora.replies("Let us talk about it.", "card_appeal")

    assert "reopened" not in late.history()
