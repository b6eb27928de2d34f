"""A2: an operator who wants a ticket claims it by an empty Reply All; else the rota decides."""

from datetime import timedelta

import pytest

from helpdesk.model.ticket import DeadlineKind, Status
from helpdesk.testing.desk import ADDRESS, LIST

MINUTES_15 = timedelta(minutes=15)


def ask(desk):
    return desk.anne.asks("Where is my order?", "I ordered a lamp.")


def test_a_free_ticket_waits_for_somebody_to_claim_it(claim_desk):
    ticket = ask(claim_desk)

    assert (ticket.status, ticket.operator) == (Status.NEW, None)
    assert claim_desk.anne.names() == ["acknowledgement"]
    assert "write nothing" in claim_desk.bart.last("new_ticket").text


def test_an_empty_reply_all_to_the_list_claims(claim_desk):
    ask(claim_desk)

    claim_desk.cate.claims()

    assert claim_desk.ticket().operator == "cate@staff.example"
    assert claim_desk.ticket().status is Status.OPEN


def test_a_claim_does_not_reach_the_customer(claim_desk):
    ask(claim_desk)

    claim_desk.cate.claims()

    assert claim_desk.anne.names() == ["acknowledgement", "assigned"]


@pytest.mark.parametrize("footer", ["", "Milis mailing list\nhttp://lists.example/milis"])
@pytest.mark.parametrize("munges", [False, True])
@pytest.mark.parametrize("direct_first", [False, True])
def test_a_claim_counts_once_whatever_the_list_makes_of_it(claim_desk, footer, munges, direct_first):
    """The claim comes directly and by the list, with its footer and perhaps its From."""
    claim_desk.list.footer, claim_desk.list.munges, claim_desk.direct_first = footer, munges, direct_first
    ask(claim_desk)

    claim_desk.bart.claims()

    assert claim_desk.ticket().operator == "bart@staff.example"
    assert claim_desk.history().count("claimed") == 1
    assert claim_desk.bart.count("claim_lost") == 0


def test_a_claim_that_comes_only_by_a_list_with_its_own_from_counts(claim_desk):
    """R48: replies go to the list alone; the ticket is known by the message id that is answered."""
    claim_desk.list.munges = True
    ask(claim_desk)
    letter = claim_desk.bart.last("new_ticket")

    claim_desk.bart.sends(claim_desk.bart.reply(letter, "", to=[LIST]))

    assert claim_desk.ticket().operator == "bart@staff.example"


def test_an_empty_reply_to_the_customers_own_mail_on_the_list_claims(claim_desk):
    """A1, A2 as on the milis: operators answer the question itself, before any announcement."""
    claim_desk.anne.asks("Where is my order?", "I ordered a lamp.", to=LIST)
    question = next(m for m in claim_desk.bart.mailbox if m.name == "")

    claim_desk.bart.sends(claim_desk.bart.reply(question, "", to=[LIST]))

    assert claim_desk.ticket().operator == "bart@staff.example"


def test_a_personal_announcement_is_claimed_by_an_empty_reply(open_desk):
    desk = open_desk(mode="claim", announce="each")
    ask(desk)

    desk.cate.replies("", "new_ticket")

    assert desk.ticket().operator == "cate@staff.example"
    assert [letter.to for letter in desk.letters("new_ticket")] == [
        ("bart@staff.example",),
        ("cate@staff.example",),
    ]


def test_a_desk_without_a_list_announces_to_each(open_desk):
    desk = open_desk(mode="claim", list_address=None)
    ask(desk)

    desk.bart.claims()

    assert desk.ticket().operator == "bart@staff.example"
    assert all(LIST not in letter.to for letter in desk.sent)


def test_the_first_claim_wins_and_the_second_is_told(claim_desk):
    ask(claim_desk)

    claim_desk.bart.claims()
    claim_desk.cate.claims()

    assert claim_desk.ticket().operator == "bart@staff.example"
    assert "Bart has it" in claim_desk.cate.last("claim_lost").text
    assert claim_desk.bart.count("claim_lost") == 0


def test_a_second_claim_of_the_winner_changes_nothing(claim_desk):
    ask(claim_desk)

    claim_desk.bart.claims()
    before = len(claim_desk.sent)
    claim_desk.bart.claims()

    assert len(claim_desk.sent) == before


@pytest.mark.parametrize("verb", ["#claim", "#take", "#mine"])
def test_a_verb_claims_too(open_desk, verb):
    desk = open_desk(mode="claim", announce="each")
    ask(desk)

    desk.bart.replies(verb, "new_ticket")

    assert desk.ticket().operator == "bart@staff.example"
    assert desk.anne.count("answer") == 0


def test_within_the_window_claims_are_collected(open_desk):
    desk = open_desk(mode="claim", claim_window=MINUTES_15)
    ask(desk)

    desk.bart.claims()
    desk.passes(minutes=5)
    desk.cate.claims()

    assert desk.ticket().status is Status.NEW
    assert {c.operator for c in desk.ticket().claims} == {"bart@staff.example", "cate@staff.example"}


def test_who_answers_within_the_window_has_it_and_the_claimants_are_told(open_desk):
    desk = open_desk(mode="claim", claim_window=MINUTES_15, announce="each")
    ask(desk)
    desk.bart.claims()

    desk.cate.replies("It is on its way.", "new_ticket")
    desk.passes(minutes=15)

    assert desk.ticket().operator == "cate@staff.example"
    assert "Cate has it" in desk.bart.last("claim_lost").text


def test_after_the_window_the_longest_overdue_gets_it(open_desk):
    desk = open_desk(mode="claim", claim_window=MINUTES_15)
    ask(desk)
    desk.bart.claims()
    desk.passes(minutes=20)
    ask(desk)

    desk.bart.claims()
    desk.cate.claims()
    desk.passes(minutes=15)

    assert desk.ticket(1).operator == "bart@staff.example"
    assert desk.ticket(2).operator == "cate@staff.example"
    assert "Cate has it" in desk.bart.last("claim_lost").text


def test_a_window_that_outlasts_the_timeout_still_decides(open_desk):
    """Somebody claimed in time: the rota does not take it from them."""
    desk = open_desk(mode="claim", claim_window=MINUTES_15, claim_timeout=timedelta(hours=2))
    ask(desk)
    desk.passes(minutes=110)

    desk.cate.claims()
    desk.passes(minutes=30)

    assert desk.ticket().operator == "cate@staff.example"
    assert "unclaimed" not in desk.history()


def test_the_claims_of_a_desk_are_fair_over_many_tickets(open_desk):
    """Both always claim, bart always first; each gets half."""
    desk = open_desk(mode="claim", claim_window=MINUTES_15)

    for _ in range(8):
        ask(desk)
        desk.bart.claims()
        desk.cate.claims()
        desk.passes(hours=1)

    owners = [desk.ticket(n).operator for n in range(1, 9)]
    assert owners.count("bart@staff.example") == owners.count("cate@staff.example") == 4


def test_when_nobody_claims_in_time_the_rota_decides(claim_desk):
    ask(claim_desk)

    claim_desk.passes(hours=2)

    assert claim_desk.ticket().status is Status.OPEN
    assert claim_desk.ticket().operator == "bart@staff.example"
    assert "unclaimed" in claim_desk.history()


def test_a_claim_after_the_rota_has_decided_is_lost(claim_desk):
    ask(claim_desk)
    claim_desk.passes(hours=3)

    claim_desk.cate.claims()

    assert claim_desk.ticket().operator == "bart@staff.example"
    assert claim_desk.cate.count("claim_lost") == 1


def test_round_robin_takes_turns(desk):
    for _ in range(6):
        ask(desk)
        desk.passes(minutes=1)

    owners = [desk.ticket(n).operator for n in range(1, 7)]
    assert owners == ["bart@staff.example", "cate@staff.example"] * 3


def test_a_full_plate_is_skipped_and_the_ticket_waits_when_all_are_full(open_desk):
    desk = open_desk(max_open=1)
    for _ in range(3):
        ask(desk)
        desk.passes(minutes=1)

    assert [desk.ticket(n).operator for n in (1, 2, 3)] == ["bart@staff.example", "cate@staff.example", None]
    assert desk.ticket(3).status is Status.NEW


def test_a_waiting_ticket_is_given_out_when_a_plate_is_free_again(open_desk):
    desk = open_desk(max_open=1)
    for _ in range(3):
        ask(desk)
        desk.passes(minutes=1)

    desk.bart.sends(desk.bart.reply(desk.bart.last_personal("assignment"), "#close"))
    desk.passes(hours=3)

    assert desk.ticket(3).operator == "bart@staff.example"


def test_a_desk_without_a_list_and_round_robin_writes_to_the_operator_and_pic_alone(open_desk):
    desk = open_desk(list_address=None)
    ask(desk)

    staff = [(letter.name, letter.to[0]) for letter in desk.sent if letter.to != ("anne@customer.example",)]
    assert staff == [("assignment", "bart@staff.example"), ("assignment", "pic@desk.example")]


def test_a_forged_claim_needs_more_than_a_number(claim_desk):
    """F12: an empty mail with bart's From and [#1] comes from somebody who has read nothing."""
    ask(claim_desk)
    forged = claim_desk.bart.new([ADDRESS], "Re: [#1]", "")

    claim_desk.post(forged, "zoe@elsewhere.example")

    assert claim_desk.ticket().operator is None
    assert claim_desk.bart.count("confirm_sender") == 1


def test_a_strangers_empty_reply_is_no_claim(claim_desk):
    ask(claim_desk)
    zoe = claim_desk.stranger("zoe@elsewhere.example")

    zoe.sends(zoe.reply(claim_desk.bart.last("new_ticket"), "", to=[LIST]))

    assert claim_desk.ticket(1).operator is None


def test_a_look_alike_address_is_no_operator(claim_desk):
    """T33: a Cyrillic a in bart's name."""
    ask(claim_desk)
    fake = claim_desk.stranger("b\u0430rt@staff.example", "Bart")

    mail = fake.new([ADDRESS], "Re: [#1]", "")
    claim_desk.post(mail.as_bytes(), "zoe@elsewhere.example")

    assert claim_desk.ticket(1).operator is None


@pytest.mark.parametrize("window", [timedelta(), MINUTES_15])
def test_after_the_assignment_no_claim_deadline_is_left(open_desk, window):
    desk = open_desk(mode="claim", claim_window=window)
    ask(desk)

    desk.bart.claims()
    desk.passes(minutes=15)

    kinds = {d.kind for d in desk.ticket().deadlines}
    assert kinds == {DeadlineKind.FIRST_RESPONSE, DeadlineKind.REMINDER}


def test_an_empty_mail_with_a_signature_is_a_claim(claim_desk):
    ask(claim_desk)

    claim_desk.bart.replies_all("-- \nBart\niDuHelp!, Jakarta", "new_ticket")

    assert claim_desk.ticket().operator == "bart@staff.example"
