"""What systemd hears (sd_notify): a real datagram socket listens, and the loop is really frozen."""

import asyncio
import os
import secrets
import socket
import threading

import pytest
from structlog.testing import capture_logs

from helpdesk.daemon.supervisor import Supervisor

PATIENCE = 20.0
BEAT = b"WATCHDOG=1"


@pytest.fixture(params=["path", "abstract"])
def told(request, tmp_path):
    """A watcher's socket and the name that it is announced by."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@helpdesk-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as watcher:
        watcher.bind(name.replace("@", "\0"))
        watcher.settimeout(PATIENCE)
        yield watcher, name


def heard(watcher):
    return watcher.recv(100)


def drained(watcher):
    """Take what has come so far; the number of datagrams."""
    watcher.setblocking(False)
    number = 0
    while True:
        try:
            watcher.recv(100)
        except BlockingIOError:
            watcher.settimeout(PATIENCE)
            return number
        number += 1


def test_the_variables_are_taken_and_no_child_gets_them(told):
    watcher, name = told
    environ = {
        "NOTIFY_SOCKET": name,
        "WATCHDOG_USEC": "1000000",
        "WATCHDOG_PID": str(os.getpid()),
        "HOME": "/",
    }
    supervisor = Supervisor.of(environ)
    supervisor.ready()
    supervisor.stopping()

    assert [heard(watcher), heard(watcher)] == [b"READY=1", b"STOPPING=1"]
    assert environ == {"HOME": "/"}


async def watched(supervisor, stuck, meanwhile):
    watching = asyncio.create_task(supervisor.watch(stuck))
    try:
        await meanwhile()
    finally:
        watching.cancel()


def test_it_beats_at_half_of_the_watchers_patience(told):
    watcher, name = told
    supervisor = Supervisor.of({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "200000"})
    beats = []

    async def meanwhile():
        loop = asyncio.get_running_loop()
        beats.extend([(await asyncio.to_thread(heard, watcher), loop.time()) for _ in range(9)])

    asyncio.run(watched(supervisor, list, meanwhile))

    assert {beat for beat, _ in beats} == {BEAT}
    assert beats[-1][1] - beats[3][1] > 0.3  # five times 0.1 s, and no more often


def test_a_frozen_loop_is_silent_and_beats_again_when_it_goes_on(told):
    watcher, name = told
    supervisor = Supervisor.of({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "100000"})
    frozen, thaw, silence = threading.Event(), threading.Event(), []

    def freeze():
        frozen.set()
        assert thaw.wait(PATIENCE)

    def watch():
        assert frozen.wait(PATIENCE)
        drained(watcher)
        watcher.settimeout(0.5)
        try:
            silence.append(heard(watcher))
        except TimeoutError:
            silence.append(b"")
        watcher.settimeout(PATIENCE)
        thaw.set()
        silence.append(heard(watcher))

    async def meanwhile():
        heart = asyncio.to_thread(watch)
        asyncio.get_running_loop().call_later(0.05, freeze)
        await heart

    asyncio.run(watched(supervisor, list, meanwhile))

    assert silence == [b"", BEAT]


def test_it_is_silent_over_a_stuck_part_and_says_so_once(told):
    watcher, name = told
    supervisor = Supervisor.of({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000"})
    answers = [[], ["link"], ["link"], ["link"], [], ["imap"], []]
    asked = []

    def stuck():
        asked.append(answers[len(asked)] if len(asked) < len(answers) else [])
        return asked[-1]

    async def meanwhile():
        while len(asked) < len(answers):
            await asyncio.sleep(0.001)

    with capture_logs() as logs:
        asyncio.run(watched(supervisor, stuck, meanwhile))

    assert drained(watcher) == asked.count([])
    assert [line["parts"] for line in logs if line["action"] == "watchdog_silent"] == [["link"], ["imap"]]


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"NOTIFY_SOCKET": ""},
        {"NOTIFY_SOCKET": "@nobody-is-here"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "0"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"},
        {"WATCHDOG_USEC": "1000000"},
    ],
)
def test_where_nobody_watches_it_does_nothing(environ):
    """watch() ends at once; an address where nobody listens is no fault of the desk's."""
    supervisor = Supervisor.of(environ)
    supervisor.ready()

    asyncio.run(asyncio.wait_for(supervisor.watch(list), PATIENCE))


def test_a_watcher_that_does_not_read_holds_up_nobody(told):
    watcher, name = told
    supervisor = Supervisor(name)
    with capture_logs() as logs:
        while not logs:
            supervisor.ready()

    assert logs[0]["action"] == "untold"
    assert heard(watcher) == b"READY=1"
