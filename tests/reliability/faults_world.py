"""What the fault tests share: a real desk with a real upstream, mail that is handed in until 250, and the sums.

The desk is `helpdesk serve` with a fixed port, so that senders find it again after a restart; its store is SQLite or,
in `make chaos`, PostgreSQL as well.
"""

from __future__ import annotations

import asyncio
import json
import re
import smtplib
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from sqlalchemy import make_url

from helpdesk.testing.clock import Clock
from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import ADDRESS, CONFIG, PATIENCE, Daemon
from helpdesk.testing.letters import Letter, Writer
from helpdesk.testing.needs import free_port
from helpdesk.testing.post_office import Kept, Mood, PostOffice
from helpdesk.testing.postgres import a_database
from helpdesk.testing.small_disk import SmallDisk
from helpdesk.testing.strace import Strace

_ASK = """import json, sqlite3, sys
print(json.dumps(sqlite3.connect(sys.argv[1], uri=True).execute(sys.argv[2]).fetchall()))"""

STORES = ("sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.chaos]))
"""For fixtures and tests that are played on both."""


@contextmanager
def a_store(kind: str) -> Iterator[str]:
    """The url of an empty store for `config`; '' for SQLite in the desk's own folder."""
    if kind == "sqlite":
        yield ""
    else:
        with a_database() as url:
            yield url


class Upstream:
    """The unreliable post office on a thread of its own: tests of whole processes are not asynchronous."""

    def __init__(self, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="upstream", daemon=True)
        self._options = options

    def __enter__(self) -> Self:
        self._thread.start()
        self.office = self._do(self._make())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _make(self) -> PostOffice:
        office = PostOffice(**self._options)
        await office.start()
        return office

    def open(self) -> None:
        """Listen again, on the same port."""
        self._do(self.office.start())

    def close(self) -> None:
        """As if the machine had been switched off."""
        self._do(self.office.stop())

    def will_be(self, *moods: Mood | None) -> None:
        self._loop.call_soon_threadsafe(self.office.will_be, *moods)

    def go_on(self) -> None:
        """Who stalls goes on, as if nothing had been; who stalls later does not."""
        self._loop.call_soon_threadsafe(self.office.go_on.set)
        self._loop.call_soon_threadsafe(self.office.go_on.clear)

    @property
    def port(self) -> int:
        return self.office.port

    @property
    def kept(self) -> list[Kept]:
        return list(self.office.letters)

    @property
    def copies(self) -> Counter[tuple[str, str]]:
        """How often each (recipient, Message-ID) was taken."""
        return Counter((who, mid.strip("<>")) for who, mid in self.office.copies)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


def config(upstream_port: int, more: str = "", *, store: str = "") -> str:
    """The configuration of the fault tests: letters by SMTP to the upstream. `store`: see `a_store`."""
    text = CONFIG.replace("port = 0", f"port = {free_port()}", 1)
    send = f'[send]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {upstream_port}\ntls = "none"\n'
    where = f'\n[store]\nurl = "{store}"\n' if store else ""
    return text.replace('[send]\ntransport = "maildir"\n', send) + where + more


def question(subject: str, text: str = "Where is it?") -> EmailMessage:
    """The same mail whenever it is sent again."""
    return mail(f"{subject.replace(' ', '.')}@customer.example", subject, text)


@dataclass
class Sums:
    """What came of the mails of one run; `wrong` is empty when all is well."""

    mails: int
    lost: list[str] = field(default_factory=list)
    doubled_tickets: list[str] = field(default_factory=list)
    doubled_letters: int = 0
    wrong: list[str] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    overtaken: list[str] = field(default_factory=list)

    @property
    def bad(self) -> list[str]:
        return self.lost + self.doubled_tickets + self.wrong + self.unequal + self.overtaken


class FaultyDesk(Daemon):
    """A Daemon whose senders do not give up; `replies` are all the final replies they heard.

    `disk`, when given, is mounted on its var/. Every start has a log of its own.
    """

    def __init__(self, folder: Path, text: str, *, disk: SmallDisk | None = None, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, config=text, **options)
        self.disk = disk
        self.posted: dict[str, str] = {}
        self.replies: list[int] = []
        self.starts = 0
        self._threads: dict[int, dict[str, int]] = {}
        self._one_at_a_time = threading.Lock()
        store = re.search(r'\[store\]\nurl = "(postgresql[^"]*)"', text)
        self._server = make_url(store[1]).set(drivername="postgresql") if store else None
        found = re.search(r"\[receive\.smtp\][^\[]*^port = (\d+)", text, re.M)
        assert found is not None
        self.port = int(found[1])

    def launch(self) -> None:
        self.starts += 1
        self.log_file = self.folder / f"log-{self.starts:03}"
        super().launch()

    def command(self) -> list[str]:
        plain = super().command()
        return self.disk.command(plain) if self.disk else plain

    def logged(self, action: str) -> list[dict[str, Any]]:
        """The events with this action in the logs of all starts."""
        events: list[dict[str, Any]] = []
        current = self.log_file
        for file in sorted(self.folder.glob("log-*")):
            self.log_file = file
            events += self.log(action)
        self.log_file = current
        return events

    def comes_up(self) -> None:
        """Whoever looks after the machine starts the desk again when it has ended."""
        with self._one_at_a_time:
            if not self.is_running:
                self.wait()
                self.start()

    def hand_in(self, subjects: Iterable[str], within: float = 60.0, text: str = "Where is it?") -> None:
        """Each is posted until it is accepted, by a sender who tries again at every other end."""
        for subject in subjects:
            one = question(subject, text)
            self.posted[str(one["Message-ID"])] = subject
            give_up_at = time.monotonic() + within
            while (code := self.offer(one)) != 250:
                assert code < 500, f"a permanent refusal, the mail would be lost: {code}"
                assert time.monotonic() < give_up_at, f"not accepted in {within} s: {code}\n{self._tail()}"
                self.comes_up()
                time.sleep(0.05)

    def answer(self, operator: str, letter: EmailMessage, text: str) -> None:
        """An operator replies to a letter of the desk."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as client:
            reply = Writer("", operator, Clock()).reply(Letter(letter.as_bytes()), text)
            client.send_message(reply, operator, [address for _, address in getaddresses([str(reply["To"])])])

    def offer(self, one: EmailMessage) -> int:
        """Hand one mail in; the reply's code, 0 when there was none."""
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE) as client:
                code = self._transfer(client, one)
        except smtplib.SMTPResponseException as refusal:
            code = max(0, refusal.smtp_code)
        except (OSError, smtplib.SMTPException):
            code = 0
        self.replies.append(code)
        return code

    def _transfer(self, client: smtplib.SMTP, one: EmailMessage) -> int:
        client.ehlo("customer.example")
        steps = (
            lambda: client.mail(one["From"]),
            lambda: client.rcpt(ADDRESS),
            lambda: client.data(one.as_bytes()),
        )
        code = 0
        for step in steps:
            code, _ = step()
            if code != 250:
                return int(code)
        return code

    # Looking at the files

    @property
    def state(self) -> Path:
        return self.folder / "var"

    def rows(self, sql: str, file: str = "helpdesk.db") -> list[tuple[Any, ...]]:
        """`file` is the one of SQLite's two that has the table."""
        if self._server:
            with psycopg.connect(self._server.render_as_string(hide_password=False)) as server:
                return server.execute(sql).fetchall()
        if self.disk:
            return self._rows_inside(sql, file)
        uri = f"file:{self.state / file}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
            return connection.execute(sql).fetchall()

    def _rows_inside(self, sql: str, file: str) -> list[tuple[Any, ...]]:
        """SQLite wants the true name of its file, which only processes inside know."""
        assert self.disk is not None
        ask = [sys.executable, "-I", "-S", "-c", _ASK, f"file:{self.folder / 'var' / file}?mode=ro", sql]
        answer = subprocess.run(self.disk.command(ask), capture_output=True, check=True, timeout=30)
        return [tuple(row) for row in json.loads(answer.stdout)]

    def subjects(self) -> Counter[str]:
        return Counter(subject for (subject,) in self.rows("SELECT subject FROM ticket"))

    def is_quiet(self) -> bool:
        """Everything that was accepted is a ticket, every letter has ended, no mark is left."""
        return (
            set(self.subjects()) >= set(self.posted.values())
            and not self.rows("SELECT 1 FROM outbox WHERE state NOT IN ('sent', 'failed') LIMIT 1")
            and not self.rows("SELECT 1 FROM mark LIMIT 1", "spool.db")
        )

    def drains(self, within: float = 60.0) -> None:
        """I11: everything comes to rest."""
        self.until(self.is_quiet, "rest", within)

    def thread(self, part: str) -> int:
        """A thread of the processes, for strace: worker, loop, receiver, or a hand that writes the marks."""
        if part == "worker":
            return self.worker_pid
        if self.pid not in self._threads:
            self._threads[self.pid] = self._who_writes()
        known = self._threads[self.pid]
        return known[part] if part in known else known["hand"]

    def _who_writes(self) -> dict[str, int]:
        """Found out by what they do: first the receiver stores a mail, then the sender marks its letters."""
        if self._server:
            return {"loop": self.pid}
        log = self.folder / "var" / "spool.db-wal"
        with Strace(self.pid, "pwrite64", files=[log], all_threads=True) as strace:
            self.hand_in([f"Who writes {len(self.posted)}"])
            self.drains()
        receiver, *hands = strace.callers
        return {"loop": self.pid, "receiver": receiver, "hand": hands[0]}

    def sums(self, copies: Counter[tuple[str, str]]) -> Sums:
        """The invariants I1-I8 on the files and on what the upstream has taken."""
        tickets, sums = self.subjects(), Sums(len(self.posted))
        sums.lost = [s for s in self.posted.values() if not tickets[s]]
        sums.doubled_tickets = [s for s, count in tickets.items() if count > 1]
        due = self._letters_due()
        sums.doubled_letters = sum(count - 1 for count in copies.values())
        sums.wrong += [f"never delivered: {copy}" for copy in due if not copies[copy]]
        sums.wrong += [f"nobody wrote it: {copy}" for copy in copies if copy not in due]
        sums.unequal = self._unequal_tickets()
        for name in () if self._server else ("spool.db", "helpdesk.db"):
            sums.wrong += [row[0] for row in self.rows("PRAGMA integrity_check", name) if row[0] != "ok"]
            sums.wrong += [f"foreign key {row}" for row in self.rows("PRAGMA foreign_key_check", name)]
        return sums

    def _letters_due(self) -> set[tuple[str, str]]:
        return set(
            self.rows(
                "SELECT recipient, message_id FROM outbox JOIN outbox_recipient ON letter_id = outbox.id"
                " WHERE outbox_recipient.state = 'accepted'"
            )
        )

    def _unequal_tickets(self) -> list[str]:
        """The same question was asked each time: each ticket has the same letters, once."""
        kinds: dict[int, list[str]] = {}
        for ticket, letter in self.rows(
            "SELECT ticket, letter FROM outbox WHERE ticket IS NOT NULL ORDER BY 1, 2"
        ):
            kinds.setdefault(ticket, []).append(letter)
        usual = Counter(tuple(letters) for letters in kinds.values()).most_common(1)
        return [f"ticket {n} has {letters}" for n, letters in kinds.items() if tuple(letters) != usual[0][0]]

    def overtaken(self, kept: Iterable[Kept]) -> list[str]:
        """Letters that somebody got before an earlier one of the same ticket."""
        letters = self.rows("SELECT id, ticket, message_id FROM outbox")
        order = {mid: (ticket, number) for number, ticket, mid in letters}
        newest: dict[tuple[str, int], int] = {}
        found, seen = [], set()
        for who, mid in (
            (who, str(one.mail["Message-ID"]).strip("<>")) for one in kept for who in one.recipients
        ):
            ticket, number = order[mid]
            if ticket is None or (who, mid) in seen:
                continue
            seen.add((who, mid))
            if number < newest.get((who, ticket), 0):
                found.append(f"letter {number} of ticket {ticket} reached {who} late")
            newest[who, ticket] = max(number, newest.get((who, ticket), 0))
        return found
