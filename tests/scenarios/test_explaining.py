"""`explain`: what the desk says it would do is what it does; what it did has a reason; the intervals add up."""

from datetime import timedelta

import pytest

from helpdesk.flow.explain import foresee, look_back
from helpdesk.testing.desk import ADDRESS


def first_question(desk):
    return desk.anne.new([ADDRESS], "Another question", "What about my invoice?"), desk.anne


def operators_answer(desk):
    return desk.bart.reply(desk.bart.last_personal("assignment"), "It is on its way."), desk.bart


def operators_close(desk):
    return desk.bart.reply(desk.bart.last_personal("assignment"), "#close\nEnjoy."), desk.bart


def operators_mistake(desk):
    return desk.bart.reply(desk.bart.last_personal("assignment"), "#clsoe"), desk.bart


def customers_reply(desk):
    return desk.anne.reply(desk.anne.last("assigned"), "It is order 12."), desk.anne


def late_claim(desk):
    return desk.cate.reply_all(desk.cate.last("new_ticket"), ""), desk.cate


def pics_note(desk):
    return desk.dora.reply(desk.dora.last("assignment"), "Hurry."), desk.dora


def unclear_mail_of_staff(desk):
    return desk.bart.new([ADDRESS], "Hello", ""), desk.bart


def out_of_office(desk):
    mail = desk.anne.reply(desk.anne.last("assigned"), "I am away.")
    mail["Auto-Submitted"] = "auto-replied"
    return mail, desk.anne


def unproven(desk):
    return desk.cate.new([ADDRESS], "Re: [#1]", "I am cate, really."), desk.cate


MAILS = [
    first_question, operators_answer, operators_close, operators_mistake, customers_reply, late_claim, pics_note,
    unclear_mail_of_staff, out_of_office, unproven,
]  # fmt: skip


@pytest.mark.parametrize("write", MAILS)
def test_what_is_foreseen_is_what_happens(desk, write):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    mail, writer = write(desk)
    foreseen = foresee(desk.shop, mail.as_bytes())
    before = len(desk.sent)

    row = desk.post(mail, writer.address)

    rows = [desk.outcome(n) for n in range(1, row + 1)]
    outcomes = {r.outcome for r in rows if r.message_id == foreseen.mail.message_id} - {"duplicate"}
    expected = foreseen.event.replace("ignored (", "ignored:").rstrip(")")
    assert outcomes == {expected}
    # a letter waits for the earlier ones to the same reader: all of them, not in this order
    assert sorted((x.name, x.to[0]) for x in desk.sent[before:]) == sorted(foreseen.letters)
    assert foreseen.status in (None, desk.ticket(foreseen.ticket or 1).status)


def test_foreseeing_changes_nothing(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    mail, _ = operators_close(desk)
    before = (desk.ticket(), desk.history(), len(desk.sent))

    foresee(desk.shop, mail.as_bytes())

    assert (desk.ticket(), desk.history(), len(desk.sent)) == before


def test_a_confirmation_is_foreseen_as_one(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    mail, cate = unproven(desk)
    desk.post(mail, cate.address)

    foreseen = foresee(desk.shop, cate.reply(cate.last("confirm_sender"), "yes").as_bytes())

    assert foreseen.event == "confirmation"
    assert foreseen.letters == ()


def test_a_mail_that_has_come_before_is_foreseen_as_a_duplicate(desk):
    mail, _ = first_question(desk)
    desk.post(mail, desk.anne.address)

    assert any("has come before" in why for why in foresee(desk.shop, mail.as_bytes()).reasons)


@pytest.mark.parametrize("clock", ["calendar", "working_days", "working_hours"])
def test_the_counted_intervals_add_up_to_what_was_allowed(open_desk, clock):
    desk = open_desk(clock=clock)
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    owed = look_back(desk.shop, 1).deadlines
    desk.bart.answers("It is on its way.")
    silence = look_back(desk.shop, 1).deadlines

    assert len(owed) == 3
    assert len(silence) == 2
    for deadline, intervals in (*owed, *silence):
        assert sum((i.length for i in intervals), timedelta()) == deadline.allowed
        assert intervals[-1].end == deadline.due_at


def test_every_line_of_the_history_has_a_reason(desk):
    desk.anne.asks("Where is my order?", "I ordered a lamp.")
    desk.passes(hours=25)
    desk.cate.answers("It is on its way.")
    desk.passes(days=9)

    history = look_back(desk.shop, 1).history

    assert [x.event for x in history][:3] == ["created", "assigned", "reminded"]
    assert all(line.reason for line in history)
    assert any("skipped: has just had it" in why for line in history for why in line.reasons)
    assert any("bart" in why.lower() and "turn" in why for why in history[0].reasons)


def test_there_is_nothing_to_say_about_a_ticket_that_does_not_exist(desk):
    assert look_back(desk.shop, 99) is None
