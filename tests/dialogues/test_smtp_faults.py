"""Dialogues in which the store or the client fails: what is said, what is kept (R2, R3, R16, F5, T20)."""

import errno
import socket
import sqlite3
from datetime import timedelta

import pytest
from smtp_fixtures import KNOWS, LETTER, OPENING, Trouble, eventually, send_letter

from helpdesk.flow.receive import SpoolFull
from helpdesk.store.session import Database, DatabaseUnreachable
from helpdesk.testing.smtp_client import Client, converse, hosted
from helpdesk.wire.smtp_data import DataReader
from helpdesk.wire.smtp_server import ListenerSettings

SECRET = "secret /var/lib/desk.db"


@pytest.fixture
def trouble():
    return Trouble()


@pytest.fixture
def spool(tmp_path, trouble):
    return Database(f"sqlite:///{tmp_path / 'spool.db'}", before_commit=trouble)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(SECRET),
        ValueError(SECRET),
        KeyError(SECRET),
        TypeError(SECRET),
        AttributeError(SECRET),
        AssertionError(SECRET),
        OSError(errno.EIO, SECRET),
        PermissionError(errno.EACCES, SECRET),
        ConnectionResetError(SECRET),
        TimeoutError(SECRET),
        MemoryError(SECRET),
        RecursionError(SECRET),
        UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
        sqlite3.OperationalError(f"database is locked: {SECRET}"),
        DatabaseUnreachable(SECRET),
        StopIteration(SECRET),
        SystemExit(SECRET),
    ],
    ids=lambda error: type(error).__name__,
)
def test_our_own_fault_is_a_451_without_details(tmp_path, spool, trouble, error):
    """R3, F5a: the sender tries again; the session goes on; the next mail is stored."""
    with hosted(tmp_path, KNOWS, spool=spool) as desk:
        trouble.error = error
        heard = send_letter(desk.port)
        trouble.error = None

        assert heard[-2:] == ["451 4.3.0 Temporary problem here, please try again later", "221 2.0.0 Bye"]
        assert send_letter(desk.port)[-2].startswith("250 2.0.0 ")
        assert len(desk.mails()) == 1


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, SECRET),
        sqlite3.OperationalError("database or disk is full"),
        SpoolFull(SECRET),
    ],
    ids=repr,
)
def test_a_full_disk_is_a_452(tmp_path, spool, trouble, error):
    """R3."""
    with hosted(tmp_path, KNOWS, spool=spool) as desk:
        trouble.error = error

        assert send_letter(desk.port)[-2] == "452 4.3.1 No room at the moment, please try again later"


def test_a_disk_below_its_floor_is_a_452(tmp_path):
    """T20."""

    def check(size: int) -> None:
        raise SpoolFull(SECRET)

    with hosted(tmp_path, KNOWS, check_disk=check) as desk:
        assert send_letter(desk.port)[-2].startswith("452 4.3.1 ")


@pytest.mark.parametrize(
    ("error", "code"), [(RuntimeError(SECRET), "451"), (OSError(errno.ENOSPC, ""), "452")]
)
def test_lmtp_answers_for_each_recipient_also_when_we_fail(tmp_path, spool, trouble, error, code):
    """R16."""
    opening = OPENING.replace(b"EHLO", b"LHLO").replace(b"DATA", b"RCPT TO:<help@desk.example>\r\nDATA")
    with (
        hosted(tmp_path, KNOWS, ListenerSettings(protocol="lmtp"), spool=spool) as desk,
        Client.connect(desk.port) as client,
    ):
        trouble.error = error
        client.say(opening + LETTER + b"QUIT\r\n")

        assert [reply[:3] for reply in client.hear_all()[-4:]] == ["354", code, code, "221"]


def test_a_recipient_rule_that_breaks_is_our_fault(tmp_path):
    """R3."""

    def breaks(address: str) -> bool:
        raise RuntimeError(SECRET)

    with hosted(tmp_path, breaks) as desk:
        heard = converse(
            desk.port,
            "-> EHLO c\n<- 250\n-> MAIL FROM:<>\n<- 250\n-> RCPT TO:<help@desk.example>\n<- 451 4.3.0",
        )

        assert "secret" not in str(heard)


def test_nothing_is_said_before_the_commit(tmp_path, spool, trouble):
    """R2, P1: the reply waits for the commit, and only for that."""
    with hosted(tmp_path, KNOWS, spool=spool) as desk, Client.connect(desk.port) as client:
        trouble.gate.clear()
        client.say(OPENING + LETTER)
        while not client.hear().startswith("354"):
            pass
        assert trouble.reached.wait(10)
        client.sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.hear()
        assert desk.mails() == []
        trouble.gate.set()
        client.sock.settimeout(10)

        assert client.hear().startswith("250 2.0.0 ")
        assert len(desk.mails()) == 1


def test_a_client_that_closes_its_half_still_hears_the_answer(tmp_path, spool, trouble):
    """F5f: the library cancels the handler at once."""
    with hosted(tmp_path, KNOWS, spool=spool) as desk, Client.connect(desk.port) as client:
        trouble.gate.clear()
        client.say(OPENING + LETTER)
        client.sock.shutdown(socket.SHUT_WR)
        assert trouble.reached.wait(10)
        trouble.gate.set()

        assert client.hear_all()[-1].startswith("250 2.0.0 ")


def test_a_client_that_vanishes_does_not_undo_a_commit(tmp_path, spool, trouble):
    """F5f."""
    with hosted(tmp_path, KNOWS, spool=spool) as desk:
        trouble.gate.clear()
        client = Client.connect(desk.port)
        client.say(OPENING + LETTER)
        assert trouble.reached.wait(10)
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        trouble.gate.set()

        assert eventually(lambda: len(desk.mails()) == 1)


def test_a_commit_that_takes_too_long_is_a_451(tmp_path, spool, trouble):
    """P10."""
    settings = ListenerSettings(commit_for=timedelta(seconds=0.2))
    with hosted(tmp_path, KNOWS, settings, spool=spool) as desk:
        trouble.gate.clear()
        heard = send_letter(desk.port)
        trouble.gate.set()

        assert heard[-2].startswith("451 4.3.0 ")


def test_a_fault_in_the_middle_of_data_ends_the_session(tmp_path, monkeypatch):
    """R1, R3: the rest of the message must not be read as commands."""

    def breaks(reader: DataReader, chunk: bytes) -> bytes:
        raise MemoryError(SECRET)

    monkeypatch.setattr(DataReader, "feed", breaks)
    with hosted(tmp_path, KNOWS) as desk, Client.connect(desk.port) as client:
        client.say(OPENING)
        while not client.hear().startswith("354"):
            pass
        client.say(b"RSET\r\nNOOP\r\n")

        assert [reply[:9] for reply in client.hear_all()] == ["451 4.3.0"]
