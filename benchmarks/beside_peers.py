"""Other helpdesks that install from Python packages, over the same mails and beside the same yardstick.

    python benchmarks/beside_peers.py [--mails 300] [--runs 1] [--only NAME ...]

Each script in peers/ names the versions it needs; they are installed by pip into an environment in a temporary folder,
which is gone afterwards. What cannot be installed is named and not measured (exit 1).

What is measured for each, in one process without network: the bytes of a mail until its ticket or entry is committed
on SQLite and its letters are rendered and kept. Of the same kind is `helpdesk, one process`: mails appended to the
spool 50 at a time, as from a mailbox, and `take_in`, which writes about four letters a mail where the peers write one
at most. `helpdesk, daemon` is `helpdesk serve` of throughput.py: by SMTP, letters handed to a sink. The yardstick of
each row is a bare aiosmtpd that discards the same mails, before and after it. All stores are in the temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from latency import config, free_port
from load import RECIPIENT, Mail, mails
from record import file_system, record
from rich.progress import Progress
from sqlalchemy import func, select
from throughput import bare, desk

from helpdesk.config import Config
from helpdesk.daemon import building, workplace
from helpdesk.flow.intake import take_in
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import Arrival, Road
from helpdesk.store import inbox
from helpdesk.store.schema import OUTBOX, TICKET

WARM_UP = 10
APPENDED_AT_ONCE = 50
PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Peer:
    script: str
    options: tuple[str, ...] = ()


KNOWN = {
    "roundup": Peer("roundup_gateway.py"),
    "roundup, senders known": Peer("roundup_gateway.py", ("--senders-known",)),
    "django-helpdesk": Peer("django_helpdesk_queue.py"),
}
OURS = ("helpdesk, one process", "helpdesk, daemon")


class NotInstalled(Exception):
    """pip could not install a peer; the message is its last word."""


def environment(folder: Path, script: str) -> Path:
    """Make the virtual environment that a script asks for (PEP 723); return its Python."""
    python = folder / "bin" / "python"
    if python.exists():
        return python
    run = subprocess.run(
        [sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True, check=False
    )
    if run.returncode == 0:
        command = [str(python), "-m", "pip", "install", "--quiet", *requirements(PEERS / script)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        python.unlink(missing_ok=True)
        raise NotInstalled((run.stderr or run.stdout).strip().rpartition("\n")[2])
    return python


def requirements(script: Path) -> list[str]:
    lines = script.read_text("utf-8").partition("# /// script\n")[2].partition("# ///\n")[0].splitlines()
    found: list[str] = tomllib.loads("\n".join(line.removeprefix("#").strip() for line in lines))[
        "dependencies"
    ]
    return found


def measure_peer(peer: Peer, python: Path, folder: Path, load: Sequence[Mail]) -> dict[str, float]:
    box, work = folder / "mails", folder / "work"
    for place in (box, work):
        place.mkdir(parents=True)
    for number, mail in enumerate([*mails(WARM_UP, prefix="w"), *load]):
        (box / f"{number:06}.eml").write_bytes(mail.raw)
    command = [str(python), str(PEERS / peer.script), str(box), str(work), str(WARM_UP), *peer.options]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(run.stdout.splitlines()[-1])
    if found["entries"] != len(load):
        raise SystemExit(f"{peer.script} made {found['entries']} entries of {len(load)} mails")
    return per_mail(len(load), found["seconds"], found["cpu_seconds"], found["tickets"], found["letters"])


def per_mail(count: int, seconds: float, cpu: float, tickets: int, letters: int) -> dict[str, float]:
    return {
        "mails_per_s": count / seconds,
        "tickets_per_s": tickets / seconds,
        "cpu_ms_per_mail": 1000 * cpu / count,
        "letters_per_mail": letters / count,
    }


def one_process(folder: Path, load: Sequence[Mail]) -> dict[str, float]:
    found = Config.load(config(folder, free_port(), free_port()))
    for database in building.databases(found):
        database.close()
    shop = workplace.workshop(found, lambda: datetime.now(UTC), "bench")
    try:
        _take(shop, list(mails(WARM_UP, prefix="w")))
        before = _counted(shop)
        began, cpu = time.perf_counter(), time.process_time()
        _take(shop, load)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        tickets, letters = (after - first for after, first in zip(_counted(shop), before, strict=True))
    finally:
        shop.desk.close()
        shop.spool.close()
    return per_mail(len(load), seconds, cpu, tickets, letters)


def _take(shop: Workshop, load: Sequence[Mail]) -> None:
    for start in range(0, len(load), APPENDED_AT_ONCE):
        some = load[start : start + APPENDED_AT_ONCE]
        now = datetime.now(UTC)
        with shop.spool.write() as spool:
            inbox.append(
                spool, [Arrival(mail.raw, Road.SMTP, now, mail.sender, (RECIPIENT,)) for mail in some]
            )
        while take_in(shop):
            pass


def _counted(shop: Workshop) -> tuple[int, int]:
    with shop.desk.read() as connection:
        tickets, letters = (
            connection.scalar(select(func.count()).select_from(table)) for table in (TICKET, OUTBOX)
        )
    return tickets or 0, letters or 0


def daemon(folder: Path, load: Sequence[Mail]) -> dict[str, float]:
    row = asyncio.run(desk(folder, "", 1, list(load)))
    return {
        "mails_per_s": row["ticketed_per_s"],
        "cpu_ms_per_mail": row["front_cpu_ms"] + row["worker_cpu_ms"],
        "letters_per_mail": row["letters_per_mail"],
    }


def beside_the_yardstick(ask: Callable[[], dict[str, float]], load: Sequence[Mail]) -> dict[str, float]:
    before = asyncio.run(bare(list(load)))
    row = ask()
    yard = (before + asyncio.run(bare(list(load)))) / 2
    return {**row, "bare_per_s": yard, "ratio": row["mails_per_s"] / yard}


def measure(
    arguments: argparse.Namespace, folder: Path, progress: Progress
) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Medians by name, and why what is missing was not measured."""
    names = arguments.only or [*KNOWN, *OURS]
    runs: dict[str, list[dict[str, float]]] = {}
    missing: dict[str, str] = {}
    task = progress.add_task("measuring", total=len(names) * arguments.runs)
    for run in range(arguments.runs):
        load = list(mails(arguments.mails, seed=run))
        for number, name in enumerate(names):
            progress.update(task, description=name)
            place = folder / f"{run}-{number}"
            try:
                ask = _measurement(name, folder, place, load)
            except NotInstalled as error:
                missing[name] = str(error)
            else:
                runs.setdefault(name, []).append(beside_the_yardstick(ask, load))
            progress.advance(task)
    rows = {
        name: {what: statistics.median(row[what] for row in found) for what in found[0]}
        for name, found in runs.items()
    }
    return rows, missing


def _measurement(
    name: str, folder: Path, place: Path, load: Sequence[Mail]
) -> Callable[[], dict[str, float]]:
    if name in KNOWN:
        peer = KNOWN[name]
        python = environment(folder / f"{Path(peer.script).stem}.venv", peer.script)
        return lambda: measure_peer(peer, python, place, load)
    return lambda: (one_process if name == OURS[0] else daemon)(place, load)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument(
        "--only", nargs="*", choices=[*KNOWN, *OURS], metavar="NAME", help=", ".join([*KNOWN, *OURS])
    )
    arguments = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(open(os.devnull, "w")))  # noqa: PTH123, SIM115
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        told = {
            "mails": arguments.mails,
            "file_system": file_system(Path(folder)),
            "machine_load_before": os.getloadavg()[0],
        }
        rows, missing = measure(arguments, Path(folder), progress)
    columns = dict.fromkeys(what for row in rows.values() for what in row)
    print(f"{'':24}" + "".join(f"{what:>18}" for what in columns))
    for name, row in rows.items():
        print(f"{name:24}" + "".join(f"{row[what]:18.2f}" if what in row else f"{'':18}" for what in columns))
    for name, why in missing.items():
        print(f"NOT MEASURED: {name} cannot be installed: {why}", file=sys.stderr)
    if not arguments.only:
        versions = {peer.script: requirements(PEERS / peer.script) for peer in KNOWN.values()}
        record("peers", {**told, "versions": versions, "rows": rows, "not_measured": missing})
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
