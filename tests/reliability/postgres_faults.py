"""What can happen to a PostgreSQL while a desk works on it, and what came of the mails meanwhile."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpdesk.testing.chaos.campaign import BEHIND, Town
from helpdesk.testing.chaos.evidence import Evidence
from helpdesk.testing.chaos.judge import Finding, doubled_letters, judge
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.postgres import Server

AT_ONCE = 10
RECOVERS_WITHIN = 10.0
ANNOUNCED = {
    "receive.failed",
    "order_failed",
    "mark_failed",
    "deadline_failed",
    "renewal_failed",
    "worker_died",
    "worker_hangs",
}
"""What the log may complain of while the server is away."""

Fault = Callable[[Server, str, random.Random], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`recovery`: seconds from the end of the trouble to the next 250. `connections`: of the node, then."""

    evidence: Evidence
    faults: int
    recovery: float
    lived: bool
    connections: int

    @property
    def findings(self) -> list[Finding]:
        return [finding for finding in judge(self.evidence) if not _announced(finding)]

    @property
    def attempts(self) -> list[int]:
        """Inbox rows that were charged with an attempt they did not use."""
        return [number for number, row in self.evidence.handled.items() if row["attempts"] > 1]

    def __str__(self) -> str:
        mails, letters = len(self.evidence.outside.posted), len(self.evidence.outbox)
        return (
            f"{self.faults} faults, {mails} mails, {letters} letters, "
            f"doubled letters {doubled_letters(self.evidence)}, recovery {self.recovery:.1f} s, "
            f"{self.connections} connections"
        )


def restart(server: Server, _url: str, _chance: random.Random) -> None:
    server.restart("immediate")


def terminate(server: Server, url: str, _chance: random.Random) -> None:
    server.terminate_backends(url)


def lock_for(seconds: float) -> Fault:
    """Another session locks the tables that every mail needs."""

    def lock(server: Server, url: str, _chance: random.Random) -> None:
        with server.superuser(url.rpartition("/")[2]) as other, other.transaction():
            other.execute("LOCK TABLE inbox, handled, outbox, mark IN ACCESS EXCLUSIVE MODE")
            time.sleep(seconds)

    return lock


def away_for(seconds: float) -> Fault:
    def away(server: Server, _url: str, _chance: random.Random) -> None:
        server.stop("immediate")
        time.sleep(seconds)
        server.start()

    return away


def frozen_for(seconds: float) -> Fault:
    def freeze(server: Server, _url: str, _chance: random.Random) -> None:
        server.freeze()
        time.sleep(seconds)
        server.thaw()

    return freeze


def in_turn(*faults: Fault) -> Fault:
    """At each time the next of them."""
    turns = itertools.cycle(faults)

    def take_turns(server: Server, url: str, chance: random.Random) -> None:
        next(turns)(server, url, chance)

    return take_turns


def live_through(
    folder: Path, fault: Fault, times: int, every: float, *, pause: float = 0.05, seed: int = 7
) -> Outcome:
    """A desk works, everybody writes to it, and the fault happens so many times.

    `pause` between two mails: in a long run so long that the desk can keep up, or it never comes to rest.
    """
    with Server() as server:
        url = server.fresh(upgraded=True)
        with Range(folder, seed, store=url) as around:
            around.target.start(within=60)
            around.files_before, pid = around.target.figures()["files"], around.target.pid
            chance = random.Random(seed + 3)

            def make_trouble() -> None:
                for _ in range(times):
                    time.sleep(every * (0.5 + chance.random()))
                    fault(server, url, chance)

            trouble = threading.Thread(target=make_trouble, name="trouble")
            trouble.start()
            town = Town(around)
            while trouble.is_alive():
                _write(around, town, pause)
            recovery = _recovery(around, town)
            lived = around.target.is_running and around.target.pid == pid
            connections = len(server.connections(url))
            return Outcome(around.settle(), times, recovery, lived, connections)


def _write(around: Range, town: Town, pause: float) -> None:
    if around.postman.outstanding < AT_ONCE and town.unanswered <= BEHIND:
        town.write()
    time.sleep(pause)


def _recovery(around: Range, town: Town) -> float:
    began = time.monotonic()
    town.write()
    while around.postman.outstanding and time.monotonic() - began < 2 * RECOVERS_WITHIN:
        time.sleep(0.02)
    return time.monotonic() - began


def _announced(finding: Finding) -> bool:
    return finding.invariant == "I10" and any(f" {action} " in f"{finding.text} " for action in ANNOUNCED)
