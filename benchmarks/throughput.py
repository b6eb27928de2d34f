"""How much one desk takes on SQLite, on PostgreSQL, and on PostgreSQL with two and three nodes.

    python benchmarks/throughput.py [--mails 500] [--runs 3] [--nodes 1 2 3]

Real daemons (front and worker each) on one store receive the load of load.py by SMTP over several connections, as
fast as they take it, and send every letter to a sink on loopback. Told for each: mails accepted, mails made into
tickets or entries, and letters sent a second, from the first byte in; and each of them as a ratio to a bare
aiosmtpd that discards the same mails, which runs before every desk. Then the same with another load in steps: the
workers stand still until all mails are in, the sink takes nothing until all tickets are made (`ticketed alone`, from
a full spool), then all letters (`letters alone`, from a full queue). Medians of the runs. Everything shares this
machine's cores: the senders, the sink, PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiosmtplib
from aiosmtpd.smtp import SMTP
from latency import children, config, cpu_seconds, free_port, memory_mb, start_daemon
from load import RECIPIENT, Mail, mails
from record import record
from sqlalchemy import func, select

from helpdesk.config import Config
from helpdesk.store.schema import HANDLED, OUTBOX
from helpdesk.store.session import Database
from helpdesk.testing.postgres import Server

CONNECTIONS = 8
WARM_UP = 10
GOALS = {"accepted_ratio": 0.6} | {
    f"{what}{how}_ratio": goal
    for how in ("", "_alone")
    for what, goal in (("ticketed", 0.5), ("letters", 1.0))
}


class Sink:
    def __init__(self) -> None:
        self.letters = 0
        self.opened = asyncio.Event()
        self.opened.set()

    async def handle_MAIL(self, server, session, envelope, address, mail_options):  # noqa: ARG002, N802
        await self.opened.wait()
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: ARG002, N802 - aiosmtpd's hook
        self.letters += 1
        return "250 Ok"


async def pour(ports: list[int], load: Sequence[Mail]) -> float:
    """Send the load over all ports, as fast as it is taken; return the seconds."""
    waiting = iter(load)

    async def connection(port: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for sender, raw in waiting:
                await client.sendmail(sender, [RECIPIENT], raw)

    began = time.perf_counter()
    await asyncio.gather(*(connection(ports[n % len(ports)]) for n in range(CONNECTIONS)))
    return time.perf_counter() - began


async def until(true: Callable[[], bool], began: float) -> float:
    while not await asyncio.to_thread(true):
        await asyncio.sleep(0.02)
        if time.perf_counter() - began > 600:
            raise SystemExit("it takes too long")
    return time.perf_counter() - began


def with_aides(workers: Sequence[int]) -> list[int]:
    return [pid for worker in workers for pid in children(worker)]


@contextmanager
def stopped(pids: Sequence[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def desk(
    folder: Path, store: str, nodes: int, load: list[Mail], again: Sequence[Mail] = ()
) -> dict[str, float]:
    """`again`: a second load, of which nothing is sent before all of it is ticketed."""
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

    done = 0

    async def ticketed(number: int, began: float) -> float:
        nonlocal done
        done += number
        return await until(lambda: count_rows(HANDLED, HANDLED.c.state == "done") >= done, began)

    async def sent(began: float) -> float:
        return await until(lambda: not count_rows(OUTBOX, OUTBOX.c.state != "sent"), began)

    try:
        await pour(ports, list(mails(WARM_UP, prefix="w")))
        await ticketed(WARM_UP, time.perf_counter())
        await sent(time.perf_counter())
        workers = [children(daemon.pid)[1] for daemon in daemons]
        fronts = [daemon.pid for daemon in daemons]
        used = cpu_seconds(fronts), cpu_seconds(with_aides(workers))
        before, began = sink.letters, time.perf_counter()
        accepted = await pour(ports, load)
        all_ticketed, all_sent = await ticketed(len(load), began), await sent(began)
        letters = sink.letters - before
        memory = memory_mb([*fronts, *with_aides(workers)])
        used = cpu_seconds(fronts) - used[0], cpu_seconds(with_aides(workers)) - used[1]
        alone = {}
        if again:
            sink.opened.clear()
            with stopped(workers):
                await pour(ports, again)
            before, began = sink.letters, time.perf_counter()
            alone["ticketed_alone_per_s"] = len(again) / await ticketed(len(again), began)
            began = time.perf_counter()
            sink.opened.set()
            seconds = await sent(began)
            alone["letters_alone_per_s"] = (sink.letters - before) / seconds
    finally:
        opened.close()
        for daemon in daemons:
            daemon.terminate()
        await asyncio.gather(*(daemon.wait() for daemon in daemons))
        server.close()
    return {
        "accepted_per_s": len(load) / accepted,
        "ticketed_per_s": len(load) / all_ticketed,
        "letters_per_s": letters / all_sent,
        **alone,
        "letters_per_mail": letters / len(load),
        "front_cpu_ms": 1000 * used[0] / len(load),
        "worker_cpu_ms": 1000 * used[1] / len(load),
        "memory_mb": memory,
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


async def bare(load: list[Mail]) -> float:
    """Mails a second."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), loop=loop), "127.0.0.1", 0)
    seconds = await pour([server.sockets[0].getsockname()[1]], load)
    server.close()
    return len(load) / seconds


async def beside_the_yardstick(
    folder: Path, store: str, nodes: int, load: list[Mail], again: list[Mail]
) -> dict[str, float]:
    yard = await bare(load)
    row = await desk(folder, store, nodes, load, again)
    rates = ("accepted", "ticketed", "letters", "ticketed_alone", "letters_alone")
    ratios = {f"{what}_ratio": row[f"{what}_per_s"] / yard for what in rates}
    return {"bare_per_s": yard, **ratios, **row}


async def measure(arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    rows: dict[str, list[dict[str, float]]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(Server(durable=True)) if arguments.nodes else None
        for run in range(arguments.runs):
            load = list(mails(arguments.mails, seed=run))
            again = list(mails(arguments.mails, seed=run, prefix="q"))
            rows.setdefault("sqlite, 1 node", []).append(
                await beside_the_yardstick(folder / f"sqlite{run}", "", 1, load, again)
            )
            for nodes in arguments.nodes:
                name = f"postgresql, {nodes} node{'s' if nodes > 1 else ''}"
                url = server.fresh()
                before = on_server(server, url)
                row = await beside_the_yardstick(folder / f"pg{nodes}-{run}", url, nodes, load, again)
                row |= {
                    what: (after - before[what]) / (2 * arguments.mails + WARM_UP)
                    for what, after in on_server(server, url).items()
                }
                rows.setdefault(name, []).append(row)
    return {
        name: {what: statistics.median(run[what] for run in runs) for what in runs[0]}
        for name, runs in rows.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1, 2, 3])
    rows = asyncio.run(measure(parser.parse_args()))
    names = dict.fromkeys(name for row in rows.values() for name in row)
    print(f"{'':18}" + "".join(f"{name:>22}" for name in rows) + f"{'goal':>8}")
    for name in names:
        cells = "".join(f"{row[name]:22.2f}" if name in row else " " * 22 for row in rows.values())
        print(f"{name:18}{cells}{GOALS.get(name, ''):>8}")
    record("throughput", {"goals": GOALS, "rows": rows})


if __name__ == "__main__":
    main()
