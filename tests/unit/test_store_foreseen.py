"""What a batch asks for together, and adds to what it was told, is what each of its mails would be told (F13, R35)."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import delete, insert, select, text, update
from store_helpers import ANNE, BART, CATE, NOW, arrival, minutes

from helpdesk.model.effects import ON_TICKETS, Greet, NoteConduct, PreferLanguage
from helpdesk.model.people import Person
from helpdesk.model.policy import Cards
from helpdesk.store import conduct, earlier, entries, greetings, handled, inbox, people, personal, tickets
from helpdesk.store.earlier import Coming
from helpdesk.store.foreseen import foreseen, keep
from helpdesk.store.holding import hold_everything
from helpdesk.store.later import put_off
from helpdesk.store.schema import CARD, GREETING, HANDLED, SETTING
from helpdesk.store.session import Database, savepoint

OPERATORS = (Person("Bart", BART), Person("Cate", CATE))
WRITERS = ("anne@a.example", "Bea@a.example", "cleo@c.example", "x" * 450 + "@long.example")
IDS = ("1@x.example", "2@x.example", "3@\u00fc.example", "4@" + "y" * 500)
CAP = 10_000


class Undone(Exception):
    """Whoever was told this much wants to know no more."""


class Facts:
    """What somebody knows of cards."""

    def __init__(self, number: int) -> None:
        self.number = number


@pytest.fixture
def desk(store):
    return store.desk


@pytest.fixture
def rows(store):
    """Eight mails in work, of sixteen; what became of the others is known."""
    with store.spool.write() as spool:
        every = inbox.append(spool, [arrival()] * 16)
    with store.desk.write() as desk, store.spool.read() as spool:
        handled.take(desk, spool, 16, NOW, "node")
    dice = Random(7)
    with store.desk.write() as desk:
        for row in every[:8]:
            finish(desk, row, dice, NOW - minutes(dice.randrange(20) + 0.5))
        for ago in (1500, 1300, 90, 50, 20, 3):
            greet(desk, dice, NOW - minutes(ago))
        opened = ticket(desk)
        entries.record_message_id(desk, IDS[0], opened)
        conduct.add(desk, NoteConduct(WRITERS[0], "block", BART, "spam", 1), NOW)
        conduct.add(desk, NoteConduct(WRITERS[2], "block", BART, "spam", 1), NOW)
        conduct.add(desk, NoteConduct(WRITERS[2], "unblock", BART, "no spam", 1), NOW)
        personal.prefer(desk, PreferLanguage(WRITERS[1], "id"), NOW)
    return every[8:]


def finish(desk, row, dice, now):
    outcome = dice.choice(["opened", "opened", earlier.DUPLICATE])
    key, message_id, sender = dice.choice("abc") * 64, dice.choice([*IDS, None]), dice.choice(WRITERS)
    said = {"message_id": message_id, "dedupe_key": key, "sender": sender, "date": NOW}
    handled.finish(desk, row, state="done", outcome=outcome, reason="why", now=now, **said)


def greet(desk, dice, now):
    letter, withheld = dice.choice([*ON_TICKETS, "assigned", "data"]), dice.choice(["", "", "flood"])
    greetings.add(desk, [Greet(dice.choice(WRITERS).lower(), letter, verified=False, withheld=withheld)], now)


def ticket(desk):
    number = tickets.take_number(desk)
    tickets.create(desk, number, {"subject": "hello", "customer": ANNE}, NOW)
    return number


def foresee(desk, rows):
    coming = [
        Coming(row, key * 64, one, who)
        for row, key, one, who in zip(rows, "abca" * 2, IDS * 2, WRITERS * 2, strict=True)
    ]
    earlier.foresee(desk, coming, NOW - minutes(10))
    conduct.foresee(desk, WRITERS)
    greetings.foresee(desk, WRITERS, NOW)
    entries.foresee_message_ids(desk, IDS)


def greeted(desk, who, now):
    """But for all letters together: that is no more than a bound."""
    counts, wish = greetings.of_customer(desk, who.lower(), ON_TICKETS, CAP, now)
    return replace(counts, in_all=0), wish


def told(desk, now):
    """All that the mails of a batch ask for."""
    each = [
        (
            earlier.mails_of(desk, who, now - minutes(10)),
            conduct.is_blocked(desk, who),
            greeted(desk, who, now),
        )
        for who in WRITERS
    ]
    alike = [
        [row.spool_id for row in earlier.alike(desk, key * 64, one)] for key in "abc" for one in (*IDS, None)
    ]
    rota = people.rota(desk, OPERATORS, now, Cards())
    turns = [(turn.operator, turn.last_turn_at, turn.cards, turn.away) for turn in rota]
    return each, alike, entries.find_by_message_ids(desk, IDS), turns, tickets.take_number(desk)


def batch(desk, rows, dice, *, ahead, other):
    """Mails are handled; what the next is told after each. `other`: something else is written, too, in the middle."""
    hold_everything(desk)
    if ahead:
        foresee(desk, rows)
    heard = [told(desk, NOW)]
    for number, row in enumerate(rows):
        now = NOW + timedelta(milliseconds=number)
        opened = ticket(desk)
        entries.record_mail(desk, dice.choice(IDS), opened)
        people.record_turn(desk, opened, dice.choice([BART, CATE]), "round_robin", now)
        greet(desk, dice, now)
        if other and number == 3:
            other(desk)
        finish(desk, row, dice, now)
        heard.append(told(desk, now))
    return heard


def _undo_a_part(desk):
    with suppress(Undone), savepoint(desk):
        ticket(desk)
        greet(desk, Random(1), NOW)
        raise Undone


@contextmanager
def undone(desk):
    """A transaction of which nothing is left."""
    with suppress(Undone), desk.write() as connection:
        yield connection
        raise Undone


def count_from(desk, number):
    """A server's sequence takes no number back."""
    if not desk.is_sqlite:
        with desk.write() as connection:
            connection.execute(text("SELECT setval('ticket_number', :number, false)"), {"number": number})


OTHERS = {
    "nothing": None,
    "a card": lambda desk: people.add_card(desk, 1, CATE, "late", NOW),
    "a block": lambda desk: conduct.add(desk, NoteConduct(WRITERS[1], "block", BART, "spam", 1), NOW),
    "a wish": lambda desk: personal.prefer(desk, PreferLanguage(WRITERS[0], "de"), NOW),
    "a change": lambda desk: desk.execute(update(HANDLED).values(sender="nobody", dedupe_key="")),
    "greetings erased": lambda desk: desk.execute(delete(GREETING)),
    "a part undone": _undo_a_part,
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("seed", range(3))
def test_a_batch_is_told_what_each_of_its_mails_would_be_told(desk, rows, seed, other):
    heard = []
    for ahead in (False, True):
        with undone(desk) as connection:
            heard.append(batch(connection, rows, Random(seed), ahead=ahead, other=other))
        count_from(desk, heard[0][0][-1])

    assert heard[0] == heard[1]
    assert len({str(one) for one in heard[0]}) == 9, "the test went blind"


def test_what_is_known_is_forgotten_when_the_table_is_written_to_and_not_before(desk):
    with desk.write() as connection:
        keep(connection, Facts(1), [CARD])
        connection.execute(select(CARD)).all()
        connection.execute(insert(SETTING).values(name="a card", value="card"))
        assert foreseen(connection, Facts)

        people.lift_cards(connection, BART, NOW)
        assert foreseen(connection, Facts) is None


def test_words_that_are_handed_to_the_driver_are_heard_too(desk):
    with desk.write() as connection:
        keep(connection, Facts(1), [CARD])
        connection.exec_driver_sql("DELETE FROM card")
        assert foreseen(connection, Facts) is None
        keep(connection, Facts(2), [CARD])
        connection.execute(text("WITH gone AS (SELECT 1) UPDATE card SET reason = 'none'"))
        assert foreseen(connection, Facts) is None


def test_who_puts_a_write_off_has_told_of_it(desk):
    def lift(connection, _):
        people.lift_cards(connection, BART, NOW)

    with desk.write() as connection:
        facts = Facts(1)
        keep(connection, facts, [CARD])
        put_off(connection, lift, [1], frozenset({CARD.name}))
        connection.execute(select(CARD)).all()
        assert foreseen(connection, Facts) is facts


def test_nothing_is_known_beyond_the_transaction_nor_outside_of_one(desk):
    with desk.write() as connection:
        keep(connection, Facts(1), [CARD])
    with desk.write() as connection:
        assert foreseen(connection, Facts) is None
    with desk.read() as connection:
        keep(connection, Facts(1), [CARD])
        assert foreseen(connection, Facts) is None


def test_near_the_cap_of_all_the_letters_are_counted_one_by_one(desk):
    """F13: what is foreseen is an upper bound."""
    with desk.write() as connection:
        written = Greet("d@d.example", "reopened", verified=False)
        greetings.add(connection, [written] * 20, NOW)
        greetings.foresee(connection, WRITERS, NOW)
        greetings.add(connection, [written] * 10, NOW)
        greetings.add(connection, [replace(written, withheld="flood")] * 50, NOW)

        far, _ = greetings.of_customer(connection, WRITERS[0], ON_TICKETS, 1000, NOW)
        near, _ = greetings.of_customer(connection, WRITERS[0], ON_TICKETS, 60, NOW)
    assert (far.in_all, near.in_all) == (80, 30)


@pytest.mark.postgres
def test_numbers_of_a_batch_that_was_undone_are_given_again(desk):
    """On a server, too, as long as nobody has asked for them there."""
    given = []
    for transaction in (undone, Database.write, undone, Database.write):
        with transaction(desk) as connection:
            hold_everything(connection)
            given.append([ticket(connection) for _ in range(3)])
    with desk.write() as connection:
        among_others = tickets.take_number(connection)

    assert given == [[1, 2, 3], [1, 2, 3], [4, 5, 6], [4, 5, 6]]
    assert among_others == 7


def test_an_update_leaves_what_is_known_of_which_rows_there_are(desk):
    with desk.write() as connection:
        keep(connection, Facts(1), [CARD], of_rows=True)
        people.lift_cards(connection, BART, NOW)
        assert foreseen(connection, Facts)
        connection.execute(delete(CARD))
        assert foreseen(connection, Facts) is None
