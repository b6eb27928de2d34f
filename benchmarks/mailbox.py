"""A full IMAP mailbox taken over, and the way of one mail from a mailbox at rest to its ticket; on real servers.

    python benchmarks/mailbox.py [--mails 10000] [--singles 100] [--watch 30] [--runs 1]

Takeover: the load of load.py lies in the mailbox when a real daemon (front and worker, SQLite) starts. Told are the
mails a second that it commits to its spool, from the first commit on, beside the same load given by SMTP to a daemon
of the same kind (`accepted` of throughput.py) and to a bare aiosmtpd that discards, all in one run. Memory of front
and worker is sampled from the first look on until `--watch` seconds after the last mail came in; the worker makes
tickets meanwhile.

Singles: the desk rests in IDLE, another connection appends one mail a second at most. Told is the time from the
beginning of the APPEND to the committed ticket and to the acknowledgement at the sink. The yardstick is a bare IMAP
client in IDLE on the same mailbox: when the server tells it of the mail. Dovecot tells half a second late, so that
one telling serves many mails; what the desk adds to it is `desk_*`. Cyrus IMAP tells at once: the same with it is
`cyrus_*`.

Needs Dovecot (`make services`), and for `cyrus_*` Debian's Cyrus (cyrus.py): without it these figures are missing,
and that is said. Everything shares this machine's cores: the mail server, the senders, the sink.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import latency
from aiosmtpd.smtp import SMTP
from cyrus import Cyrus, NotInstalled
from imapclient import IMAPClient
from latency import children, config, free_port, memory_mb, start_daemon
from load import Mail, mails
from record import file_system, record
from rich.progress import Progress
from throughput import bare, pour

from helpdesk.config import Config
from helpdesk.testing import needs
from helpdesk.testing.dovecot import PASSWORD, Dovecot

APPENDED_AT_ONCE = 50
WARM_UP = 10
PATIENCE_SECONDS = 900
LOOK_EVERY_SECONDS = 0.02
SAMPLE_EVERY_SECONDS = 0.5
TICKET_LOOK_EVERY_SECONDS = 0.002
GOALS = {
    "taken_over_smtp": 0.7,
    "memory_peak_mb": 400,
    "ticket_p50_ms": 150,
    "desk_p99_ms": 150,
    "cyrus_ticket_p50_ms": 150,
    "cyrus_desk_p99_ms": 150,
}

MailServer = Dovecot | Cyrus


@asynccontextmanager
async def letters_in() -> Iterator[tuple[latency.Sink, int]]:
    """A sink, and its port."""
    sink, loop = latency.Sink(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", 0)
    try:
        yield sink, server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def desk(folder: Path, sink_port: int, mailbox: MailServer | None) -> Iterator[tuple[Config, int, int]]:
    """A running daemon, by SMTP and, where there is one, from a mailbox: its configuration, SMTP port and pid."""
    port = free_port()
    file = config(folder, sink_port, port)
    text = file.read_text().replace("[receive.smtp]", "[receive.smtp]\nmax_sessions_per_ip = 50", 1)
    if mailbox is not None:
        secret = folder / "imap.password"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        text += (
            f'\n[[receive.imap]]\nhost = "127.0.0.1"\nport = {mailbox.port}\ntls = "none"\n'
            f'username = "{mailbox.username}"\npassword_file = "{secret}"\n'
        )
    file.write_text(text)
    daemon = await start_daemon(file, folder / "log")
    try:
        yield Config.load(file), port, daemon.pid
    finally:
        daemon.terminate()
        await daemon.wait()


def fill(server: Dovecot, load: list[Mail], progress: Progress) -> None:
    """As a mail system would have: by the server itself, which notes sizes and UIDs."""
    task = progress.add_task("filling the mailbox", total=len(load))
    with server.client() as client:
        for start in range(0, len(load), APPENDED_AT_ONCE):
            some = load[start : start + APPENDED_AT_ONCE]
            client.multiappend("INBOX", [mail.raw for mail in some])
            progress.advance(task, len(some))


@contextmanager
def opened(url: str) -> Iterator[sqlite3.Connection]:
    """For looks that cost next to nothing, at a store that others write."""
    with closing(sqlite3.connect(f"file:{url.removeprefix('sqlite:///')}?mode=ro", uri=True)) as connection:
        yield connection


async def by_smtp(folder: Path, load: list[Mail]) -> float:
    """Mails a second accepted."""
    async with letters_in() as (_, sink_port), desk(folder, sink_port, None) as (_, port, _):
        await pour([port], list(mails(WARM_UP, prefix="w")))
        return len(load) / await pour([port], load)


async def takeover(
    folder: Path, server: Dovecot, count: int, watch: float, progress: Progress
) -> dict[str, float]:
    async with letters_in() as (_, sink_port), desk(folder, sink_port, server) as (found, _, pid):
        memory = Memory(pid)
        with opened(found.spool_url) as spool:
            per_second = await _taken_per_s(spool, count, memory, progress)
        in_takeover = memory.peak
        task = progress.add_task("watching memory", total=watch)
        while progress.tasks[task].completed < watch:
            await asyncio.sleep(SAMPLE_EVERY_SECONDS)
            memory.sample()
            progress.advance(task, SAMPLE_EVERY_SECONDS)
    return {
        "taken_per_s": per_second,
        "memory_start_mb": memory.start,
        "memory_takeover_peak_mb": in_takeover,
        "memory_peak_mb": memory.peak,
        "memory_end_mb": memory.last,
    }


async def _taken_per_s(spool: sqlite3.Connection, count: int, memory: Memory, progress: Progress) -> float:
    task = progress.add_task("taking over", total=count)
    first, began, sampled = 0, 0.0, 0.0
    give_up = time.perf_counter() + PATIENCE_SECONDS
    while (taken := spool.execute("SELECT coalesce(max(id), 0) FROM inbox").fetchone()[0]) < count:
        now = time.perf_counter()
        if taken and not first:
            first, began = taken, now
        if now - sampled > SAMPLE_EVERY_SECONDS:
            memory.sample()
            sampled = now
        if now > give_up:
            raise SystemExit(f"{taken} of {count} mails were taken over, then it takes too long")
        progress.update(task, completed=taken)
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    progress.update(task, completed=count)
    if not first:
        raise SystemExit("the mailbox is too small: all of it was taken over in one commit")
    return (count - first) / (time.perf_counter() - began)


class Memory:
    """Of a process and its children together, in MB."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.start = self.peak = self.last = memory_mb(children(pid))

    def sample(self) -> None:
        self.last = memory_mb(children(self._pid))
        self.peak = max(self.peak, self.last)


class Witness:
    """A bare client in IDLE: remembers when the server first told of something new after `expect`."""

    def __init__(self, server: MailServer) -> None:
        self._client = server.client()
        self._client.idle()
        self._heard = threading.Event()
        self._stopping = threading.Event()
        self.at = 0.0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            told = self._client.idle_check(timeout=0.5)
            if any(b"EXISTS" in word for word in told) and not self._heard.is_set():
                self.at = time.perf_counter()
                self._heard.set()

    def expect(self) -> None:
        self._heard.clear()

    def heard(self) -> float:
        if not self._heard.wait(PATIENCE_SECONDS):
            raise SystemExit("the mail server never told of the mail")
        return self.at

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._client.idle_done()
        self._client.logout()


async def singles(folder: Path, server: MailServer, count: int, progress: Progress) -> dict[str, float]:
    """Milliseconds from the beginning of an APPEND."""
    task = progress.add_task(f"one mail at a time, {type(server).__name__}", total=count)
    times: dict[str, list[float]] = {"append": [], "server": [], "ticket": [], "desk": [], "ack": []}
    async with letters_in() as (sink, sink_port), desk(folder, sink_port, server) as (found, _, _):
        with closing(Witness(server)) as witness, server.client() as client, opened(found.desk_url) as store:
            for serial in range(-WARM_UP, count):
                began = time.perf_counter()
                one = await _single(latency.mail(serial), client, witness, store, sink)
                if serial >= 0:
                    for name, seconds in one.items():
                        times[name].append(1000 * seconds)
                    progress.advance(task)
                await asyncio.sleep(max(0.0, began + 1 - time.perf_counter()))
    return {
        f"{name}_{what}_ms": value
        for name, found_times in times.items()
        for what, value in (("p50", statistics.median(found_times)), ("p99", _p99(found_times)))
    }


async def singles_on_cyrus(folder: Path, count: int, progress: Progress) -> dict[str, float]:
    """Nothing, said loudly, where Cyrus cannot be had."""
    try:
        with Cyrus() as server:
            figures = await singles(folder, server, count, progress)
    except NotInstalled as error:
        print(f"NOT MEASURED: cyrus_*: {error}", file=sys.stderr)
        return {}
    return {f"cyrus_{name}": value for name, value in figures.items()}


async def _single(
    mail: tuple[str, bytes],
    client: IMAPClient,
    witness: Witness,
    store: sqlite3.Connection,
    sink: latency.Sink,
) -> dict[str, float]:
    sender, raw = mail
    witness.expect()
    began = time.perf_counter()
    await asyncio.to_thread(client.append, "INBOX", raw)
    appended = time.perf_counter()
    while not store.execute("SELECT 1 FROM ticket WHERE customer_address = ?", [sender]).fetchone():
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise SystemExit("the mail never became a ticket")
        await asyncio.sleep(TICKET_LOOK_EVERY_SECONDS)
    ticketed = time.perf_counter()
    told = await asyncio.to_thread(witness.heard)
    while sender not in sink.acknowledged:
        await asyncio.sleep(TICKET_LOOK_EVERY_SECONDS)
    ends = {"append": appended, "server": told, "ticket": ticketed, "ack": sink.acknowledged[sender]}
    return {name: at - began for name, at in ends.items()} | {"desk": ticketed - told}


def _p99(times: list[float]) -> float:
    return sorted(times)[math.ceil(len(times) * 0.99) - 1]


async def measure(arguments: argparse.Namespace, folder: Path, progress: Progress) -> dict[str, float]:
    rows = []
    for run in range(arguments.runs):
        load = list(mails(arguments.mails, seed=run))
        yard = [await bare(load)]
        row = {"smtp_per_s": await by_smtp(folder / f"smtp{run}", load)}
        with Dovecot() as server:
            await asyncio.to_thread(fill, server, load, progress)
            row |= await takeover(folder / f"imap{run}", server, len(load), arguments.watch, progress)
            row["taken_over_smtp"] = row["taken_per_s"] / row["smtp_per_s"]
            # before and behind: what else the machine does changes meanwhile
            yard.append(await bare(load))
            row["bare_per_s"] = statistics.mean(yard)
            row["taken_over_bare"] = row["taken_per_s"] / row["bare_per_s"]
            server.username = "rest"
            row |= await singles(folder / f"rest{run}", server, arguments.singles, progress)
        row |= await singles_on_cyrus(folder / f"cyrus{run}", arguments.singles, progress)
        rows.append(row)
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--singles", type=int, default=100)
    parser.add_argument("--watch", type=float, default=30, help="seconds, after the last mail came in")
    parser.add_argument("--runs", type=int, default=1)
    arguments = parser.parse_args()
    if not needs.find("dovecot"):
        raise SystemExit(f"NOT MEASURED: mailbox.py needs Dovecot: {needs.REMEDY}")
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        told = {
            "mails": arguments.mails,
            "file_system": file_system(Path(folder)),
            "machine_load_before": os.getloadavg()[0],
        }
        figures = asyncio.run(measure(arguments, Path(folder), progress))
    for name, value in figures.items():
        print(f"{name:24} {value:10.2f}" + (f"   goal {GOALS[name]}" if name in GOALS else ""))
    record("mailbox", {**told, "goals": GOALS, **figures})


if __name__ == "__main__":
    main()
