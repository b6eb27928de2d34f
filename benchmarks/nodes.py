"""How much one desk takes on SQLite, on PostgreSQL, and on PostgreSQL with two and three nodes.

    python benchmarks/nodes.py [--mails 300] [--nodes 1 2 3]

Real daemons (front and worker each) on one store receive new questions by SMTP over several connections, as fast
as they take them, and send every letter to a sink on loopback. Told for each: mails accepted, tickets opened
and letters sent a second, from the first byte in. The yardstick is a bare aiosmtpd that discards the same
mails, in the same run. Everything shares this machine's cores: the senders, the sink, PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import aiosmtplib
from aiosmtpd.smtp import SMTP
from latency import RESULTS, children, config, cpu_seconds, free_port, mail, start_daemon
from sqlalchemy import func, select

from helpdesk.config import Config
from helpdesk.store.schema import OUTBOX, TICKET
from helpdesk.store.session import Database
from helpdesk.testing.postgres import Server

CONNECTIONS = 8
WARM_UP = 10


class Sink:
    def __init__(self) -> None:
        self.letters = 0

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802 - aiosmtpd's hook
        self.letters += 1
        return "250 Ok"


async def pour(ports: list[int], count: int, first: int) -> float:
    """Send `count` mails over all ports, as fast as they are taken; return the seconds."""
    serials = iter(range(first, first + count))

    async def connection(port: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for serial in serials:
                sender, raw = mail(serial)
                await client.sendmail(sender, ["help@desk.example"], raw)

    began = time.perf_counter()
    await asyncio.gather(*(connection(ports[n % len(ports)]) for n in range(CONNECTIONS)))
    return time.perf_counter() - began


async def until(true: Callable[[], bool], began: float) -> float:
    while not await asyncio.to_thread(true):
        await asyncio.sleep(0.05)
        if time.perf_counter() - began > 600:
            raise SystemExit("it takes too long")
    return time.perf_counter() - began


async def desk(folder: Path, store: str, nodes: int, count: int) -> dict[str, float]:
    sink, loop = Sink(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, loop=loop), "127.0.0.1", 0)
    ports, daemons = [free_port() for _ in range(nodes)], []
    first = None
    for number, port in enumerate(ports):
        file = config(folder / f"node{number}", server.sockets[0].getsockname()[1], port)
        text = file.read_text().replace("[receive.smtp]", "[receive.smtp]\nmax_sessions_per_ip = 50", 1)
        file.write_text(f'{text}\n[store]\nurl = "{store}"\n' if store else text)
        if first is not None:
            (file.parent / "var").mkdir(exist_ok=True)
            for name in ("secret", "desk"):
                if (first.parent / "var" / name).exists():
                    shutil.copy(first.parent / "var" / name, file.parent / "var" / name)
        daemons.append(await start_daemon(file, folder / f"log{number}"))
        first = first or file
    opened = Database(Config.load(first).desk_url)

    def count_rows(table, *where) -> int:
        with opened.read() as connection:
            return connection.scalar(select(func.count()).select_from(table).where(*where))

    try:
        await pour(ports, WARM_UP, 1_000_000)
        await until(lambda: count_rows(TICKET) >= WARM_UP, time.perf_counter())
        await until(lambda: not count_rows(OUTBOX, OUTBOX.c.state != "sent"), time.perf_counter())
        workers = [children(daemon.pid)[1] for daemon in daemons]
        fronts = [daemon.pid for daemon in daemons]
        used = cpu_seconds(fronts), cpu_seconds(workers)
        before, began = sink.letters, time.perf_counter()
        accepted = await pour(ports, count, 0)
        ticketed = await until(lambda: count_rows(TICKET) >= count + WARM_UP, began)
        sent = await until(lambda: not count_rows(OUTBOX, OUTBOX.c.state != "sent"), began)
        letters = sink.letters - before
        used = cpu_seconds(fronts) - used[0], cpu_seconds(workers) - used[1]
    finally:
        opened.close()
        for daemon in daemons:
            daemon.terminate()
        await asyncio.gather(*(daemon.wait() for daemon in daemons))
        server.close()
    return {
        "accepted_per_s": count / accepted,
        "ticketed_per_s": count / ticketed,
        "letters_per_s": letters / sent,
        "front_cpu_ms": 1000 * used[0] / count,
        "worker_cpu_ms": 1000 * used[1] / count,
    }


def on_server(server: Server, url: str) -> dict[str, float]:
    """What the server has stored, logged and committed; per mail, when two of these are compared."""
    name = url.rpartition("/")[2]
    ((size, commits),) = server.execute(
        f"SELECT pg_database_size(datname), xact_commit FROM pg_stat_database WHERE datname = '{name}'"
    )
    ((wal,),) = server.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
    # a backend that has ended is counted in its parent: what it cost is not lost
    pids = children(server.pid)
    cpu = 1000 * (cpu_seconds(pids) + ended_children_seconds(server.pid))
    return {
        "stored_bytes": float(size),
        "wal_bytes": float(wal),
        "transactions": float(commits),
        "server_cpu_ms": cpu,
    }


def ended_children_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


async def bare(count: int) -> float:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), loop=loop), "127.0.0.1", 0)
    seconds = await pour([server.sockets[0].getsockname()[1]], count, 0)
    server.close()
    return count / seconds


async def measure(arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    rows = {"bare aiosmtpd": {"accepted_per_s": await bare(arguments.mails)}}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rows["sqlite, 1 node"] = await desk(folder / "sqlite", "", 1, arguments.mails)
        server = stack.enter_context(Server(durable=True))
        for nodes in arguments.nodes:
            name = f"postgresql, {nodes} node{'s' if nodes > 1 else ''}"
            url = server.fresh()
            before = on_server(server, url)
            rows[name] = await desk(folder / f"pg{nodes}", url, nodes, arguments.mails)
            rows[name] |= {
                what: (after - before[what]) / (arguments.mails + WARM_UP)
                for what, after in on_server(server, url).items()
            }
    rows["bare aiosmtpd, again"] = {"accepted_per_s": await bare(arguments.mails)}
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1, 2, 3])
    rows = asyncio.run(measure(parser.parse_args()))
    columns = dict.fromkeys(column for row in rows.values() for column in row)
    print(f"{'':24}" + "".join(f"{column:>15}" for column in columns))
    for name, row in rows.items():
        print(f"{name:24}" + "".join(f"{row[c]:15.1f}" if c in row else " " * 15 for c in columns))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    RESULTS.mkdir(exist_ok=True)
    document = {"machine": machine, "benchmark": "nodes", "rows": rows}
    (RESULTS / "nodes.json").write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
