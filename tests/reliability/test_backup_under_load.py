"""Backups of a desk that is being written to: each becomes a desk that has what was acknowledged, and works on."""

import re
import threading
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from helpdesk.store import migrate
from helpdesk.store.schema import HANDLED, INBOX, TICKET
from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import CONFIG, Daemon
from helpdesk.testing.postgres import a_database

BACKUPS = 2
PATIENCE = 90.0  # other tests run beside this one, and it starts many processes
PAUSE = 0.05  # between two mails: a busy desk, and still one whose backlog a slow machine works off in time


class Customers:
    """Write some twenty mails a second; `acknowledged` are the subjects that heard 250."""

    def __init__(self, daemon):
        self.acknowledged = []
        self._daemon = daemon
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        self._thread.join()

    def _write(self):
        number = 0
        while not self._enough.wait(PAUSE):
            number += 1
            subject = f"order {number:05}"
            self._daemon.post(
                mail(
                    f"anne{number}@customer.example",
                    subject,
                    "Where is it?\n" + "x" * 20_000 + "\n",
                    message_id=f"<{number}@customer.example>",
                )
            )
            self.acknowledged.append(subject)


def config(url):
    return CONFIG + (f'\n[store]\nurl = "{url}"\n' if url else "")


def subjects(daemon):
    """In the spool, and on tickets."""
    spool, desk = daemon.databases()
    with spool.read() as connection:
        raws = connection.scalars(select(INBOX.c.raw).where(INBOX.c.road == "smtp")).all()
    with desk.read() as connection:
        on_tickets = connection.scalars(select(TICKET.c.subject)).all()
    spool.close()
    desk.close()
    return {re.search(rb"order \d+", bytes(raw))[0].decode() for raw in raws}, list(on_tickets)


def everything_is_handled(daemon):
    spool, desk = daemon.databases()
    with spool.read() as connection:
        received = set(connection.scalars(select(INBOX.c.id)))
    with desk.read() as connection:
        done = set(connection.scalars(select(HANDLED.c.spool_id).where(HANDLED.c.state == "done")))
    spool.close()
    desk.close()
    return received == done


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.chaos])]
)
def test_each_backup_of_a_busy_desk_becomes_a_desk_that_works_on(tmp_path, kind):
    with ExitStack() as stack:
        url = stack.enter_context(a_database()) if kind == "postgresql" else ""
        known = []
        daemon = Daemon(tmp_path / "busy", config=config(url)).start(PATIENCE)
        stack.push(daemon)
        with Customers(daemon) as customers:
            for number in range(1, BACKUPS + 1):
                enough = 5 * number
                daemon.until(
                    lambda enough=enough: len(customers.acknowledged) >= enough, "mail comes in", PATIENCE
                )
                known.append(list(customers.acknowledged))
                done = daemon.helpdesk("backup", str(tmp_path / f"{number}.tar"))
                assert done.returncode == 0, done.stderr
            came_meanwhile = len(customers.acknowledged) - len(known[-1])
        daemon.stop()

        assert came_meanwhile > 0, "nobody wrote while the backup was made"
        for number, acknowledged in enumerate(known, 1):
            place = stack.enter_context(a_database()) if kind == "postgresql" else ""
            works_on(
                Daemon(tmp_path / f"new{number}", config=config(place)),
                tmp_path / f"{number}.tar",
                acknowledged,
            )


def works_on(daemon, file, acknowledged):
    """Restore, check, serve: every mail becomes one ticket, and a new one comes through."""
    restored = daemon.helpdesk("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    for database, which in zip(daemon.databases(), ("spool", "desk"), strict=True):
        migrate.check(database, which)  # what `db check` does
        database.close()
    assert set(acknowledged) <= subjects(daemon)[0]

    daemon.start(PATIENCE)
    with ExitStack() as stack:
        stack.push(daemon)
        daemon.post(mail("bert@customer.example", "order 99999", message_id="<new@customer.example>"))
        daemon.until(lambda: everything_is_handled(daemon), "all mail is handled", PATIENCE)

    spooled, on_tickets = subjects(daemon)
    assert sorted(on_tickets) == sorted(spooled)  # each once
    assert "order 99999" in on_tickets
