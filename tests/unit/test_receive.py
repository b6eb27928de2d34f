"""The receiver against a real spool: one commit for all that waits, and never a 250 without one (P1, F5f, T20)."""

import asyncio
import errno
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from helpdesk.flow.receive import (
    Receiver,
    SpoolFailed,
    SpoolFull,
    disk_floor,
    is_full,
    recipient_rule,
)
from helpdesk.model.mail import Arrival, Road
from helpdesk.model.policy import Policy, WorkCalendar
from helpdesk.store import inbox
from helpdesk.store.inbox import Cursor
from helpdesk.store.migrate import upgrade
from helpdesk.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Spool:
    """A real spool whose commits a test can hold back, count and break."""

    def __init__(self, folder):
        self.commits = 0
        self.before: BaseException | None = None
        self.after: BaseException | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()
        self.database = Database(
            f"sqlite:///{folder / 'spool.db'}", before_commit=self._before, after_commit=self._after
        )
        upgrade(self.database, "spool")

    def _before(self) -> None:
        self.reached.set()
        assert self.gate.wait(20)
        if self.before is not None:
            raise self.before

    def _after(self) -> None:
        self.commits += 1
        if self.after is not None:
            raise self.after

    def raws(self) -> list[bytes]:
        with self.database.read() as connection:
            return [row.arrival.raw for row in inbox.fetch(connection, inbox.ids_after(connection, 0, 1000))]


@pytest.fixture
def spool(tmp_path):
    made = Spool(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def stored():
    return []


@pytest.fixture
def receiver(spool, stored):
    made = Receiver(spool.database, stored.extend)
    made.start()
    yield made
    spool.gate.set()
    made.stop()


def mail(text: str = "x", **fields) -> Arrival:
    return Arrival(f"Subject: {text}\r\n\r\n{text}\r\n".encode(), Road.SMTP, NOW, **fields)


def test_an_accepted_mail_is_in_the_spool(receiver, spool, stored):
    """P1."""
    spool_id = asyncio.run(receiver.accept(mail()))
    receiver.stop()

    assert spool.raws() == [mail().raw]
    assert [(one.id, one.arrival) for one in stored] == [(spool_id, mail())]
    assert 0 < stored[0].seconds < 10


def test_all_that_waits_shares_one_commit(receiver, spool):
    """ARCHITECTURE, way 1."""

    async def many() -> list[int]:
        spool.gate.clear()
        first = asyncio.create_task(receiver.accept(mail("first")))
        await asyncio.to_thread(spool.reached.wait, 10)
        others = [asyncio.create_task(receiver.accept(mail(str(n)))) for n in range(50)]
        await asyncio.sleep(0)  # each of them asks
        spool.gate.set()
        return await asyncio.gather(first, *others)

    ids = asyncio.run(many())

    assert ids == list(range(1, 52))
    assert spool.commits == 2


def test_a_caller_that_goes_away_undoes_nothing(receiver, spool):
    """F5f."""

    async def leave() -> None:
        spool.gate.clear()
        asking = asyncio.create_task(receiver.accept(mail()))
        await asyncio.to_thread(spool.reached.wait, 10)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        spool.gate.set()
        await receiver.accept(mail("next"))

    asyncio.run(leave())

    assert spool.raws() == [mail().raw, mail("next").raw]


def test_one_mail_that_cannot_be_stored_does_not_hold_back_its_neighbours(receiver, spool):
    bad = mail("bad", mailbox=object())

    async def three() -> list[object]:
        spool.gate.clear()
        first = asyncio.create_task(receiver.accept(mail("first")))
        await asyncio.to_thread(spool.reached.wait, 10)
        others = [asyncio.create_task(receiver.accept(one)) for one in (mail("a"), bad, mail("b"))]
        await asyncio.sleep(0)  # each of them asks
        spool.gate.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    answers = asyncio.run(three())

    assert [type(answer) for answer in answers] == [int, int, SpoolFailed, int]
    assert spool.raws() == [mail("first").raw, mail("a").raw, mail("b").raw]


def test_the_log_does_not_show_the_mail_that_could_not_be_stored(receiver):
    """T24: the database's own error text would."""
    with capture_logs() as lines, pytest.raises(SpoolFailed):
        receiver.accept_now([mail("planted secret", mailbox=object())])

    assert [line["action"] for line in lines] == ["receive.failed"]
    assert "planted" not in str(lines)
    assert "exc_info" not in lines[0]


def test_a_commit_that_failed_is_not_tried_twice(receiver, spool):
    """It may have happened: the sender comes again, and the dedupe key knows the mail."""
    spool.after = RuntimeError("after")

    async def three() -> list[object]:
        spool.gate.clear()
        first = asyncio.create_task(receiver.accept(mail("first")))
        await asyncio.to_thread(spool.reached.wait, 10)
        others = [asyncio.create_task(receiver.accept(mail(text))) for text in "ab"]
        await asyncio.sleep(0)  # each of them asks
        spool.gate.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    answers = asyncio.run(three())

    assert [type(answer) for answer in answers] == [SpoolFailed] * 3
    assert spool.raws() == [mail("first").raw, mail("a").raw, mail("b").raw]


def test_the_cursor_moves_with_the_mails_or_not_at_all(receiver, spool):
    cursor = Cursor("help", "INBOX", 7, 42)
    spool.before = RuntimeError("before")
    with pytest.raises(SpoolFailed):
        receiver.accept_now([mail("a"), mail("b")], cursor)
    with spool.database.read() as connection:
        assert inbox.read_cursor(connection, "help", "INBOX") is None
    spool.before = None

    ids = receiver.accept_now([mail("a"), mail("b")], cursor)

    assert ids == [1, 2]
    with spool.database.read() as connection:
        assert inbox.read_cursor(connection, "help", "INBOX") == cursor


def test_a_cursor_moves_without_mails_too(receiver, spool, stored):
    ids = receiver.accept_now([], Cursor("help", "INBOX", 7, 1))
    receiver.stop()

    assert ids == []
    assert stored == []


def test_threads_and_the_loop_share_the_way_in(receiver, spool):
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda n: receiver.accept_now([mail(str(n))])[0], range(100)))

    assert sorted(ids) == list(range(1, 101))


def test_stopping_writes_what_waits_and_refuses_what_comes_later(spool, stored):
    receiver = Receiver(spool.database, stored.extend)
    receiver.start()
    spool.gate.clear()
    with ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(receiver.accept_now, [mail(str(n))]) for n in range(2)]
        assert spool.reached.wait(10)
        stopping = threads.submit(receiver.stop)
        spool.gate.set()
        stopping.result(10)
        done = [asked.exception() for asked in asking]

    assert all(error is None or isinstance(error, SpoolFailed) for error in done)
    assert len(spool.raws()) == sum(error is None for error in done)
    with pytest.raises(SpoolFailed, match="not running"):
        receiver.accept_now([mail()])


def test_a_listener_that_breaks_does_not_stop_the_receiver(spool):
    def breaks(_batch) -> None:
        raise RuntimeError("hook")

    receiver = Receiver(spool.database, breaks)
    receiver.start()
    ids = [receiver.accept_now([mail(str(n))])[0] for n in range(2)]
    receiver.stop()

    assert ids == [1, 2]


def test_a_full_disk_has_its_own_name(receiver, spool):
    """R3: 452 and 451 differ."""
    spool.before = OSError(errno.ENOSPC, "no space")

    with pytest.raises(SpoolFull):
        receiver.accept_now([mail()])


def test_sqlite_out_of_pages_is_a_full_disk(receiver, spool):
    """R3, T20: the real error of the real library; the spool goes on when there is room."""
    with spool.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(SpoolFull):
        receiver.accept_now([mail("x" * 1_000_000)])
    spool.database.close()

    assert receiver.accept_now([mail("x" * 1_000_000)]) == [1]


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.EDQUOT, "quota"), True),
        (type("DiskFull", (Exception,), {"sqlstate": "53100"})(), True),
        (sqlite3.OperationalError("database is locked"), False),
        (OSError(errno.EIO, "input/output"), False),
    ],
    ids=repr,
)
def test_other_troubles_are_told_from_a_full_disk(error, full):
    outer = RuntimeError("outer")
    outer.__cause__ = error

    assert is_full(outer) is full


def test_the_floor_of_the_disk_is_kept_free(tmp_path, monkeypatch):
    """T20: max(1 GB, three of the largest mails)."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 2 * 1024**3})())

    disk_floor(tmp_path, 25)(1024**3)
    with pytest.raises(SpoolFull, match="make room"):
        disk_floor(tmp_path, 25)(1024**3 + 1)
    with pytest.raises(SpoolFull):
        disk_floor(tmp_path, 1024**3)(1)
    disk_floor(tmp_path, 25, least=100)(2 * 1024**3 - 100)
    with pytest.raises(SpoolFull):
        disk_floor(tmp_path, 25, least=100)(2 * 1024**3 - 99)


def test_the_desk_without_a_list_knows_itself_and_postmaster_only():
    """R6, R18."""
    knows = recipient_rule(Policy("Desk", "help@desk.example", WorkCalendar(ZoneInfo("UTC"))))
    asked = ["help@desk.example", "Help+x@DESK.example", "postmaster", "POSTMASTER@desk.example"]

    assert all(map(knows, asked))
    others = ["", "help", "pic@desk.example", "postmaster@x.example", "None", "+@desk.example"]
    assert not any(map(knows, [*others, "help@des\u212a.example"]))  # T33: the Kelvin sign
