"""Our letters by a real Postfix: they arrive unchanged, refusals are per recipient, a restart loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email import message_from_bytes

import pytest

from helpdesk.deliver.smtp_client import SmtpSettings, SmtpTransport
from helpdesk.model.outcome import Accepted, QueuedLetter, Refused, TryLater
from helpdesk.testing.postfix import Postfix

pytestmark = pytest.mark.postfix
ANNE, BART, DORA = "anne@customer.example", "bart@staff.example", "dora@staff.example"
NOBODY = "nobody@staff.example"


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with Postfix(mailboxes=[ANNE, BART, DORA], extra="message_size_limit = 200000") as postfix:
        yield postfix


def letter(number: int, *recipients: str, body: str = "hello\r\n", subject: str = "letter") -> QueuedLetter:
    raw = (
        f"From: help@desk.example\r\nSubject: {subject}\r\nMessage-ID: <{number}@desk.example>\r\n\r\n{body}"
    )
    return QueuedLetter(number, "help@desk.example", recipients, raw.encode(), f"{number}@desk.example")


async def no_mark() -> None:
    pass


def numbers(mails: list[bytes]) -> list[str]:
    return [str(message_from_bytes(mail)["Message-ID"]) for mail in mails]


def test_a_letter_arrives_with_its_words_and_dots(postfix: Postfix) -> None:
    body = ".\r\n..\r\n.hidden\r\nFrom here\r\n" + "x" * 900 + "\r\n"

    async def play() -> object:
        transport = SmtpTransport(SmtpSettings("127.0.0.1", postfix.port))
        ends = await transport.deliver(letter(1, ANNE, body=body), no_mark)
        await transport.close()
        return ends[ANNE]

    end = asyncio.run(play())
    (arrived,) = postfix.wait_for_mails(ANNE, 1)

    assert isinstance(end, Accepted)
    assert arrived.split(b"\n\n", 1)[1] == body.replace("\r\n", "\n").encode()


def test_a_recipient_that_postfix_refuses_is_refused_alone(postfix: Postfix) -> None:
    """R69."""

    async def play() -> dict[str, object]:
        transport = SmtpTransport(SmtpSettings("127.0.0.1", postfix.port))
        ends = await transport.deliver(letter(2, BART, NOBODY, "eve@elsewhere.example"), no_mark)
        await transport.close()
        return dict(ends)

    ends = asyncio.run(play())
    postfix.wait_for_mails(BART, 1)

    assert isinstance(ends[BART], Accepted)
    assert isinstance(ends[NOBODY], Refused)
    assert "5.1.1" in ends[NOBODY].reason
    assert isinstance(ends["eve@elsewhere.example"], Refused)
    assert postfix.mails(NOBODY) == []


def test_a_letter_beyond_its_size_limit_is_refused(postfix: Postfix) -> None:
    """R70."""

    async def play() -> object:
        transport = SmtpTransport(SmtpSettings("127.0.0.1", postfix.port))
        ends = await transport.deliver(letter(3, DORA, body="word\r\n" * 50_000), no_mark)
        await transport.close()
        return ends[DORA]

    end = asyncio.run(play())

    assert isinstance(end, Refused)
    assert "5.3.4" in end.reason
    assert postfix.mails(DORA) == []


def test_a_recipient_outside_ascii_is_taken_where_postfix_offers_it(postfix: Postfix) -> None:
    """R72: Postfix offers SMTPUTF8; the address itself is unknown to it."""

    async def play() -> object:
        transport = SmtpTransport(SmtpSettings("127.0.0.1", postfix.port))
        ends = await transport.deliver(letter(4, "jörg@staff.example"), no_mark)
        await transport.close()
        return ends["jörg@staff.example"]

    end = asyncio.run(play())

    assert isinstance(end, Refused)
    assert "5.1.1" in end.reason


def test_a_restart_in_the_middle_loses_and_doubles_nothing(postfix: Postfix) -> None:
    """The letters that met the stopped server are later, the others arrived; all of them arrive once."""

    async def play() -> list[str]:
        transport = SmtpTransport(SmtpSettings("127.0.0.1", postfix.port))
        waiting = list(range(100, 130))
        story = []
        while waiting:
            if len(waiting) == 20 and "stopped" not in story:
                # stopped between a delivery and the end of its queue file, Postfix itself delivers twice
                await asyncio.to_thread(postfix.wait_until_empty)
                await asyncio.to_thread(postfix.stop)
                story.append("stopped")
            ends = await transport.deliver(letter(waiting[0], DORA), no_mark)
            if isinstance(ends[DORA], Accepted):
                waiting.pop(0)
                continue
            assert isinstance(ends[DORA], TryLater)
            assert ends[DORA].host_down
            story.append("down")
            await asyncio.to_thread(postfix.start)
        await transport.close()
        return story

    story = asyncio.run(play())
    arrived = postfix.wait_for_mails(DORA, 30)

    assert story == ["stopped", "down"]
    assert sorted(numbers(arrived)) == [f"<{number}@desk.example>" for number in range(100, 130)]


def test_the_check_for_online_says_what_it_found(postfix: Postfix) -> None:
    found = asyncio.run(SmtpTransport(SmtpSettings("127.0.0.1", postfix.port)).check())

    assert found == f"127.0.0.1:{postfix.port} answers, no TLS, takes letters up to 200000 bytes"
