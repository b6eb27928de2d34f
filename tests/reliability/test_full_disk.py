"""No room on the disk: nobody hears 250 for what is not stored, nothing is half done, and all goes on with room."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from meaning import meaning, soundness
from sqlalchemy.exc import OperationalError

from helpdesk.flow.intake import take_in
from helpdesk.flow.ring import ring
from helpdesk.store import handled, inbox, tickets
from helpdesk.store.session import Database
from helpdesk.testing.desk import ADDRESS, Desk
from helpdesk.testing.smtp_client import Client, hosted

PLENTY = 1_000_000
BIG = "A long story. " * 3000


def leave_room(database: Database, pages: int) -> None:
    """From now on the file may grow by so many pages and no further: SQLite then says that the disk is full."""
    with closing(sqlite3.connect(str(database.path))) as raw:
        raw.execute("VACUUM")  # or pages that are free inside the file would be room as well
    with database.write() as connection:
        used = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {min(used + pages, PLENTY)}")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def send(port: int, text: str) -> str:
    """Hand in a mail as a mail server does; return the reply to its final dot."""
    with Client.connect(port) as client:
        client.hear()
        for line in (
            "EHLO customer.example",
            "MAIL FROM:<anne@customer.example>",
            f"RCPT TO:<{ADDRESS}>",
            "DATA",
        ):
            client.say(f"{line}\r\n".encode())
            client.hear()
        client.say(f"From: anne@customer.example\r\nSubject: hello\r\n\r\n{text}\r\n.\r\n".encode())
        return client.hear()


def test_the_listener_says_452_to_what_does_not_fit_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    spool = Database(f"sqlite:///{tmp_path / 'spool.db'}")
    with hosted(tmp_path, lambda address: address == ADDRESS, spool=spool) as host:
        first = send(host.port, "small")
        leave_room(spool, 3)
        too_big = [send(host.port, BIG) for _ in range(3)]
        leave_room(spool, PLENTY)
        last = send(host.port, BIG)

        assert [first[:3], *(reply[:3] for reply in too_big), last[:3]] == ["250", "452", "452", "452", "250"]
        assert len(host.mails()) == 2, "what was answered with 250, and only that, is stored"


@pytest.mark.parametrize("room", [0, 1, 2, 4, 8])
def test_a_mail_that_the_worker_cannot_store_is_handled_whole_when_there_is_room(
    desk: Desk, room: int
) -> None:
    """A full disk is no fault of the mail: it is not parked, and its text is not given up (P6)."""
    mail = desk.anne.new([ADDRESS], "My order", BIG)
    row = desk.receive(mail.as_bytes(), desk.anne.address, (ADDRESS,))
    with desk.shop.desk.write() as connection, desk.shop.spool.read() as spool:
        handled.take(connection, spool, 1, desk.clock(), desk.shop.node)
        handled.forgive(connection, None, desk.shop.node)
    leave_room(desk.shop.desk, room)
    for _ in range(5):
        with pytest.raises(OperationalError, match="full"):
            take_in(desk.shop)
        with desk.shop.desk.read() as connection:
            assert tickets.next_number(connection) == 1, "nothing half done"

    leave_room(desk.shop.desk, PLENTY)
    desk.run()

    assert desk.outcome(row).outcome == "customer_wrote"
    assert desk.entries()[0].text.split() == BIG.split()
    assert [letter.name for letter in desk.sent].count("acknowledgement") == 1
    assert desk.letters("parked") == []
    assert soundness(desk) == []


def test_a_deadline_that_cannot_be_stored_rings_when_there_is_room(tmp_path: Path, desk: Desk) -> None:
    twin_folder = tmp_path / "twin"
    twin_folder.mkdir()
    twin = Desk(twin_folder)
    for one in (desk, twin):
        one.anne.asks("My order", BIG)
    for one in (desk, twin):
        one.clock.move(one.next_alarm() - one.clock())  # type: ignore[operator]

    leave_room(desk.shop.desk, 0)
    # whether it fails outright or puts the deadline off: nothing is done now
    with suppress(OperationalError):
        ring(desk.shop)
    assert desk.history() == ["created", "assigned"]
    leave_room(desk.shop.desk, PLENTY)
    desk.passes(minutes=10)
    twin.run()
    twin.passes(minutes=10)

    reminders = [[letter.to for letter in one.letters("reminder")] for one in (desk, twin)]
    twin.close()
    assert reminders[0] == reminders[1] != []
    assert soundness(desk) == []


def test_ids_of_the_spool_stay_in_order_after_a_full_disk(desk: Desk) -> None:
    """The watermark of `handled` needs ids that only grow: a rolled back one may be used again, none goes back."""
    first = desk.receive(b"Subject: one\r\n\r\n", "", (ADDRESS,))
    leave_room(desk.shop.spool, 0)
    with pytest.raises(OperationalError):
        desk.receive(b"Subject: big\r\n\r\n" + BIG.encode(), "", (ADDRESS,))
    leave_room(desk.shop.spool, PLENTY)
    second = desk.receive(b"Subject: two\r\n\r\n", "", (ADDRESS,))

    with desk.shop.spool.read() as spool:
        assert inbox.ids_after(spool, 0, 10) == [first, second]
    assert meaning(desk)["tickets"] == {}
