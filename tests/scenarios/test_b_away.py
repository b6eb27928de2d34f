"""B: an operator can be away until a date and is then skipped; they come back by themselves, or by #back."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.cli.tickets import rota_json
from helpdesk.model.people import Person
from helpdesk.model.ticket import Status
from helpdesk.store import people

THREE = tuple(Person(n, f"{n.lower()}@staff.example") for n in ("Bart", "Cate", "Dan"))


def ask(desk, subject="Where is my order?"):
    return desk.anne.asks(subject, "I ordered a lamp.")


def goes_away(desk, line="#away"):
    """Bart has a ticket, and says in a reply to its letter that he is away."""
    ask(desk)
    desk.bart.answers(line)
    desk.passes(minutes=1)


def standing(desk, name="Bart"):
    with desk.shop.desk.read() as connection:
        rota = people.rota(connection, desk.policy.operators, desk.clock(), desk.policy.cards)
    return next(turn for turn in rota if turn.operator.name == name)


def test_who_is_away_is_skipped_by_the_rota(desk):
    goes_away(desk)

    given = [ask(desk, f"Question {n}").operator for n in (1, 2, 3)]

    assert given == ["cate@staff.example"] * 3


def test_the_reason_for_skipping_stands_in_the_history(desk):
    goes_away(desk, "#away until 2026-03-09")
    ask(desk, "Another question")

    assert any("Bart is skipped: is away until 2026-03-09" in r for r in desk.lines(2)[0].reasons)


def test_a_receipt_says_until_when(desk):
    goes_away(desk, "#away until 2026-03-09")

    text = desk.bart.last("receipt").text
    assert "You are away until 2026-03-09 08:00" in text
    assert desk.anne.count("answer") == 0


def test_they_come_back_by_themselves_when_the_desk_opens_on_that_day(desk):
    goes_away(desk, "#away until 2026-03-04")

    desk.clock.now = datetime(2026, 3, 4, 0, 59, tzinfo=UTC)
    before = standing(desk).away
    desk.clock.now = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)  # 08:00 in Jakarta

    assert (before, standing(desk).away) == (True, False)
    assert ask(desk, "Another question").operator == "cate@staff.example"  # her first turn
    assert ask(desk, "And another").operator == "bart@staff.example"


@pytest.mark.parametrize("words", ["until next monday", "sampai senin", "until 9/3"])
def test_the_date_is_read_in_plain_words(desk, words):
    goes_away(desk, f"#away {words}")

    assert standing(desk).away_until == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)


def test_a_day_that_is_over_is_refused(desk):
    goes_away(desk, "#away until 2026-02-27")

    assert not standing(desk).away
    assert "is over" in desk.bart.last("command_error").text


def test_back_ends_it_before_the_date(desk):
    goes_away(desk, "#away until 2026-03-09")

    desk.bart.answers("#back")

    assert not standing(desk).away
    assert "Welcome back" in desk.bart.last("receipt").text


def test_back_without_having_been_away_changes_nothing(desk):
    ask(desk)

    desk.bart.answers("#back")

    assert "You were not away" in desk.bart.last("receipt").text


def test_the_words_below_are_the_reason_and_go_to_nobody(desk):
    goes_away(desk, "#away until 2026-03-09\n\nMy sister gets married.")

    assert standing(desk).away_why == "My sister gets married."
    assert all("married" not in letter.text for letter in desk.anne.mailbox)


def test_a_second_word_takes_the_place_of_the_first(desk):
    goes_away(desk, "#away until 2026-03-09")

    desk.bart.answers("#away until 2026-03-12")

    assert standing(desk).away_until == datetime(2026, 3, 12, 1, 0, tzinfo=UTC)


def test_open_tickets_stay_and_the_receipt_names_what_is_due_meanwhile(desk):
    goes_away(desk, "#away until 2026-03-09")

    assert (desk.ticket().operator, desk.ticket().status) == ("bart@staff.example", Status.OPEN)
    text = desk.bart.last("receipt").text
    assert "#1 Where is my order?, 2026-03-03 09:00" in text
    assert "#release" in text
    assert "#assign" in text


def test_what_is_due_later_is_not_named(open_desk):
    desk = open_desk(first_response=timedelta(days=9))
    goes_away(desk, "#away until 2026-03-04")

    assert "None of your tickets is due before that." in desk.bart.last("receipt").text


def test_a_claim_of_somebody_who_is_away_does_not_count(claim_desk):
    ask(claim_desk)
    claim_desk.bart.claims()
    claim_desk.bart.answers("#away until 2026-03-09")
    ask(claim_desk, "Another question")

    claim_desk.bart.claims()

    assert claim_desk.ticket(2).status is Status.NEW
    text = claim_desk.bart.last("claim_refused").text
    assert "you are away until Monday, 9 March 2026, 08:00 WIB" in text


def test_a_breach_goes_past_who_is_away(open_desk):
    desk = open_desk(operators=THREE)
    ask(desk)
    ask(desk, "For Cate")
    desk.cate.answers("#away")

    desk.passes(hours=24)

    assert desk.ticket(1).operator == "dan@staff.example"


def test_a_mail_of_their_own_does_not_end_what_they_said_themselves(desk):
    goes_away(desk)

    desk.bart.answers("It is on its way.")

    assert standing(desk).away


def test_the_desk_shows_who_is_away_until_when_and_why(desk):
    """`helpdesk operators --json` shows what the rota knows."""
    goes_away(desk, "#away until 2026-03-09 a wedding")
    with desk.shop.desk.read() as connection:
        rota = people.rota(connection, desk.policy.operators, desk.clock(), desk.policy.cards)

    bart = json.loads(json.dumps(rota_json(rota, None, ())))[0]
    assert (bart["away"], bart["away_until"], bart["away_why"]) == (True, "2026-03-09T01:00:00Z", "a wedding")
