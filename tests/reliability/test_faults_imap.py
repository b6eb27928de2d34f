"""A mailbox that makes trouble in every way (MAIL_RULES 5.4) under a running desk: each mail one ticket, CPU at rest.

tests/dialogues/test_imap_trouble.py has the poller alone; here the daemon, its front and its worker. Pauses
between attempts are played: the clocks of the processes move on (helpdesk.testing.clockshim).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from faults_world import STORES, FaultyDesk, Upstream, a_store, config

from helpdesk.testing.clockshim import ClockShim, cpu_seconds
from helpdesk.testing.imap_server import FakeImap
from helpdesk.testing.rubber import Rubber

LONGEST_PAUSE = timedelta(seconds=90)
"""5.4: new mail is a ticket 90 s after the repair."""
MAILBOX = """
[[receive.imap]]
host = "127.0.0.1"
port = {port}
tls = "none"
username = "help"
password_env = "FAULTS_IMAP_PASSWORD"
poll = "1s"
"""


class Mailbox:
    """A desk that reads a mailbox, and the people who use it."""

    def __init__(self, desk: FaultyDesk, server: FakeImap, shim: ClockShim) -> None:
        self.desk, self.server, self.shim = desk, server, shim
        self._uid = 0

    def gets(self, count: int = 1) -> list[str]:
        """New mails lie in it."""
        subjects = []
        for _ in range(count):
            self._uid += 1
            subjects.append(f"Letter {self._uid}")
            self.server.mails[self._uid] = raw(self._uid)
        return subjects

    def become_tickets(self, subjects: list[str], patience: float = 20.0) -> None:
        """Within the pause that a poller takes at most."""
        for _ in range(3):
            if self._arrive_within(subjects, 2.0):
                return
            self.shim.passes(LONGEST_PAUSE / 3)
        assert self._arrive_within(subjects, patience), f"{subjects}\n{self.desk.log_text()[-3000:]}"

    def comes_back(self, seen: int) -> None:
        """With another connection. The pause before it begins when the desk has noticed, not before."""
        for _ in range(6):
            self.shim.passes(timedelta(seconds=10))
            try:
                self.desk.until(lambda: self.server.connections > seen, "another connection", 5)
            except AssertionError:
                continue
            return
        raise AssertionError("it never came back")

    def _arrive_within(self, subjects: list[str], seconds: float) -> bool:
        try:
            self.desk.until(lambda: set(subjects) <= set(self.desk.subjects()), "tickets", seconds)
        except AssertionError:
            return False
        return True


def raw(number: int) -> bytes:
    return (
        f"From: Anne <anne{number}@customer.example>\r\nTo: help@desk.example\r\nSubject: Letter {number}\r\n"
        f"Message-ID: <{number}@customer.example>\r\n\r\nMy parcel has not come.\r\n"
    ).encode()


def restarts(box: Mailbox) -> None:
    for _ in range(3):
        seen = box.server.connections
        box.server.hang_up()
        box.comes_back(seen)


def counts_anew(box: Mailbox) -> None:
    """UIDVALIDITY changes: every UID is another mail's; what is still there is known by its bytes."""
    box.server.uidvalidity = (box.server.uidvalidity or 0) + 1
    box.server.hang_up()


def ends_idle(how: str) -> Callable[[Mailbox], None]:
    def trouble(box: Mailbox) -> None:
        box.server.on_idle = how  # type: ignore[assignment]
        seen = box.server.connections
        box.server.hang_up()
        box.desk.until(lambda: box.server.connections > seen, "a new attempt", 30)
        box.server.on_idle = "quiet"

    return trouble


def is_tidied_by_people(box: Mailbox) -> None:
    """Somebody deletes what was read; the cursor stands where it stood."""
    box.server.mails.clear()
    box.server.hang_up()


def refuses_the_password(box: Mailbox) -> None:
    right, box.server.password = box.server.password, "another-one"
    box.server.hang_up()
    box.desk.until(lambda: box.desk.log("imap_trouble"), "a refused login", 30)
    box.server.password = right
    box.shim.passes(timedelta(seconds=40))


TROUBLES: dict[str, Callable[[Mailbox], None]] = {
    "restarts": restarts,
    "UIDVALIDITY": counts_anew,
    "BYE": ends_idle("bye"),
    "half a line": ends_idle("half-line"),
    "reset": ends_idle("reset"),
    "end": ends_idle("eof"),
    "tidied": is_tidied_by_people,
    "password": refuses_the_password,
}


@pytest.fixture(scope="module", params=STORES)
def box(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    folder: Path = tmp_path_factory.mktemp("desk")
    shim, server = ClockShim(folder / "shim"), FakeImap()
    server.start()
    environ = {**shim.environ, "FAULTS_IMAP_PASSWORD": server.password}
    with Upstream() as upstream, a_store(request.param) as store:
        text = config(upstream.port, MAILBOX.format(port=server.port), store=store)
        with FaultyDesk(folder, text, environ=environ) as desk:
            yield Mailbox(desk, server, shim)
    server.stop()


@pytest.mark.parametrize("name", TROUBLES)
def test_mail_that_comes_after_the_trouble_is_a_ticket_once(box: Mailbox, name: str) -> None:
    box.become_tickets(box.gets(2))
    box.shim.passes(timedelta(seconds=40))  # a connection that has lived so long ends a row of troubles
    used = cpu_seconds(box.desk.pid)
    TROUBLES[name](box)
    box.become_tickets(box.gets(2))
    used = cpu_seconds(box.desk.pid) - used
    tickets = box.desk.subjects()

    assert max(tickets.values()) == 1
    assert len(tickets) == box._uid
    assert used < 2.0, "a busy loop takes all of a core for as long as the trouble lasts"
    assert box.desk.log("part_ended") == []


@pytest.mark.chaos
def test_a_connection_that_is_half_open_is_given_up(tmp_path: Path) -> None:
    """A firewall has swallowed it: no end, no answer; the poller's own deadline ends it (F6)."""
    shim, server = ClockShim(tmp_path / "shim"), FakeImap()
    rubber = Rubber(server.port)
    server.start()
    rubber.start()
    text = MAILBOX.format(port=rubber.port)
    environ = {**shim.environ, "FAULTS_IMAP_PASSWORD": server.password}
    with Upstream() as upstream, FaultyDesk(tmp_path, config(upstream.port, text), environ=environ) as desk:
        box = Mailbox(desk, server, shim)
        box.become_tickets(box.gets())
        rubber.be("half-open")
        box.become_tickets(box.gets(), patience=90.0)

        assert max(desk.subjects().values()) == 1
    rubber.stop()
    server.stop()
