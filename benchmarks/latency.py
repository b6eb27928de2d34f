"""From a customer's letter to its acknowledgement, and the desk at rest; a bare aiosmtpd is the yardstick.

    python benchmarks/latency.py [--mails 200] [--rate 20] [--rest 20]

A real daemon (front and worker, SQLite) receives by SMTP and sends to a sink on loopback. The latency of a
letter is the time from its first byte to the last byte of its acknowledgement at the sink. The yardstick is the
time of one SMTP dialogue with an aiosmtpd that discards, in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import aiosmtplib
from aiosmtpd.smtp import SMTP
from record import record


class Sink:
    """Accepts everything; remembers when each acknowledgement came, by its reader's address."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, float] = {}

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802 - aiosmtpd's hook
        if re.search(rb"^X-Helpdesk-Letter: acknowledgement\r?$", envelope.content, re.M):
            self.acknowledged[envelope.rcpt_tos[0]] = time.perf_counter()
        return "250 Ok"


def mail(serial: int) -> tuple[str, bytes]:
    sender = f"anne{serial}@customer.example"
    text = "\r\n".join(f"Line {n} of a question about order {serial}." for n in range(20))
    head = f"From: Anne <{sender}>\r\nTo: help@desk.example\r\nSubject: Order {serial}\r\n"
    ids = (
        f"Message-ID: <{serial}.{os.getpid()}@customer.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n"
    )
    return sender, f"{head}{ids}\r\n{text}\r\n".encode()


def config(folder: Path, sink_port: int, port: int) -> Path:
    subprocess.run([sys.executable, "-m", "helpdesk", "init", str(folder)], check=True, capture_output=True)
    file = folder / "config.toml"
    text = file.read_text()
    text = text.replace("port = 8025", f"port = {port}")
    text = text.replace(
        'transport = "maildir"', f'transport = "smtp"\nhost = "127.0.0.1"\nport = {sink_port}'
    )
    text = re.sub(r"\[web\].*?(?=\n\[)", "", text, flags=re.S)
    text += "\n[limits]\ngreetings_per_domain = 10000\ngreetings = 100000\nmails_per_minute = 1000000\n"
    file.write_text(text)
    return file


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, found)]


def cpu_seconds(pids: list[int]) -> float:
    """Of those that still live."""
    ticks = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(pids: list[int]) -> float:
    """Proportional set size: memory that processes share counts once."""
    total = 0
    for pid in pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])
    return total / 1024


async def start_daemon(file: Path, log: Path) -> asyncio.subprocess.Process:
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "helpdesk", "serve", "--config", str(file), stderr=stream
        )
    while b"ready\n" not in log.read_bytes():
        if process.returncode is not None:
            raise SystemExit(log.read_text())
        await asyncio.sleep(0.05)
    return process


async def send_all(port: int, count: int, rate: float, first: int = 0) -> dict[str, float]:
    """Send `count` mails at `rate` a second; return when each began, by sender."""
    began: dict[str, float] = {}
    start = time.perf_counter()

    async def one(serial: int) -> None:
        await asyncio.sleep(max(0.0, start + (serial - first) / rate - time.perf_counter()))
        sender, raw = mail(serial)
        began[sender] = time.perf_counter()
        await aiosmtplib.send(
            raw,
            sender=sender,
            recipients=["help@desk.example"],
            hostname="127.0.0.1",
            port=port,
            start_tls=False,
        )

    await asyncio.gather(*(one(serial) for serial in range(first, first + count)))
    return began


async def yardstick(count: int) -> float:
    """Median seconds of one dialogue with a bare aiosmtpd that discards."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    times = []
    for serial in range(count):
        began = time.perf_counter()
        await send_all(port, 1, 1e9, serial)
        times.append(time.perf_counter() - began)
    server.close()
    return statistics.median(times)


async def measure(arguments: argparse.Namespace) -> dict[str, float]:
    sink = Sink()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        file = config(Path(folder) / "desk", server.sockets[0].getsockname()[1], port)
        daemon = await start_daemon(file, Path(folder) / "log")
        pids = children(daemon.pid)
        try:
            await asyncio.sleep(3)
            before = cpu_seconds(pids)
            await asyncio.sleep(arguments.rest)
            idle = 100 * (cpu_seconds(pids) - before) / arguments.rest
            rest_memory = memory_mb(pids)
            await send_all(port, 20, 20, 1_000_000)
            began = await send_all(port, arguments.mails, arguments.rate)
            give_up = time.monotonic() + 60
            while not began.keys() <= sink.acknowledged.keys() and time.monotonic() < give_up:
                await asyncio.sleep(0.05)
            latencies = sorted(sink.acknowledged[sender] - at for sender, at in began.items())
            load_memory = memory_mb(pids)
        finally:
            daemon.send_signal(signal.SIGTERM)
            stopping = time.monotonic()
            code = await daemon.wait()
            stopped = time.monotonic() - stopping
    server.close()
    bare = await yardstick(50)
    return {
        "mails": len(latencies),
        "rate_per_s": arguments.rate,
        "ack_p50_ms": 1000 * statistics.median(latencies),
        "ack_p99_ms": 1000 * latencies[int(len(latencies) * 0.99) - 1],
        "bare_dialogue_p50_ms": 1000 * bare,
        "ack_p50_over_bare": statistics.median(latencies) / bare,
        "idle_cpu_percent": idle,
        "rest_memory_mb": rest_memory,
        "load_memory_mb": load_memory,
        "stop_seconds": stopped,
        "stop_exit_code": code,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=200)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--rest", type=float, default=20.0, help="seconds at rest")
    figures = asyncio.run(measure(parser.parse_args()))
    for name, value in figures.items():
        print(f"{name:24} {value:10.2f}")
    record("latency", figures)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    main()
