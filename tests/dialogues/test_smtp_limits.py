"""Dialogues with clients that flood, drip, fall silent or talk nonsense (R8, R10, F5b, F5c, F5e, T10, T19)."""

import logging
import random
import re
import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
from smtp_fixtures import KNOWS, OPENING, eventually

from helpdesk.testing.smtp_client import Client, hosted
from helpdesk.wire.smtp_server import ListenerSettings


def test_a_line_without_end_costs_no_memory_and_is_cut(tmp_path):
    """R10, F5b: 200 MB without CRLF."""
    with hosted(tmp_path, KNOWS) as desk, Client.connect(desk.port) as client:
        before = rss()
        sent, highest = flood(client, b"A" * 65536, 200 << 20)

        assert sent < 120 << 20
        assert highest - before < 40 << 20
        assert desk.mails() == []


def test_a_command_without_end_costs_no_memory(tmp_path):
    """R10, before DATA."""
    with (
        hosted(tmp_path, KNOWS, ListenerSettings(idle_timeout=timedelta(seconds=2))) as desk,
        Client.connect(desk.port) as client,
    ):
        before = rss()
        _, highest = flood(client, b"A" * 65536, 100 << 20, opening=b"")

        assert highest - before < 20 << 20


def test_empty_lines_cost_what_they_weigh(tmp_path):
    """F5c: the library takes 23 times the size."""
    with hosted(tmp_path, KNOWS) as desk, Client.connect(desk.port) as client:
        before = rss()
        _, highest = flood(client, b"\r\n" * 32768, 6 << 20)

        assert highest - before < 20 << 20


def flood(client: Client, chunk: bytes, total: int, opening: bytes = OPENING) -> tuple[int, int]:
    """Send until `total` or until cut; bytes sent and the highest resident size seen."""
    client.say(opening)
    sent, highest = 0, rss()
    try:
        while sent < total:
            client.say(chunk)
            sent += len(chunk)
            highest = max(highest, rss())
    except ConnectionError:
        pass
    return sent, highest


def rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def drip(port: int, chunk: bytes, pause: float, seconds: float) -> tuple[float, list[str]]:
    """Send a chunk after each pause until the server cuts; how long it let us, and what it said."""
    with Client.connect(port) as client:
        client.say(OPENING)
        while not client.hear().startswith("354"):
            pass
        began = time.monotonic()
        client.sock.settimeout(pause)
        while time.monotonic() - began < seconds:
            try:
                client.say(chunk)
                if not (reply := client.hear()):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
            return time.monotonic() - began, [reply]
        return time.monotonic() - began, []


def test_a_client_that_drips_is_cut(tmp_path):
    """R8, T19: below 500 B/s after the grace, though it never pauses for long."""
    with hosted(tmp_path, KNOWS, ListenerSettings(slow_start=timedelta(seconds=0.4))) as desk:
        lasted, heard = drip(desk.port, b"x", 0.05, 5)

        assert heard == ["421 4.4.2 Message comes in too slowly, closing"]
        assert lasted < 2


def test_a_slow_but_steady_client_is_heard_out(tmp_path):
    """R8, F5e: 2 KB/s goes on far beyond the grace and the idle limit."""
    settings = ListenerSettings(slow_start=timedelta(seconds=0.2), idle_timeout=timedelta(seconds=0.4))
    with hosted(tmp_path, KNOWS, settings) as desk:
        lasted, heard = drip(desk.port, b"x" * 98 + b"\r\n", 0.05, 1.5)

        assert heard == []
        assert lasted >= 1.5


def test_no_transfer_lasts_for_ever(tmp_path):
    """R8: the total cap."""
    with hosted(tmp_path, KNOWS, ListenerSettings(transfer_for=timedelta(seconds=0.5))) as desk:
        _, heard = drip(desk.port, b"x" * 98 + b"\r\n", 0.05, 5)

        assert [reply[:9] for reply in heard] == ["421 4.4.2"]


def test_a_client_that_reads_nothing_is_cut(tmp_path, monkeypatch):
    """P10: replies pile up against a closed window."""
    monkeypatch.setattr("helpdesk.wire.smtp_guard.LINGER", 0.3)
    with (
        hosted(tmp_path, KNOWS, ListenerSettings(idle_timeout=timedelta(seconds=0.3))) as desk,
        Client.connect(desk.port) as client,
    ):
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sock.settimeout(1)
        with pytest.raises((TimeoutError, ConnectionError)):
            say_for_ever(client, b"NOOP\r\n" * 10_000)

        # first the desk works off what the kernel's buffers hold: megabytes of NOOP on a busy machine
        assert eventually(lambda: not len(desk.listener._sessions), patience=60)


def say_for_ever(client: Client, data: bytes) -> None:
    while True:
        client.say(data)


@pytest.mark.parametrize(
    "rounds",
    [40, pytest.param(2000, marks=[pytest.mark.chaos, pytest.mark.timeout(900)], id="100,000 lines")],
)
def test_noise_gets_clean_replies_and_no_traceback(tmp_path, caplog, rounds):
    """T10: command lines at random, from one seed."""
    chance = random.Random(7)
    verbs = [
        b"MAIL FROM:",
        b"RCPT TO:",
        b"EHLO ",
        b"HELO",
        b"DATA ",
        b"VRFY",
        b"",
        b"RSET",
        b"BDAT ",
        b"\xff",
        b"AUTH",
    ]
    alphabet = b'<>@".,;:()[]\\ =?\x00a\xc3\xbc\t%!'
    with (
        caplog.at_level(logging.DEBUG),
        hosted(tmp_path, KNOWS, ListenerSettings(max_errors=10**9)) as desk,
        Client.connect(desk.port) as client,
    ):
        client.hear()
        client.say(b"EHLO c\r\n")
        client.hear()
        for _ in range(rounds):
            lines = [
                chance.choice(verbs) + bytes(chance.choice(alphabet) for _ in range(chance.randrange(12)))
                for _ in range(50)
            ]
            client.say(b"".join(line + b"\r\n" for line in lines))
            heard = [client.hear() for _ in lines]

            assert all(re.match(r"[25]\d\d ", reply) for reply in heard), (lines, heard)
        assert "Traceback" not in caplog.text
