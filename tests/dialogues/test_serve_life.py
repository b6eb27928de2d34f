"""`helpdesk serve` as a real process: starts, takes mail in, answers, stops, refuses to start."""

import re
import signal
import smtplib
import socket
import sqlite3
from pathlib import Path

import pytest

from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import ADDRESS, CONFIG, Daemon

METRICS = """helpdesk_mails_received_total helpdesk_inbox_waiting helpdesk_inbox_parked helpdesk_tickets_created_total
helpdesk_tickets_open helpdesk_letters_queued_total helpdesk_letters_sent_total helpdesk_letters_failed_total
helpdesk_outbox_waiting helpdesk_deadlines_waiting helpdesk_deadlines_overdue helpdesk_intake_seconds
helpdesk_delivery_seconds helpdesk_alarm""".split()


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with Daemon(tmp_path_factory.mktemp("desk")) as running:
        running.post(mail("anne@customer.example", "My order"))
        running.waits_for_letter("assigned")
        yield running


def tickets_of(daemon):
    """Ticket number and subject, straight from the file."""
    with sqlite3.connect(daemon.folder / "var" / "helpdesk.db") as file:
        rows = file.execute("SELECT number, subject FROM ticket ORDER BY number").fetchall()
    file.close()
    return rows


def refuses(daemon):
    """Launch it; return what it says when it will not start."""
    daemon.launch()
    code = daemon.wait()
    said = daemon.log_text()

    assert code == 1
    assert "Traceback" not in said
    return said


def test_it_says_ready_once_and_stops_at_ctrl_c(tmp_path):
    """SIGINT works as SIGTERM; standard output stays empty."""
    daemon = Daemon(tmp_path).start()
    out = daemon._process.stdout
    daemon.send_signal(signal.SIGINT)

    assert out.read() == b""
    assert daemon.wait() == 0
    assert daemon.log_text().splitlines().count("ready") == 1


def test_a_mail_by_smtp_becomes_a_ticket_and_letters(daemon):
    assert (1, "My order") in tickets_of(daemon)
    assert daemon.waits_for_letter("acknowledgement").to == ("anne@customer.example",)
    assert daemon.waits_for_letter("new_ticket").to == ("milis@lists.example",)
    assert daemon.waits_for_letter("assigned").to == ("anne@customer.example",)


def test_healthz_is_green_and_metrics_carry_the_promised_names(daemon):
    health = daemon.web("/healthz")
    _, metrics = daemon.web("/metrics")
    names = set(re.findall(r"^# TYPE (\w+)", metrics, re.M))

    assert health == (200, "ok\n")
    assert {name.removesuffix("_total") for name in names} == {
        name.removesuffix("_total") for name in METRICS
    }
    assert 'helpdesk_mails_received_total{road="smtp"} 1.0' in metrics
    assert "helpdesk_intake_seconds_count 1.0" in metrics


def test_a_second_daemon_on_the_same_files_is_refused(daemon):
    """P13: flock, and the message names file, process and remedy."""
    second = Daemon(daemon.folder)
    second.log_file = daemon.folder / "second-log"

    said = refuses(second)

    assert f"{daemon.folder}/var/spool.db.lock: another helpdesk (process {daemon.pid}) works on this" in said
    assert "Stop it first" in said
    assert daemon.web("/healthz")[0] == 200


def test_lmtp_hands_mail_in_too(tmp_path):
    with Daemon(tmp_path, config=CONFIG.replace('"smtp"', '"lmtp"', 1)) as daemon:
        daemon.post(mail("anne@customer.example", "By LMTP"), protocol=smtplib.LMTP)
        daemon.waits_for_letter("acknowledgement")
        _, metrics = daemon.web("/metrics")

        assert 'helpdesk_mails_received_total{road="lmtp"} 1.0' in metrics


def test_a_transfer_in_flight_completes_and_idle_sessions_hear_421(tmp_path):
    with Daemon(tmp_path) as daemon:
        idle = smtplib.SMTP("127.0.0.1", daemon.smtp_port, timeout=20)
        busy = smtplib.SMTP("127.0.0.1", daemon.smtp_port, timeout=20)
        busy.ehlo("customer.example")
        busy.mail("anne@customer.example")
        busy.rcpt(ADDRESS)
        busy.docmd("DATA")
        busy.send(b"From: anne@customer.example\r\nSubject: In flight\r\n\r\nfirst half\r\n")

        daemon.send_signal(signal.SIGTERM)
        daemon.until(lambda: daemon.log("stopping"), "stopping")
        farewell = idle.getreply()
        busy.send(b"second half\r\n.\r\n")
        end = busy.getreply()
        code = daemon.wait(20)
        idle.close()
        busy.close()

        assert farewell[0] == 421
        assert end[0] == 250
        assert code == 0
        daemon.start()
        daemon.until(lambda: tickets_of(daemon) == [(1, "In flight")], "the mail in flight became a ticket")


def test_what_was_accepted_before_a_stop_or_a_power_cut_becomes_one_ticket_each(tmp_path):
    """P2, and the worker of a killed front ends by itself."""
    subjects = [f"Question {n}" for n in range(30)]
    mails = [mail(f"anne{n}@customer{n}.example", subject) for n, subject in enumerate(subjects)]
    with Daemon(tmp_path) as daemon:
        daemon.post(*mails[:15])
        assert daemon.stop() == 0
        daemon.start()
        daemon.post(*mails[15:])
        worker = daemon.worker_pid
        daemon.kill()
        daemon.until(lambda: not is_alive(worker), "the worker ended by itself")
        daemon.start()
        daemon.until(lambda: len(tickets_of(daemon)) >= 30, "all became tickets")
        daemon.until(lambda: "helpdesk_inbox_waiting 0.0" in daemon.web("/metrics")[1], "nothing waits")

        assert sorted(subject for _, subject in tickets_of(daemon)) == sorted(subjects)


def is_alive(pid):
    """Is this process there, and not only its entry, which its parent has not looked at yet?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_broken_database_stops_the_start(tmp_path):
    daemon = Daemon(tmp_path)
    (tmp_path / "var" / "helpdesk.db").write_bytes(b"this is no database, whatever it is called\n" * 200)

    said = refuses(daemon)

    assert f"{tmp_path}/var/helpdesk.db: file is not a database. Move the file away" in said


def test_a_database_from_the_future_stops_the_start(tmp_path):
    daemon = Daemon(tmp_path)
    assert daemon.helpdesk("db", "upgrade").returncode == 0
    with sqlite3.connect(tmp_path / "var" / "helpdesk.db") as file:
        file.execute("UPDATE alembic_version_desk SET version_num = '9999'")
    file.close()

    said = refuses(daemon)

    assert f"{tmp_path}/var/helpdesk.db: schema 9999 is unknown to this helpdesk" in said
    assert "Install the newer helpdesk again" in said


@pytest.mark.parametrize("table", ["[receive.smtp]", "[web]"])
def test_a_port_that_is_taken_stops_the_start(tmp_path, table):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        daemon = Daemon(tmp_path, config=CONFIG.replace(f"{table}\nport = 0", f"{table}\nport = {port}"))
        said = refuses(daemon)

    assert str(port) in said
    assert "address already in use" in said.lower()
    assert "ready" not in said.splitlines()
