"""The desk worker dies, hangs, babbles: the front goes on and every mail is handled once (P2, P6, F4)."""

import os
import re
import signal
import sqlite3
from pathlib import Path

from helpdesk.daemon.limits import Limits
from helpdesk.testing.command_line import mail
from helpdesk.testing.daemon import Daemon

MANY = 25


def subjects(daemon):
    with sqlite3.connect(daemon.folder / "var" / "helpdesk.db") as file:
        rows = file.execute("SELECT subject FROM ticket ORDER BY number").fetchall()
    file.close()
    return sorted(subject for (subject,) in rows)


def mails(start, end):
    return [mail(f"anne{n}@customer{n}.example", f"Question {n:02}") for n in range(start, end)]


def everyone_is_answered(daemon, number):
    daemon.until(lambda: len(subjects(daemon)) >= number, f"{number} tickets")
    daemon.until(lambda: "helpdesk_inbox_waiting 0.0" in daemon.web("/metrics")[1], "nothing waits")
    return subjects(daemon) == [f"Question {n:02}" for n in range(number)]


def in_mid_work(daemon, number_of_tickets):
    """Wait until the worker has begun with a batch: what it writes then is not committed yet."""
    daemon.until(lambda: len(daemon.log("created")) > number_of_tickets, "work")


def test_a_worker_that_is_killed_in_mid_work_is_replaced_and_every_mail_handled_once(tmp_path):
    with Daemon(tmp_path) as daemon:
        first = daemon.worker_pid
        os.kill(first, signal.SIGSTOP)
        daemon.post(*mails(0, MANY))
        os.kill(first, signal.SIGCONT)
        in_mid_work(daemon, 3)
        os.kill(first, signal.SIGKILL)

        assert everyone_is_answered(daemon, MANY)
        assert daemon.log("worker_died")[0]["code"] == -signal.SIGKILL
        assert daemon.worker_pid != first
        assert daemon.web("/healthz")[0] == 200
        daemon.waits_for_letter("new_ticket", MANY)
        assert len(daemon.named("new_ticket")) == MANY


def test_a_worker_that_hangs_over_a_mail_is_killed_at_the_wall_and_the_next_mail_goes_on(tmp_path):
    with Daemon(tmp_path, limits=Limits(wall=3.0, pulse=0.2)) as daemon:
        first = daemon.worker_pid
        os.kill(first, signal.SIGSTOP)
        daemon.post(*mails(0, MANY))
        os.kill(first, signal.SIGCONT)
        in_mid_work(daemon, 3)
        os.kill(first, signal.SIGSTOP)

        hung = daemon.until(lambda: daemon.log("worker_hangs"), "the wall")
        assert hung[0]["spool_id"] in range(1, MANY + 1)
        assert hung[0]["seconds"] < 9
        assert everyone_is_answered(daemon, MANY)
        assert daemon.worker_pid != first
        assert not daemon.log("part_ended")


def test_healthz_is_red_while_the_worker_stands_still_and_green_when_it_goes_on(tmp_path):
    with Daemon(tmp_path, limits=Limits(wall=60, pulse=0.1, desk_heart=0.5)) as daemon:
        os.kill(daemon.worker_pid, signal.SIGSTOP)
        ill = daemon.until(lambda: (page := daemon.web("/healthz"))[0] == 503 and page, "red")
        os.kill(daemon.worker_pid, signal.SIGCONT)
        daemon.until(lambda: daemon.web("/healthz")[0] == 200, "green")

        assert "desk" in ill[1]


def test_a_stop_while_the_worker_is_being_replaced_is_clean(tmp_path):
    with Daemon(tmp_path) as daemon:
        daemon.post(*mails(0, 3))
        os.kill(daemon.worker_pid, signal.SIGKILL)
        daemon.until(lambda: daemon.log("worker_died"), "death")

        assert daemon.stop() == 0
        assert "Traceback" not in daemon.log_text()
        assert "never retrieved" not in daemon.log_text()


def test_limits_of_cpu_and_memory_hold_in_the_worker_and_not_in_the_front(tmp_path):
    with Daemon(tmp_path) as daemon:
        worker = limits_of(daemon.worker_pid)
        front = limits_of(daemon.pid)

    # 512 MB resident; what the process has only mapped comes on top
    assert 512 * 1024**2 < int(worker["Max address space"]) < 768 * 1024**2
    assert int(worker["Max cpu time"]) <= 30
    assert worker["Max core file size"] == "0"
    assert front["Max address space"] == "unlimited"


def limits_of(pid):
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return {line[:26].strip(): line[26:].split()[0] for line in lines}


def test_what_is_printed_by_accident_cannot_garble_the_pipe(tmp_path):
    """A library that prints while the worker starts is heard, logged and left aside."""
    (tmp_path / "sitecustomize.py").write_text("print('by accident')\n")
    with Daemon(tmp_path, environ={"PYTHONPATH": str(tmp_path)}) as daemon:
        daemon.post(*mails(0, 1))

        assert everyone_is_answered(daemon, 1)
        assert daemon.log("worker_garbled") == [{**daemon.log("worker_garbled")[0], "bytes": 12}]
        assert "by accident" not in re.sub(r"\\\"", "", daemon.log_text())


def test_a_worker_that_cannot_begin_stops_the_start_with_its_reason(tmp_path):
    """It cannot take its lock: it says so, and the front ends."""
    daemon = Daemon(tmp_path)
    assert daemon.helpdesk("db", "upgrade").returncode == 0
    (tmp_path / "var" / "helpdesk.db.lock").unlink()
    (tmp_path / "var" / "helpdesk.db.lock").mkdir()
    daemon.launch()

    assert daemon.wait() == 1
    assert "helpdesk.db.lock" in daemon.log_text()
    assert "the desk worker did not start" in daemon.log_text()
    assert "Traceback" not in daemon.log_text()


def starting_worker(daemon, but=()):
    """The first worker of a daemon that is not ready yet, and none of `but`."""
    return daemon.until(
        lambda: next((line["pid"] for line in daemon.log("worker_started") if line["pid"] not in but), None),
        "a worker",
    )


def test_a_worker_that_is_killed_while_it_starts_is_replaced(tmp_path):
    """The kernel may take it when memory is short: that is no reason to stay down."""
    daemon = Daemon(tmp_path)
    daemon.launch()
    first = starting_worker(daemon)
    os.kill(first, signal.SIGKILL)

    assert starting_worker(daemon, but=[first])
    daemon.until(lambda: "\nready\n" in daemon.log_text(), "ready")
    assert daemon.log("worker_died")[0]["code"] == -signal.SIGKILL
    assert daemon.stop() == 0


def test_workers_that_are_all_killed_while_they_start_stop_the_start(tmp_path):
    daemon = Daemon(tmp_path)
    daemon.launch()
    killed = []
    for _ in range(3):
        killed.append(starting_worker(daemon, but=killed))
        os.kill(killed[-1], signal.SIGKILL)

    assert daemon.wait() == 1
    assert "the desk worker was ended by signal 9 while it started" in daemon.log_text()
