"""Mails and deadlines that share a transaction end as if each had one of its own, with or without an aide."""

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from scenario_rules import rules
from sqlalchemy import event, select

from helpdesk.daemon import aide_line
from helpdesk.daemon.aide_line import STARTED_FOR
from helpdesk.decide.parked import park_notice
from helpdesk.flow import letters
from helpdesk.flow import ring as ringing
from helpdesk.flow.intake import take_in
from helpdesk.flow.known import known_of, late_on, look_up
from helpdesk.model.ticket import DeadlineKind
from helpdesk.render import writing
from helpdesk.render.compose import ComposeError
from helpdesk.store import evidence, tickets
from helpdesk.store.later import do_now
from helpdesk.store.schema import (
    DEADLINE,
    ENTRY,
    GREETING,
    HANDLED,
    JOURNAL,
    MESSAGE_ID,
    OUTBOX,
    TICKET,
    TURN,
)
from helpdesk.testing.aide import PatientAide
from helpdesk.testing.desk import ADDRESS, Desk
from helpdesk.testing.patience import until


@pytest.fixture
def desk_in(tmp_path):
    opened = []

    def open_desk(name):
        folder = tmp_path / name
        folder.mkdir()
        opened.append(Desk(folder, rules()))
        return opened[-1]

    yield open_desk
    for desk in opened:
        desk.close()


@contextmanager
def nobody(_desk):
    yield


@contextmanager
def with_an_aide(desk):
    """Which is up and at work."""
    alone, aide = desk.shop.aside, PatientAide(60, 1024**3)
    desk.shop.aside = aide

    def is_there():
        with aide.helping(STARTED_FOR):
            return aide.begin(divmod, 8, 7)() == (1, 1) and aide._is_ready

    try:
        asyncio.run(until(is_there, "the aide never came"))
        yield
        assert aide.pid, "it was lost"
    finally:
        desk.shop.aside = alone
        aide.end()


@pytest.fixture(autouse=True)
def _the_aide_is_asked(monkeypatch):
    """However busy this machine is."""
    monkeypatch.setattr(aide_line, "CROWDED_SHARE", 2.0)


def four_tickets(desk):
    """One that waits for its answer, one for its customer, one whose customer was told a date; and a later one."""
    desk.anne.asks("First", "Where is it?")
    for subject, answer in (
        ("Second", "It is on its way."),
        ("Third", "#delay 2026-03-06 The supplier is late."),
    ):
        operator = desk.anne.asks(subject, "And the invoice?").operator
        (desk.bart if operator == desk.bart.address else desk.cate).answers(answer)
    desk.clock.move(timedelta(hours=2))
    desk.anne.asks("Fourth", "Is anybody there?")


def told(desk):
    """All that is on record, but for what is random."""
    asked = (
        (TICKET.c.number, TICKET.c.status, TICKET.c.operator),
        (JOURNAL.c.id, JOURNAL.c.ticket, JOURNAL.c.event, JOURNAL.c.reasons, JOURNAL.c.at),
        (OUTBOX.c.id, OUTBOX.c.ticket, OUTBOX.c.letter, OUTBOX.c.to_addresses, OUTBOX.c.subject),
        (DEADLINE.c.ticket, DEADLINE.c.kind, DEADLINE.c.due_at),
        (HANDLED.c.spool_id, HANDLED.c.state, HANDLED.c.outcome, HANDLED.c.reason, HANDLED.c.ticket),
        (GREETING.c.id, GREETING.c.address, GREETING.c.letter, GREETING.c.withheld),
        (TURN.c.number, TURN.c.ticket, TURN.c.operator, TURN.c.how),
        (MESSAGE_ID.c.ticket, MESSAGE_ID.c.public),
    )
    with desk.shop.desk.read() as connection:
        entries = connection.execute(select(ENTRY.c.ticket, ENTRY.c.kind, ENTRY.c.text).order_by(ENTRY.c.id))
        return [
            sorted(connection.execute(select(*columns)).all(), key=str) for columns in asked
        ], entries.all()


def test_deadlines_that_share_a_transaction_end_as_if_alone(desk_in, monkeypatch):
    """After a week without the desk several of each ticket are due at once, and the later undo the earlier."""
    monkeypatch.setattr(aide_line, "ASKED_FOR", 2)
    ended = []
    for together, help_of in ((1, nobody), (50, nobody), (50, with_an_aide)):
        monkeypatch.setattr(ringing, "_TOGETHER", together)
        desk = desk_in(f"{together}{help_of.__name__}")
        four_tickets(desk)
        desk.clock.move(timedelta(days=9))
        with help_of(desk):
            rung = ringing.ring(desk.shop)
        desk.run()
        ended.append((rung, told(desk)))

    assert ended[0][0] > 4, "the test went blind"
    assert ended[0] == ended[1] == ended[2]


def a_mornings_mail(desk):
    """Questions, a copy, replies to what stands beside them in the same batch, robots, files, words of staff."""
    anne, bart = desk.anne, desk.bart
    known = anne.asks("Known", "Where is it?")
    mails = [
        (anne, anne.new([ADDRESS], f"Order {n}", f"Where is order {n}, for 12 € – today?")) for n in range(8)
    ]
    ids = [mail["Message-ID"] for _, mail in mails]
    mails.append((anne, mails[2][1]))
    for n in (0, 0, 5):
        reply = anne.new([ADDRESS], f"Re: Order {n}", f"It came, order {n} is here.")
        reply["In-Reply-To"] = ids[n]
        mails.append((anne, reply))
    robot = anne.new([ADDRESS], "Out of office", "I am away.")
    robot["Auto-Submitted"] = "auto-replied"
    mails.append((anne, robot))
    with_file = anne.new([ADDRESS], "A picture", "See below.")
    with_file.add_attachment(b"picture" * 500, "image", "png", filename="lamp.png")
    mails.append((anne, with_file))
    assigned = desk.letters("assignment")[-1]
    mails.append(
        (bart, bart.new(list(assigned.answer_to()), f"Re: {assigned.subject}", "#note Ask the carrier."))
    )
    mails.append((bart, bart.new(list(assigned.answer_to()), f"Re: {assigned.subject}", "It is on its way.")))
    for sender, mail in mails:
        desk.receive(mail.as_bytes(), sender.address, (ADDRESS,))
    return known.number


def test_mails_that_share_a_transaction_end_as_if_alone(desk_in, monkeypatch):
    monkeypatch.setattr(aide_line, "ASKED_FOR", 2)
    ended, begun_ahead = [], []
    for at_once, help_of in ((1, nobody), (50, nobody), (50, with_an_aide), (6, with_an_aide)):
        desk = desk_in(f"{at_once}{help_of.__name__}")
        known = a_mornings_mail(desk)
        with help_of(desk):
            while take_in(desk.shop, at_once):
                begun_ahead.append(len(desk.shop.begun))
        conversations = [
            [(entry.kind, entry.sender, entry.subject, entry.text) for entry in desk.entries(number)]
            for number in range(1, 11)
        ]
        desk.run()
        ended.append((told(desk), conversations, desk.history(known)))

    assert all(one == ended[0] for one in ended)
    assert [len(said) for said in ended[0][1]][:3] == [3, 5, 3], "the test went blind"
    assert begun_ahead[-3:] == [10, 4, 0]  # of the 16 mails, while the batch before theirs was stored


@pytest.mark.parametrize("in_all", [300, 105, 3])
def test_caps_count_what_the_same_transaction_has_written(tmp_path, in_all):
    """F13, T7: the day's letter to each address, the hour's to a domain and to all, and who writes in a circle."""
    ended = []
    for at_once in (1, 50):
        folder = tmp_path / str(at_once)
        folder.mkdir()
        desk = Desk(folder, rules(per_domain=4, in_all=in_all, loop_mails=3))
        for n in range(24):
            who = f"anne{n % 9}@customer{n % 2}.example"
            mail = desk.anne.new([ADDRESS], f"Order {n}", f"Where is order {n}?")
            mail.replace_header("From", who)
            desk.receive(mail.as_bytes(), who, (ADDRESS,))
        while take_in(desk.shop, at_once):
            pass
        ended.append(told(desk))
        desk.close()

    assert ended[0] == ended[1]
    withheld = {greeting.withheld for greeting in ended[1][0][5]}
    assert len(withheld) > 1, "the test went blind"


@pytest.fixture
def asked_in(desk_in):
    """How many statements this many new questions take in one transaction."""

    def asked(number):
        desk, seen = desk_in(f"of {number}"), []
        event.listen(desk.shop.desk._writer, "before_cursor_execute", lambda *given: seen.append(given[2]))
        for n in range(number):
            mail = desk.anne.new([ADDRESS], f"Order {n}", f"Where is order {n}?")
            desk.receive(mail.as_bytes(), f"anne{n}@customer{n}.example", (ADDRESS,))
        assert take_in(desk.shop) == number
        return len(seen)

    return asked


def test_many_mails_ask_the_store_no_more_often_than_a_few(asked_in):
    """What each of them costs is a row more in the same statements; only texts are read ten tickets at a time."""
    assert asked_in(40) <= asked_in(5) + 3 < 40


def test_a_letter_that_is_parked_leaves_the_mail_in_hand_that_was(desk_in, monkeypatch):
    """F4: it was put off; another mail is in hand by now, and to be blamed for what comes next."""

    def refuses(*_given):
        raise ComposeError("it would have another recipient")

    monkeypatch.setattr(writing, "compose", refuses)
    shop, beats = desk_in("desk").shop, []
    shop.beat = beats.append
    with shop.desk.write() as connection:
        shop.take_up(1)
        letters.write_letters(shop, connection, park_notice(1, "why", shop.policy), shop.clock())
        shop.take_up(2)
        do_now(connection)

        assert shop.in_hand == 2
    assert beats == [1, 2, 1, 2]


def test_what_is_read_together_is_what_is_read_of_each(desk_in):
    desk = desk_in("desk")
    four_tickets(desk)
    desk.clock.move(timedelta(days=9))
    now = desk.clock()

    with desk.shop.desk.read() as connection:
        loaded = [tickets.load(connection, number) for number in (1, 2, 3, 4)]
        passed = [(ticket, _owed(ticket) or ticket.deadlines[-1]) for ticket in loaded]
        together = known_of(connection, passed, now)
        late = [one for ticket, deadline in passed if (one := late_on(ticket, deadline))]
        alone = {one.number: evidence.of_operators(connection, [one], now)[0] for one in late}
        each = {
            ticket.number: replace(look_up(connection, ticket.number), evidence=alone.get(ticket.number))
            for ticket in loaded
        }

    assert together == each
    assert {number for number, its in together.items() if its.evidence and its.evidence.sent} == {1, 4}
    assert together[3].promise


def _owed(ticket):
    return next((d for d in ticket.deadlines if d.kind is DeadlineKind.FIRST_RESPONSE), None)


def test_a_letter_that_several_get_is_rendered_once(desk_in, monkeypatch):
    desk = desk_in("desk")
    desk.anne.asks("It", "Where is it?")
    desk.bart.claims()
    desk.bart.answers("It is on its way.")
    rendered = []
    library = desk.shop.library
    filling = library.filling
    monkeypatch.setattr(
        library, "filling", lambda letter, *rest: rendered.append(letter) or filling(letter, *rest)
    )
    desk.passes(days=9)

    assert len(desk.letters("closed_no_feedback")) == 3  # the customer, the list, PIC
    assert rendered.count("closed_no_feedback") < 3
