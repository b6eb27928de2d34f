"""What the IMAP dialogues share: a spool on disk, a running poller, mails of anne."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from helpdesk.flow.receive import Receiver
from helpdesk.model.mail import SpooledArrival
from helpdesk.store import inbox, migrate
from helpdesk.store.session import Database
from helpdesk.testing.dovecot import PASSWORD, Dovecot, wait_until
from helpdesk.wire.imap_poller import ImapAccount, ImapPoller


def mail(number: int, text: str = "My parcel has not come.") -> bytes:
    """A letter of anne's; the subject is 'letter <number>'."""
    return (
        f"From: Anne <anne@customer.example>\r\nTo: help@desk.example\r\nSubject: letter {number}\r\n"
        f"Message-ID: <{number}@customer.example>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0700\r\n\r\n{text}\r\n"
    ).encode()


def account(port: int, **changes: Any) -> ImapAccount:
    """Bound to 127.0.0.1 without TLS; a safety poll so rare that only IDLE can explain quick arrival."""
    known = {
        "name": "desk",
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "username": "help",
        "password": lambda: PASSWORD,
        "poll": timedelta(minutes=5),
    }
    return ImapAccount(**(known | changes))


def account_on(dovecot: Dovecot, **changes: Any) -> ImapAccount:
    return account(**({"port": dovecot.port, "username": dovecot.username} | changes))


@dataclass
class Spool:
    """A spool and its receiver; `hearts` counts the beats of the pollers."""

    database: Database
    receiver: Receiver
    hearts: list[datetime] = field(default_factory=list)

    def rows(self) -> list[SpooledArrival]:
        with self.database.read() as connection:
            return inbox.fetch(connection, inbox.ids_after(connection, 0, 1_000_000))

    def subjects(self) -> list[str]:
        return [str(message_from_bytes(row.arrival.raw)["Subject"]) for row in self.rows()]

    def numbers(self) -> list[int]:
        """The numbers of anne's letters, in the order of arrival."""
        return [int(subject.removeprefix("letter ")) for subject in self.subjects()]

    def cursor(self, folder: str = "INBOX") -> inbox.Cursor | None:
        with self.database.read() as connection:
            return inbox.read_cursor(connection, "desk", folder)

    def wait_for(self, *numbers: int, patience: float = 20.0) -> None:
        """Return when the spool holds these letters, each once, in any order."""
        wait_until(
            lambda: sorted(self.numbers()) == sorted(numbers), f"letters {numbers}, have {self}", patience
        )

    def __str__(self) -> str:
        return f"{self.numbers()}"


@contextmanager
def spool_in(folder: Path, **hooks: Any) -> Iterator[Spool]:
    database = Database(f"sqlite:///{folder}/spool.db", **hooks)
    migrate.upgrade(database, "spool")
    receiver = Receiver(database, lambda stored: None)
    receiver.start()
    try:
        yield Spool(database, receiver)
    finally:
        receiver.stop()
        database.close()


@contextmanager
def polling(spool: Spool, of: ImapAccount, folder: str = "INBOX") -> Iterator[ImapPoller]:
    """A running poller without chance in its pauses; it must end in time."""
    poller = ImapPoller(
        of,
        folder,
        spool.receiver,
        spool.database,
        lambda: datetime.now(UTC),
        lambda: spool.hearts.append(datetime.now(UTC)),
        chance=lambda: 0.0,
    )
    poller.start()
    try:
        yield poller
    finally:
        ended = poller.stop(10)
    assert ended
