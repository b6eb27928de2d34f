"""What a desk costs when it has grown: a store of a million tickets beside one of two hundred, in the same run.

    python benchmarks/growth.py FOLDER [--tickets 1000000] [--deadlines 200000] [--postgresql] [--mails 400]

The big store is made in FOLDER/store if it is not there (growth_store.py; 5.5 GB for a million tickets) and is used
again by the next run; with --postgresql it is made anew on a server of its own, in FOLDER. Measured in this process,
with the desk's own functions: intake (mails in the spool until they are ticketed, a fifth of them replies; the two
stores take turns), a sweep that finds nothing due, a thousand deadlines that are due, searches, one ticket. Whole
commands and the start of the daemon are processes.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from growth_store import DESK_ADDRESS, ENTRIES, OPERATORS, Words, fill
from latency import children, cpu_seconds, free_port
from record import record
from rich.progress import Progress
from sqlalchemy import delete, select, update

from helpdesk.config import Config
from helpdesk.daemon import building, logs, workplace
from helpdesk.daemon.aide_line import Aide, has_second_core
from helpdesk.decide.seen import Seen
from helpdesk.flow.alarms import look
from helpdesk.flow.intake import take_in
from helpdesk.flow.ring import ring
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import Arrival, Road
from helpdesk.store import deadlines, inbox, people, tickets, views
from helpdesk.store.schema import DEADLINE, GREETING
from helpdesk.testing.postgres import Server

SMALL = 200
SEED = 1
ROUNDS = 10
DUE = 1000
FOUND = 100  # what `tickets --search` shows
GOALS = {
    "intake_ratio": 0.9,
    "sweep_p95_ms": 5,
    "due_1000_s": 2,
    "search_p95_ms": 100,
    "ticket_p95_ms": 20,
    "serve_ready_s": 2,
}


@dataclass
class House:
    """A desk with its configuration, and how many tickets its store was made with."""

    config: Config
    shop: Workshop
    tickets: int

    def close(self) -> None:
        self.shop.desk.close()
        self.shop.spool.close()


class Took(NamedTuple):
    """Milliseconds by the clock and of this process's CPU."""

    wall: float
    cpu: float


@contextmanager
def house(folder: Path, url: str, count: int) -> Iterator[House]:
    config = Config.load(configured(folder, url))
    for database in building.databases(config):
        database.close()
    shop = workplace.workshop(config, lambda: datetime.now(UTC), "bench")
    aide = Aide(config.limits.worker_cpu.total_seconds(), config.limits.worker_memory)
    if has_second_core():  # as the worker does
        shop.aside = aide
    opened = House(config, shop, count)
    yield opened
    aide.end()
    opened.close()


def configured(folder: Path, url: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.toml"
    if not file.exists():
        subprocess.run(
            [sys.executable, "-m", "helpdesk", "init", str(folder)], check=True, capture_output=True
        )
        text = file.read_text().partition("[[operators]]")[0].replace("#list =", "list =")
        text = text.replace("port = 8025", f"port = {free_port()}").replace(
            "port = 8080", f"port = {free_port()}"
        )
        people = "\n".join(
            f'[[operators]]\nname = "Operator {number}"\naddress = "{address}"'
            for number, address in enumerate(OPERATORS)
        )
        limits = "[limits]\ngreetings_per_domain = 10000\ngreetings = 100000\ngreetings_per_address = 10000\n"
        pic = '[[pic]]\nname = "Dora"\naddress = "dora@staff.example"\n'
        file.write_text(f'{text}\n{people}\n{pic}\n{limits}\n[store]\nurl = "{url}"\n')
    return file


def intake(houses: list[House], mails: int) -> dict[str, float]:
    """Mails ticketed a second; the stores take turns, so that what else the machine does meets both."""
    took_each: list[list[Took]] = [[] for _ in houses]
    count = mails // ROUNDS
    for one in houses:
        forget_last_hour(one)
    for turn in range(ROUNDS):
        for place, one in enumerate(houses):
            put_mails(one, count, turn)
            took_each[place].append(took(lambda one=one: all_of(take_in, one.shop)))
    small, big = ([Took(one.wall / count, one.cpu / count) for one in each[1:]] for each in took_each)
    wall = [one.wall / other.wall for one, other in zip(small, big, strict=True)]
    cpu = [one.cpu / other.cpu for one, other in zip(small, big, strict=True)]
    return {
        "intake_small_ms": statistics.median(one.wall for one in small),
        "intake_ms": statistics.median(one.wall for one in big),
        "intake_small_cpu_ms": statistics.median(one.cpu for one in small),
        "intake_cpu_ms": statistics.median(one.cpu for one in big),
        "intake_ratio": statistics.median(wall),
        "intake_cpu_ratio": statistics.median(cpu),
    }


def forget_last_hour(one: House) -> None:
    """Letters of earlier runs count for the caps of each mail: a store that is used again would have more of them."""
    with one.shop.desk.write() as desk:
        desk.execute(delete(GREETING).where(GREETING.c.at > datetime.now(UTC) - timedelta(hours=2)))


def all_of(work: Callable[[Workshop], int], shop: Workshop) -> int:
    """Until nothing is left; return how much that was."""
    done = 0
    while more := work(shop):
        done += more
    return done


def put_mails(one: House, count: int, turn: int) -> None:
    dice = random.Random(turn)
    arrivals = [_arrival(one, dice, turn * count + place) for place in range(count)]
    with one.shop.spool.write() as spool:
        inbox.append(spool, arrivals)


def _arrival(one: House, dice: random.Random, serial: int) -> Arrival:
    number = dice.randrange(1, one.tickets + 1)
    sender, reply = f"anne{serial}.{os.getpid()}@customer{serial % 50}.example", ""
    if serial % 5 == 0:
        sender = f"anne{number % 300_000}@customer{number % 5000}.example"
        reply = f"In-Reply-To: <{(number - 1) * ENTRIES + 1}.{number}@mail.example>\r\n"
    text = "\r\n".join(f"Line {n} of a question about order {serial} and {dice.random()}." for n in range(20))
    head = f"From: Anne <{sender}>\r\nTo: {DESK_ADDRESS}\r\nSubject: Order {serial}\r\n{reply}"
    ids = f"Message-ID: <{serial}.{time.time_ns()}@customer.example>\r\nDate: {_date()}\r\n"
    raw = f"{head}{ids}\r\n{text}\r\n".encode()
    return Arrival(raw, Road.SMTP, datetime.now(UTC), sender, (DESK_ADDRESS,))


def _date() -> str:
    return f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} +0000"


def sweep(one: House) -> dict[str, float]:
    return told("sweep", timed(lambda: ring(one.shop), 100))


def due(one: House) -> dict[str, float]:
    """A thousand deadlines of all kinds are made due, then carried out; what an aide computes is not in the CPU."""
    with one.shop.desk.write() as desk:
        waiting = desk.scalars(select(DEADLINE.c.id)).all()
        ids = random.Random(SEED).sample(waiting, min(DUE, len(waiting)))
        past = datetime.now(UTC) - timedelta(minutes=1)
        for deadline in ids:
            desk.execute(update(DEADLINE).where(DEADLINE.c.id == deadline).values(due_at=past))
    cost = took(lambda: all_of(ring, one.shop))
    share = DUE / max(len(ids), 1) / 1000
    return {"due_1000_s": cost.wall * share, "due_1000_cpu_s": cost.cpu * share}


def due_again(one: House) -> dict[str, float]:
    """The few of a small store, when the words of their letters have been compiled."""
    due(one)
    return due(one)


def searches(one: House) -> dict[str, float]:
    """What `tickets --search` asks of the store: the tickets with all that is shown of them."""
    figures: dict[str, float] = {}
    everything: list[Took] = []
    for kind, asked in _questions().items():
        times = [took(lambda words=words: _search(one, words)) for words in asked]
        figures |= told(f"search_{kind}", times)
        everything += times
    return {**told("search", everything), **figures}


def _questions() -> dict[str, list[str]]:
    """Forty of each kind. The vocabulary is ordered: the first words are said most."""
    known, dice = Words(SEED).all, random.Random(SEED)
    return {
        "common": known[:40],
        "middle": dice.sample(known[100:3000], 40),
        "rare": [f"ref{number}" for number in dice.sample(range(1, 1000), 20)]
        + dice.sample(known[30_000:], 20),
        "two_words": [f"{dice.choice(known[:50])} {dice.choice(known[50:5000])}" for _ in range(40)],
        "beginning": [f"{word[:6]}" for word in dice.sample([w for w in known[500:] if len(w) == 8], 20)]
        + [word[:4] + word[4] for word in dice.sample([w for w in known[500:] if len(w) == 8], 20)],
        "nothing": [f"zzz{number}" for number in range(40)],
    }


def _search(one: House, words: str) -> None:
    with one.shop.desk.read() as desk:
        views.tickets_json(desk, tickets.search(desk, words=words, limit=FOUND), {})


def single(one: House) -> dict[str, float]:
    dice = random.Random(SEED)

    def show() -> None:
        with one.shop.desk.read() as desk:
            views.ticket_json(desk, dice.randrange(1, one.tickets), {})

    return told("ticket", timed(show, 200))


def looks(one: House) -> dict[str, float]:
    """What the daemon and its watchers ask for all day."""
    seen = Seen(counts=False)

    def with_desk(ask: Callable) -> Callable[[], object]:
        def run() -> object:
            with one.shop.desk.read() as desk, one.shop.spool.read() as spool:
                return ask(desk, spool)

        return run

    now, rules = datetime.now(UTC), one.shop.policy
    asked = {
        "list_of_1000": with_desk(lambda desk, _: views.tickets_json(desk, tickets.search(desk), {})),
        "list_of_open": with_desk(
            lambda desk, _: views.tickets_json(desk, tickets.search(desk, status="open"), {})
        ),
        "rota": with_desk(lambda desk, _: people.rota(desk, rules.operators, now, rules.cards)),
        "metrics": with_desk(lambda desk, spool: views.figures(desk, spool, now)),
        "next_due": with_desk(lambda desk, _: deadlines.next_due_at(desk)),
        "next_number": with_desk(lambda desk, _: tickets.next_number(desk)),
        "inbox": with_desk(views.inbox_json),
        "outbox": with_desk(lambda desk, _: views.outbox_json(desk)),
        "alarms": lambda: look(one.shop, seen),
        "alarms_with_counts": lambda: look(one.shop, Seen()),
    }
    figures: dict[str, float] = {}
    for name, ask in asked.items():
        figures |= told(name, timed(ask, 5))
    return {name: value for name, value in figures.items() if "_p95_ms" not in name}


def commands(one: House) -> dict[str, float]:
    """Whole processes, from their start to their end; `--version` is what Python and the imports cost."""
    asked = {
        "version": ["--version"],
        "ticket": ["ticket", str(one.tickets // 2)],
        "search": ["tickets", "--search", Words(SEED).all[2000]],
    }
    return {
        f"command_{name}_s": statistics.median(_run(one, words) for _ in range(3))
        for name, words in asked.items()
    }


def _run(one: House, words: list[str]) -> float:
    began = time.perf_counter()
    environment = {**os.environ, "HELPDESK_CONFIG": str(one.config.file)}
    subprocess.run(
        [sys.executable, "-m", "helpdesk", *words], check=True, capture_output=True, env=environment
    )
    return time.perf_counter() - began


def start_up(one: House) -> dict[str, float]:
    """`helpdesk serve` until it says that it is ready: seconds, and what front and worker computed until then."""
    walls, cpus = zip(*(_start(one) for _ in range(3)), strict=True)
    return {"serve_ready_s": statistics.median(walls), "serve_ready_cpu_s": statistics.median(cpus)}


def _start(one: House) -> tuple[float, float]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "helpdesk", "serve", "--config", str(one.config.file)]
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stderr=said) as daemon:
        try:
            while b"ready\n" not in os.pread(said.fileno(), 10_000_000, 0):
                if daemon.poll() is not None or time.perf_counter() - began > 120:
                    raise SystemExit(os.pread(said.fileno(), 10_000, 0).decode())
                time.sleep(0.01)
            return time.perf_counter() - began, cpu_seconds(children(daemon.pid))
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()


def timed(ask: Callable[[], object], times: int) -> list[Took]:
    return [took(ask) for _ in range(times)]


def took(ask: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    ask()
    return Took(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu))


def told(name: str, times: list[Took]) -> dict[str, float]:
    """Half and 95 of a hundred took no longer; and what this process computed for it, whatever else ran beside."""
    walls, cpus = (sorted(one) for one in zip(*times, strict=True))
    place = min(len(walls) - 1, int(len(walls) * 0.95))
    return {
        f"{name}_p50_ms": walls[len(walls) // 2],
        f"{name}_p95_ms": walls[place],
        f"{name}_p95_cpu_ms": cpus[place],
    }


def measure(arguments: argparse.Namespace, stack: ExitStack, progress: Progress) -> dict[str, float]:
    folder: Path = arguments.folder
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
    small_url, big_url = _stores(arguments, scratch, stack)
    _fill(small_url, SMALL, SMALL // 5, progress)
    _fill(big_url, arguments.tickets, arguments.deadlines, progress)
    small = stack.enter_context(house(scratch / "small", small_url, SMALL))
    big = stack.enter_context(
        house(scratch / "big" if arguments.postgresql else folder / "desk", big_url, arguments.tickets)
    )
    parts = {
        "start": lambda: {
            **{f"{name}_small": value for name, value in start_up(small).items()},
            **start_up(big),
        },
        "ticket": lambda: single(big),
        "search": lambda: searches(big),
        "commands": lambda: commands(big),
        "sweep": lambda: sweep(big),
        "intake": lambda: intake([small, big], arguments.mails),
        "due": lambda: {**{f"{k}_small": v for k, v in due_again(small).items()}, **due(big)},
        "looks": lambda: looks(big),
    }
    chosen = arguments.only or list(parts)
    task = progress.add_task("measuring", total=len(chosen))
    figures: dict[str, float] = {}
    for name in chosen:
        figures |= parts[name]()
        progress.advance(task)
    return figures


def _stores(arguments: argparse.Namespace, scratch: Path, stack: ExitStack) -> tuple[str, str]:
    if arguments.postgresql:
        server = stack.enter_context(Server())
        return server.fresh(), server.fresh()
    for place in (scratch / "store", arguments.folder / "store"):
        place.mkdir(exist_ok=True)
    return (
        f"sqlite:///{scratch / 'store' / 'helpdesk.db'}",
        f"sqlite:///{arguments.folder / 'store' / 'helpdesk.db'}",
    )


def _fill(url: str, count: int, waiting: int, progress: Progress) -> None:
    shop = building.database(url)
    if not (shop.path and shop.path.exists()):
        fill(url, count, waiting, SEED, datetime.now(UTC), progress)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--deadlines", type=int, default=200_000)
    parser.add_argument("--mails", type=int, default=400)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument(
        "--only",
        nargs="*",
        help="nothing is written then: start ticket search commands sweep intake due looks",
    )
    arguments = parser.parse_args()
    logs.configure(json=True)  # what the daemon's lines cost, but for the writing
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(open(os.devnull, "w")))  # noqa: PTH123, SIM115
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack, Progress() as progress:
        figures = measure(arguments, stack, progress)
    for name, value in figures.items():
        goal = f"   goal {GOALS[name]}" if name in GOALS else ""
        print(f"{name:28} {value:12.2f}{goal}")
    kind = "postgresql" if arguments.postgresql else "sqlite"
    if not arguments.only:
        found = {"store": kind, "tickets": arguments.tickets, **figures}
        record("growth", found, f"growth-{kind}-{arguments.tickets}")


if __name__ == "__main__":
    main()
