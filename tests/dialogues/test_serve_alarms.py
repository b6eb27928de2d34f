"""Alarms of a real daemon: /healthz turns red and green again, /metrics and `check` show them, PIC hear once."""

import os
import shutil
import signal
from datetime import UTC, datetime

import pytest

from helpdesk.daemon.limits import Limits
from helpdesk.flow.receive import SMALLEST_FLOOR
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.store import inbox, outbox
from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import CONFIG, Daemon
from helpdesk.testing.imap_server import FakeImap

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CLOSED_PORT = 9  # nobody listens there: every attempt fails at once
QUICK = {"look": 0.1, "pulse": 0.1, "sweep": 0.2}
IMAP = """
[[receive.imap]]
host = "127.0.0.1"
port = {port}
tls = "none"
username = "help"
password_file = "imap-password"
"""


@pytest.fixture
def imap():
    server = FakeImap()
    server.start()
    yield server
    server.stop()


def is_red(daemon, *names):
    return daemon.web("/healthz") == (503, "".join(f"alarm {name}\n" for name in names))


def is_green(daemon):
    return daemon.web("/healthz") == (200, "ok\n")


def gauge(daemon, name):
    _, text = daemon.web("/metrics")
    return f'helpdesk_alarm{{name="{name}"}} 1.0' in text


def arrives(daemon, arrival):
    spool, desk = daemon.databases()
    with spool.write() as connection:
        row = inbox.append(connection, [arrival])[0]
    spool.close()
    desk.close()
    return row


def test_a_dead_login_is_told_once_and_the_repair_turns_the_lamp_green(tmp_path, imap):
    """R62, with a quarter of an hour cut to half a second."""
    password = tmp_path / "imap-password"
    password.write_text("wrong-horse-27")
    password.chmod(0o600)
    limits = Limits(**QUICK, mailbox_alarm=0.5)
    with Daemon(tmp_path, config=CONFIG + IMAP.format(port=imap.port), limits=limits) as daemon:
        letter = daemon.waits_for_letter("alarm")
        daemon.until(lambda: is_red(daemon, "mailbox"), "red")
        shown = gauge(daemon, "mailbox"), gauge(daemon, "disk"), daemon.helpdesk("check").stdout
        worker = daemon.worker_pid
        os.kill(worker, signal.SIGKILL)
        daemon.until(lambda: daemon.worker_pid != worker, "another worker")
        daemon.stop()
        daemon.start()
        daemon.until(lambda: daemon.log("imap_trouble"), "the login fails again")
        still = daemon.web("/healthz")
        imap.password = "wrong-horse-27"
        daemon.stop()
        daemon.start()
        daemon.until(lambda: is_green(daemon), "green")

        assert shown[:2] == (True, False)
        assert "alarm          mailbox, since 20" in shown[2]
        assert still == (503, "alarm mailbox\n")
        assert not gauge(daemon, "mailbox")
        assert letter.to == ("pic@desk.example",)
        assert "help@127.0.0.1/INBOX" in letter.text
        assert len(daemon.named("alarm")) == 1


def test_a_mail_that_is_parked_turns_the_lamp_red(tmp_path):
    raw = b'{"order": "make_coffee", "id": 1}'
    with Daemon(tmp_path, limits=Limits(**QUICK)) as daemon:
        was_green = is_green(daemon)
        for _ in range(2):
            arrives(daemon, Arrival(raw=raw, road=Road.ADMIN, received_at=NOW, kind=Happening.ADMIN))
        letter = daemon.waits_for_letter("parked")
        daemon.until(lambda: "helpdesk_inbox_parked 2.0" in daemon.web("/metrics")[1], "both parked")
        looks = len(daemon.log("alarm"))

        assert was_green
        assert is_red(daemon, "parked")
        assert gauge(daemon, "parked")
        assert "make_coffee" in letter.text
        assert len(daemon.named("parked")) == looks == 1
        assert daemon.named("alarm") == []


def test_a_disk_that_fills_and_a_letter_that_waits_are_two_alarms(tmp_path):
    """As if the disk had to keep a thousand times what it has, and letters had to be gone in half a second."""
    free = shutil.disk_usage(tmp_path).free
    silent = CONFIG.replace('transport = "maildir"', f'transport = "smtp"\nport = {CLOSED_PORT}')
    limits = Limits(**QUICK, disk_alarm=1000.0 * free / SMALLEST_FLOOR, outbox_alarm=0.5)
    with Daemon(tmp_path, config=silent, limits=limits) as daemon:
        daemon.post(mail("anne@customer.example", "My order"))
        daemon.until(lambda: is_red(daemon, "disk", "outbox_old"), "red")
        daemon.stop()
        daemon.start()
        daemon.until(lambda: daemon.log("letter_later"), "it is tried again")
        spool, desk = daemon.databases()
        with desk.read() as connection:
            waiting = [letter.letter for letter in outbox.listing(connection, 100)]
        spool.close()
        desk.close()

        assert is_red(daemon, "disk", "outbox_old")
        assert waiting.count("alarm") == 2
