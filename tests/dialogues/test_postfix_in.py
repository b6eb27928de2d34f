"""Mail that a real Postfix hands to our listener, by LMTP and by SMTP: all of it, once, also across our restart."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from helpdesk.flow.receive import Receiver
from helpdesk.model.mail import Road, SpooledArrival
from helpdesk.store import inbox, migrate
from helpdesk.store.session import Database
from helpdesk.testing.needs import free_port
from helpdesk.testing.postfix import Postfix
from helpdesk.wire.smtp_server import Listener
from helpdesk.wire.smtp_settings import ListenerSettings

pytestmark = pytest.mark.postfix
ANNE, HELP = "anne@customer.example", "help@desk.example"


@asynccontextmanager
async def listening(spool: Database, port: int, protocol: str) -> AsyncIterator[None]:
    """A listener that knows help@desk.example and its plus addresses."""
    receiver = Receiver(spool, lambda _: None, None)
    receiver.start()
    settings = ListenerSettings(port=port, protocol=protocol, hostname="desk.example")  # type: ignore[arg-type]
    listener = Listener(settings, receiver, lambda address: address.split("@")[0].split("+")[0] == "help")
    await listener.start()
    try:
        yield
    finally:
        await listener.stop(grace=5)
        receiver.stop()


@pytest.fixture
def spool(tmp_path: Path):
    spool = Database(f"sqlite:///{tmp_path / 'spool.db'}")
    migrate.upgrade(spool, "spool")
    yield spool
    spool.close()


def stored(spool: Database) -> list[SpooledArrival]:
    with spool.read() as connection:
        return inbox.fetch(connection, inbox.ids_after(connection, 0, 1000))


def send(postfix: Postfix, number: int, *recipients: str, body: str = "hello\r\n") -> None:
    text = f"From: {ANNE}\r\nSubject: mail {number}\r\nMessage-ID: <{number}@customer.example>\r\n\r\n{body}"
    with smtplib.SMTP("127.0.0.1", postfix.port) as client:
        client.sendmail(ANNE, recipients or [HELP], text.encode())


def routed(protocol: str, port: int) -> Postfix:
    nexthop = "lmtp:inet:127.0.0.1" if protocol == "lmtp" else "smtp:[127.0.0.1]"
    return Postfix(mailboxes=[ANNE], routes={"desk.example": f"{nexthop}:{port}"})


@pytest.mark.parametrize("protocol", ["lmtp", "smtp"])
def test_what_postfix_hands_over_is_in_the_spool_with_its_envelope(spool: Database, protocol: str) -> None:
    """P1, R16."""
    port = free_port()

    async def play() -> None:
        with routed(protocol, port) as postfix:
            async with listening(spool, port, protocol):
                await asyncio.to_thread(
                    send, postfix, 1, HELP, "help+token@desk.example", body=".\r\n..dots\r\n"
                )
                await asyncio.to_thread(postfix.wait_until_empty)

    asyncio.run(play())
    rows = stored(spool)
    recipients = [who for row in rows for who in row.arrival.recipients]

    assert sorted(recipients) == ["help+token@desk.example", HELP]
    assert {row.arrival.sender for row in rows} == {ANNE}
    assert {row.arrival.road for row in rows} == {Road(protocol)}
    assert all(row.arrival.raw.endswith(b"\r\n\r\n.\r\n..dots\r\n") for row in rows)


def test_a_recipient_we_do_not_know_is_told_to_postfix_and_the_other_is_served(spool: Database) -> None:
    """R3, R16: Postfix writes the bounce, not we."""
    port = free_port()

    async def play() -> list[bytes]:
        with routed("lmtp", port) as postfix:
            async with listening(spool, port, "lmtp"):
                await asyncio.to_thread(send, postfix, 1, HELP, "sales@desk.example")
                return await asyncio.to_thread(postfix.wait_for_mails, ANNE, 1)

    (bounce,) = asyncio.run(play())

    assert b"sales@desk.example" in bounce
    assert b"550" in bounce
    assert [row.arrival.recipients for row in stored(spool)] == [(HELP,)]


def test_mail_that_came_while_we_were_away_is_handed_over_when_we_are_back(spool: Database) -> None:
    """P2: nothing lost, nothing doubled, across a stop in the middle."""
    port = free_port()

    async def play() -> None:
        with routed("lmtp", port) as postfix:
            async with listening(spool, port, "lmtp"):
                for number in range(10):
                    await asyncio.to_thread(send, postfix, number)
            for number in range(10, 20):
                await asyncio.to_thread(send, postfix, number)
            async with listening(spool, port, "lmtp"):
                await asyncio.to_thread(postfix.wait_until_empty)

    asyncio.run(play())
    keys = [row.dedupe_key for row in stored(spool)]

    assert len(keys) == len(set(keys)) == 20
