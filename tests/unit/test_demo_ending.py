"""The demo judges itself: a story that did not come true must not pass (STYLE 50)."""

from dataclasses import replace

import pytest

from helpdesk.cli.demo import cast as casting
from helpdesk.cli.demo import ending
from helpdesk.cli.demo.story import STRANGER
from helpdesk.store.migrate import upgrade
from helpdesk.store.session import Database
from helpdesk.store.views import Figures
from helpdesk.testing.letters import Letter
from helpdesk.testing.players import Town

NOTHING = Figures({}, 0, 0, 0, {}, {}, 0, 0, 0, 0, 0, 0)


@pytest.fixture
def cast(tmp_path):
    return casting.gather(
        Town(0, tmp_path, "help@desk.example", list_address="milis@lists.example"), lambda _: None
    )


def ticket(name: str, **changes):
    plain = {
        "customer": {"name": name},
        "status": "closed",
        "rating": {"score": ending.SCORES[name]} if name in ending.SCORES else None,
        "yellow_cards": [{"operator": "gita@staff.example"}] if name == "Farah" else [],
        "history": [{"event": "automatic_mail"}] if name == "Emil" else [],
    }
    return {**plain, **changes}


def as_told(cast) -> ending.Record:
    for player in cast.customers:
        player.mailbox = [
            Letter(f"X-Helpdesk-Letter: {name}\r\n\r\n".encode()) for name in ending.LETTERS[player.name]
        ]
    return ending.Record(tuple(ticket(name) for name in ("Anne", "Emil", "Farah")), NOTHING)


def test_the_story_as_told_is_true(cast):
    assert list(ending.untrue(cast, as_told(cast))) == []


def test_a_slow_computer_may_add_a_nudge_where_the_customer_was_not_silent(cast):
    record = as_told(cast)
    cast.anne.mailbox.append(Letter(b"X-Helpdesk-Letter: nudge\r\n\r\n"))

    assert list(ending.untrue(cast, record)) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "open"}, "Emil's ticket is open, not closed"),
        ({"rating": None}, "Emil's rating is None, not 4"),
        ({"yellow_cards": [{"operator": "cate@staff.example"}]}, "the yellow cards are"),
        ({"history": []}, "Emil's out-of-office reply is not on record"),
    ],
)
def test_what_is_wrong_on_record_is_told(cast, change, words):
    record = as_told(cast)
    tickets = (record.tickets[0], ticket("Emil", **change), record.tickets[2])

    problems = list(ending.untrue(cast, replace(record, tickets=tickets)))

    assert len(problems) == 1
    assert words in problems[0]


def test_a_missing_and_a_surplus_letter_are_told(cast):
    record = as_told(cast)
    cast.anne.mailbox.pop()
    cast.emil.mailbox.append(Letter(b"X-Helpdesk-Letter: acknowledgement\r\n\r\n"))

    problems = list(ending.untrue(cast, record))

    assert [problem.split()[0] for problem in problems] == ["Anne", "Emil"]


def test_a_relayed_mail_and_a_parked_one_are_told(cast):
    record = replace(as_told(cast), figures=replace(NOTHING, inbox_parked=1))
    cast.town.sent_by_desk.append(Letter(b"\r\n", recipients=(STRANGER,)))

    problems = list(ending.untrue(cast, record))

    assert STRANGER in problems[0]
    assert "set aside" in problems[1]


def test_an_empty_book_is_no_story(cast, tmp_path):
    spool, desk = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("spool", "helpdesk"))
    upgrade(spool, "spool")
    upgrade(desk, "desk")

    record = ending.read(desk, spool)

    assert not record.is_over
    assert "there are 0 tickets, not 3" in list(ending.untrue(cast, record))
    desk.close()
    spool.close()
