"""The same mail by several roads, several times, in any order, is one event; another mail never is (R35, 5.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpdesk.model.mail import Arrival, Road
from helpdesk.model.ticket import EntryKind
from helpdesk.store import tickets
from helpdesk.testing.desk import ADDRESS, LIST
from helpdesk.testing.mailing_list import MailingList
from helpdesk.testing.power import Mains, PoweredDesk, Saved

FOOTER = "Milis mailing list\nTo leave: https://lists.example/milis"
REAL = "Where is my order 12?\nI have waited for two weeks - and paid.\n\nAnne"

in_one_world = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PoweredDesk, Saved]]:
    """A desk on its first morning, to come back to before every example."""
    folder = tmp_path_factory.mktemp("morning")
    desk = PoweredDesk(folder)
    yield desk, desk.save(folder / "saved")
    desk.close()


def start(morning: tuple[PoweredDesk, Saved]) -> PoweredDesk:
    desk, saved = morning
    desk.rewind(saved, Mains())
    return desk


def by_smtp(desk: PoweredDesk, raw: bytes) -> int:
    return desk.receive(raw, desk.anne.address, (ADDRESS,))


def by_list(desk: PoweredDesk, raw: bytes) -> int:
    milis = MailingList(LIST, footer=FOOTER)
    return desk.receive(milis.copy(raw), milis.bounces, (ADDRESS,))


def by_munging_list(desk: PoweredDesk, raw: bytes) -> int:
    milis = MailingList(LIST, munges=True, footer=FOOTER)
    return desk.receive(milis.copy(raw), milis.bounces, (ADDRESS,))


def by_imap(desk: PoweredDesk, raw: bytes) -> int:
    """Fetched from a mailbox, where the mail server has left its own headers and line ends."""
    left = b"Return-Path: <anne@customer.example>\r\nDelivered-To: help@desk.example\r\nReceived: from mx\r\n"
    fetched = left + raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return desk.arrive(Arrival(raw=fetched, road=Road.IMAP, received_at=desk.clock(), mailbox="help"))


ROADS: dict[str, Callable[[PoweredDesk, bytes], int]] = {
    "smtp": by_smtp, "list": by_list, "munged": by_munging_list, "imap": by_imap,
}  # fmt: skip
journeys = st.lists(st.tuples(st.sampled_from(sorted(ROADS)), st.booleans()), min_size=1, max_size=5)


def words_of_customers(desk: PoweredDesk) -> list[str]:
    with desk.shop.desk.read() as connection:
        numbers = range(1, tickets.next_number(connection))
        entries = [e for n in numbers for e in tickets.entries(connection, n)]
    return ["".join(e.text.split()) for e in entries if e.kind is EntryKind.CUSTOMER]


@in_one_world
@given(journeys)
@example([(road, False) for road in ("munged", "imap", "list", "smtp", "smtp")])
def test_one_mail_by_any_roads_in_any_order_is_one_ticket_and_one_acknowledgement(
    morning: tuple[PoweredDesk, Saved], journey: list[tuple[str, bool]]
) -> None:
    """The copies come in one batch or one after the other (`True`: the desk works in between)."""
    desk = start(morning)
    raw = desk.anne.new([ADDRESS], "My order 12", REAL, cc=[LIST]).as_bytes()
    rows = []
    for road, works in journey:
        rows.append(ROADS[road](desk, raw))
        if works:
            desk.run()
    desk.run()

    outcomes = sorted(desk.outcome(row).outcome for row in rows)
    assert outcomes == ["customer_wrote", *["duplicate"] * (len(rows) - 1)]
    assert desk.newest().number == 1
    assert [letter.to for letter in desk.letters("acknowledgement")] == [(desk.anne.address,)]
    assert len(words_of_customers(desk)) == 1


@in_one_world
@given(journeys)
def test_a_reply_by_any_roads_is_one_entry_and_one_letter(
    morning: tuple[PoweredDesk, Saved], journey: list[tuple[str, bool]]
) -> None:
    desk = start(morning)
    desk.anne.asks("My order 12", REAL)
    reply = desk.anne.reply(desk.anne.last("acknowledgement"), "It was a blue one.", cc=[LIST]).as_bytes()
    for road, works in journey:
        ROADS[road](desk, reply)
        if works:
            desk.run()
    desk.run()

    assert desk.history().count("customer_wrote") == 1
    holder = desk.ticket().operator
    assert sum(letter.to == (holder,) for letter in desk.letters("customer_reply")) == 1


@in_one_world
@given(forged=st.text(max_size=40), road=st.sampled_from(sorted(ROADS)), first=st.booleans())
@example("", "list", True)
@example("W", "list", True)
@example("Where is my order 12?", "munged", True)
@example("Where is my order 12?\nI have waited for two weeks ", "list", True)
@example(REAL + "\nPay to another account!", "smtp", False)
def test_a_mail_that_steals_a_message_id_never_suppresses_the_real_one(
    morning: tuple[PoweredDesk, Saved], forged: str, road: str, first: bool
) -> None:
    """The forger knows id, writer, date and subject, and sends directly; before the real mail or after it."""
    desk = start(morning)
    real = desk.anne.new([ADDRESS], "My order 12", REAL, cc=[LIST])
    forgery = desk.anne.new([ADDRESS], "My order 12", forged, cc=[LIST])
    for header in ("Message-ID", "Date"):
        forgery.replace_header(header, real[header])
    sends = [(by_smtp, forgery.as_bytes()), (ROADS[road], real.as_bytes())]
    for send, raw in sends if first else reversed(sends):
        send(desk, raw)
        desk.run()

    assert any(words.startswith("".join(REAL.split())[:50]) for words in words_of_customers(desk))


@pytest.mark.parametrize("road", sorted(ROADS))
def test_a_stranger_who_reuses_a_known_id_is_a_stranger_with_a_mail_of_his_own(
    morning: tuple[PoweredDesk, Saved], road: str
) -> None:
    desk = start(morning)
    real = desk.anne.new([ADDRESS], "My order 12", REAL, cc=[LIST])
    copied = real.as_bytes().replace(b"anne@customer.example", b"eve@elsewhere.example", 1)
    stolen = desk.receive(copied, "eve@elsewhere.example", (ADDRESS,))
    desk.run()
    row = ROADS[road](desk, real.as_bytes())
    desk.run()

    assert [desk.outcome(r).outcome for r in (stolen, row)] == ["customer_wrote", "customer_wrote"]
    acknowledged = sorted(letter.to[0] for letter in desk.letters("acknowledgement"))
    assert acknowledged == ["anne@customer.example", "eve@elsewhere.example"]
