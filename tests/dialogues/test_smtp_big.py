"""Dialogues with big mails: they wait in files, not in memory, and the spool takes them one by one (T13, R3)."""

import asyncio
import resource
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from smtp_fixtures import KNOWS, LETTER, OPENING, Trouble, eventually, send_letter

from helpdesk.store.session import Database
from helpdesk.testing.smtp_client import Client, hosted
from helpdesk.wire.smtp_caps import Room
from helpdesk.wire.smtp_keeping import SPILL
from helpdesk.wire.smtp_server import ListenerSettings

LINES = b"x" * 998 + b"\r\n"
BIG = b"Subject: big\r\nReturn-Path: <forged@x.example>\r\n\r\n" + LINES * (2 * SPILL // 1000)


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "state").mkdir()
    return ListenerSettings(folder=tmp_path / "state")


def send(port: int, mail: bytes, source: str = "127.0.0.1") -> str:
    with Client.connect(port, source) as client:
        client.say(OPENING + mail + b".\r\nQUIT\r\n")
        return client.hear_all()[-2]


@pytest.mark.parametrize(
    "lines", [b"", b"..dot\r\nbare\nbare\rbroken\r\r\nend\r\n"], ids=["clean", "odd line ends"]
)
def test_a_big_mail_is_stored_as_a_small_one_is(tmp_path, settings, lines):
    """R4, T9: trace on top, forged fields gone, dots and line ends as ever; no file remains."""
    with hosted(tmp_path, KNOWS, settings) as desk:
        assert send(desk.port, BIG + lines).startswith("250")

        raw = desk.mails()[0].arrival.raw
        head, _, body = raw.partition(b"\r\n\r\n")
        assert head.startswith(b"Return-Path: <anne@customer.example>\r\nReceived: from c.example")
        assert head.endswith(b"\r\nSubject: big")
        odd = b".dot\r\nbare\r\nbare\r\nbroken\r\nend\r\n" if lines else b""
        assert body == LINES * (2 * SPILL // 1000) + odd
        assert list(settings.folder.iterdir()) == []


def test_a_big_mail_in_the_making_has_no_name_on_the_disk(tmp_path, settings):
    """Killed in the middle of a transfer, the desk leaves no file."""
    with hosted(tmp_path, KNOWS, settings) as desk, Client.connect(desk.port) as client:
        client.say(OPENING + BIG)

        assert eventually(lambda: files_of(settings.folder))
        assert list(settings.folder.iterdir()) == []
        client.close()
        assert eventually(lambda: not files_of(settings.folder))


def files_of(folder: Path) -> list[str]:
    """What this process has open there, with a name or without."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(link.readlink()))
        except OSError:
            continue
    return [name for name in found if name.startswith(str(folder))]


@pytest.fixture
def little_room():
    """No file of this process may grow beyond 4 MB."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_in_mid_transfer_is_told_and_the_desk_goes_on(tmp_path, settings, little_room):
    """R3: the sender shall come again; the session goes on, and small mails are taken."""
    with hosted(tmp_path, KNOWS, settings) as desk, Client.connect(desk.port) as client:
        client.say(OPENING + LINES * 5000 + b".\r\n" + OPENING + LETTER + b"QUIT\r\n")
        replies = [reply[:9] for reply in client.hear_all()]

        assert "452 4.3.1" in replies
        assert replies[-2:] == ["250 2.0.0", "221 2.0.0"]
        assert len(desk.mails()) == 1
        assert not files_of(settings.folder)


def test_a_folder_that_cannot_be_written_is_our_own_fault(tmp_path):
    """R3: never a refusal for good."""
    settings = ListenerSettings(folder=tmp_path / "nowhere")
    with hosted(tmp_path, KNOWS, settings) as desk, Client.connect(desk.port) as client:
        client.say(OPENING)
        while not client.hear().startswith("354"):
            pass
        client.say(BIG)

        assert client.hear() == "451 4.3.0 Temporary problem here, please try again later"
        assert send_letter(desk.port)[-2].startswith("250")


def test_big_mails_are_read_into_memory_one_by_one(tmp_path, settings):
    """T13: while the spool writes one, the others wait in their files; small mails do not wait for them."""
    trouble = Trouble()
    spool = Database(f"sqlite:///{tmp_path / 'spool.db'}", before_commit=trouble)
    with (
        hosted(tmp_path, KNOWS, replace(settings, room=SPILL), spool=spool) as desk,
        ThreadPoolExecutor(4) as senders,
    ):
        trouble.reached.clear()
        trouble.gate.clear()
        sending = [senders.submit(send, desk.port, BIG) for _ in range(3)]
        assert trouble.reached.wait(20)
        assert eventually(lambda: len(files_of(settings.folder)) == 3)
        small = senders.submit(send_letter, desk.port)
        assert eventually(lambda: len(desk.listener._receiver._waiting) == 1)
        trouble.gate.set()

        assert [one.result(20)[:3] for one in sending] == ["250"] * 3
        assert small.result(20)[-2].startswith("250")
        assert len(desk.mails()) == 4


def test_room_is_given_in_the_order_of_asking_and_never_refused():
    """T13: one that is bigger than all of the room goes alone."""

    async def story() -> list[str]:
        room, told = Room(10), []

        async def pass_through(name: str, size: int) -> None:
            async with room.take(size):
                told.append(f"+{name}")
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                told.append(f"-{name}")

        await asyncio.gather(
            *(pass_through(*one) for one in (("a", 6), ("b", 25), ("c", 4), ("d", 6), ("e", 0)))
        )
        return told

    told = asyncio.run(story())

    assert told[:6] == ["+a", "+e", "-a", "-e", "+b", "-b"]
    assert told.index("+c") < told.index("-d")
    assert len(told) == 10


def test_room_of_one_who_is_cancelled_is_free_again():
    async def story() -> bool:
        room = Room(10)

        async def hold() -> None:
            async with room.take(10):
                await asyncio.sleep(60)

        holder, waiter = asyncio.create_task(hold()), asyncio.create_task(hold())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiter.cancel()
        holder.cancel()
        await asyncio.gather(holder, waiter, return_exceptions=True)
        async with asyncio.timeout(5), room.take(10):
            return True

    assert asyncio.run(story())


@pytest.mark.parametrize(
    ("settings", "mail", "code"),
    [
        (ListenerSettings(max_hops=10), b"Received: a\r\n" * 10 + LETTER[:-3], "250"),
        (ListenerSettings(max_hops=10), b"Received: a\r\n" * 11 + LETTER[:-3], "554 5.4.6"),
        (ListenerSettings(max_line=1000), b"\r\n" + b"x" * 1000 + b"\r\n", "250"),
        (ListenerSettings(max_line=1000), b"\r\n" + b"x" * 1001 + b"\r\n", "554 5.6.0"),
        (ListenerSettings(max_size=3000), b"\r\n" + b"x" * 2996 + b"\r\n", "250"),
        (ListenerSettings(max_size=3000), b"\r\n" + b"x" * 2997 + b"\r\n", "552 5.3.4"),
    ],
)
def test_the_limits_of_one_mail_are_configured(tmp_path, settings, mail, code):
    """[limits] hops and line, [receive.smtp] max_size."""
    with hosted(tmp_path, KNOWS, settings) as desk:
        assert send(desk.port, mail).startswith(code)


@pytest.mark.parametrize(("errors", "ends"), [(2, False), (3, True)])
def test_the_errors_of_one_session_are_configured(tmp_path, errors, ends):
    """[limits] errors, T19."""
    with hosted(tmp_path, KNOWS, ListenerSettings(max_errors=3)) as desk, Client.connect(desk.port) as client:
        client.say(b"WRONG\r\n" * errors + b"QUIT\r\n")

        last = client.hear_all()[-1]
        assert (last == "421 4.7.0 Too many errors, closing") is ends
