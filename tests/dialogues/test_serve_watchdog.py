"""`helpdesk serve` under a watcher as systemd is: a real process, a real datagram socket (P10)."""

import configparser
import os
import secrets
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from helpdesk.daemon.limits import Limits
from helpdesk.testing.daemon import PATIENCE, Daemon

BEAT = b"WATCHDOG=1"


@pytest.fixture
def watcher():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as watcher:
        watcher.bind(f"\0helpdesk-{secrets.token_hex(8)}")
        watcher.settimeout(PATIENCE)
        yield watcher


def watched(folder, watcher, limits=None, **environ):
    name = f"@{watcher.getsockname()[1:].decode()}"
    return Daemon(
        folder, limits=limits, environ={"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000000", **environ}
    )


def until(watcher, state):
    """What was said before it."""
    said = []
    while (one := watcher.recv(100)) != state:
        said.append(one)
    return said


def test_it_says_when_it_is_ready_that_it_lives_and_when_it_stops(tmp_path, watcher):
    with watched(tmp_path, watcher) as daemon:
        before = until(watcher, b"READY=1")
        until(watcher, BEAT)
        daemon.send_signal(signal.SIGTERM)
        after = until(watcher, b"STOPPING=1")
        code = daemon.wait()

    assert set(before + after) <= {BEAT}
    assert code == 0


def test_a_front_that_stands_still_is_silent(tmp_path, watcher):
    with watched(tmp_path, watcher) as daemon:
        until(watcher, b"READY=1")
        daemon.send_signal(signal.SIGSTOP)
        daemon.until(lambda: state(daemon.pid) == "T", "stopped")
        forget_what_was_said(watcher)
        watcher.settimeout(2)
        with pytest.raises(TimeoutError):
            watcher.recv(100)
        daemon.send_signal(signal.SIGCONT)
        watcher.settimeout(PATIENCE)

        assert until(watcher, BEAT) == []


def forget_what_was_said(watcher):
    watcher.settimeout(0)
    with suppress(BlockingIOError):
        while True:
            watcher.recv(100)


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_red_lamp_is_no_reason_to_start_again(tmp_path, watcher):
    """A disk that is nearly full: /healthz is red, senders are asked to come later, and the desk lives."""
    with watched(tmp_path, watcher, HELPDESK_LIMITS__FREE_DISK="9999GB") as daemon:
        until(watcher, b"READY=1")
        daemon.until(lambda: daemon.web("/healthz")[0] == 503, "red")
        forget_what_was_said(watcher)
        watcher.settimeout(PATIENCE)

        assert [watcher.recv(100) for _ in range(3)] == [BEAT] * 3


def test_a_worker_that_hangs_is_the_fronts_own_affair(tmp_path, watcher):
    """It is replaced; the front goes on showing that it lives."""
    with watched(tmp_path, watcher, limits=Limits(wall=1.0, pulse=0.2, desk_heart=0.5)) as daemon:
        until(watcher, b"READY=1")
        os.kill(daemon.worker_pid, signal.SIGSTOP)
        daemon.until(lambda: daemon.log("worker_hangs"), "the hanging worker is found out")
        daemon.until(lambda: len(daemon.log("worker_started")) == 2, "another worker")
        forget_what_was_said(watcher)
        watcher.settimeout(PATIENCE)

        assert watcher.recv(100) == BEAT
        assert daemon.log("watchdog_silent") == []


def test_its_children_hear_nothing_of_the_watcher(tmp_path, watcher):
    """A worker that spoke for the front would hide that the front hangs."""
    with watched(tmp_path, watcher) as daemon:
        environ = Path(f"/proc/{daemon.worker_pid}/environ").read_bytes()

    assert b"NOTIFY_SOCKET" not in environ
    assert b"WATCHDOG" not in environ


def test_the_unit_of_the_readme_asks_for_the_watchdog():
    """`systemd-analyze verify` called it good when it was written; CI machines do not have that."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str
    unit.read_string(readme.split("```ini\n")[1].split("```")[0])

    service = unit["Service"]
    assert (service["Type"], service["WatchdogSec"], service["Restart"]) == ("notify", "60", "on-failure")
    assert service["ExecStart"].endswith("helpdesk serve")
