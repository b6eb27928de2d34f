"""The power fails at a system call: a script of six mails, killed at the n-th call of each kind (MAIL_RULES 5.1b).

strace counts per thread, so that a sweep goes thread by thread through the front and the desk worker: the
thread dies, and its process with it, in the moment in which it makes its n-th call of that kind. One desk
lives through all runs of a test; the sums are drawn at its end.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from faults_world import FaultyDesk, Upstream, a_store, config

from helpdesk.testing.strace import KILL, Strace

MAILS = 6
CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "sendto", "write", "unlink", "rename")
PARTS = ("worker", "loop", "receiver", "hand")
SAMPLE = {
    "worker": {"pwrite64": (1, 2, 9, 40, 150), "fdatasync": (1, 4, 10), "write": (2, 12, 30)},
    "loop": {"sendto": (3, 8, 25), "write": (5, 20)},
    "receiver": {"pwrite64": (1, 6, 13), "fdatasync": (1, 2)},
    "hand": {"pwrite64": (1, 7), "fdatasync": (2,)},
}


@dataclass
class Sweep:
    """One desk with its upstream; `runs`, and those of them in which the process died."""

    desk: FaultyDesk
    upstream: Upstream
    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    _numbers: Iterator[int] = field(default_factory=count)

    def kill_at(self, part: str, syscall: str, when: int) -> bool:
        """One run; return whether anybody died."""
        thread, front = self.desk.thread(part), self.desk.pid
        sending = threading.Thread(target=self._send, daemon=True)
        with Strace(thread, syscall, KILL, str(when)) as strace:
            sending.start()
            sending.join(60)
            self.desk.until(lambda: strace.is_over or self.desk.is_quiet(), "an end of the run", 60)
        assert not sending.is_alive()
        self._comes_to_rest(front, killed=strace.harmed > 0 and part != "worker")
        self.runs += 1
        self.kills[part] += strace.harmed
        return strace.harmed > 0

    def _send(self) -> None:
        run = next(self._numbers)
        self.desk.hand_in([f"Run {run} question {n}" for n in range(MAILS)], 60)

    def _comes_to_rest(self, front: int, *, killed: bool) -> None:
        """Without strace: who died comes back, and everything that was begun is finished."""
        if killed and front == self.desk.pid:
            self.desk.until(lambda: not self.desk.is_running, "the front's end")
        self.desk.comes_up()
        self.desk.hand_in([f"Run {next(self._numbers)} afterwards"])
        self.desk.drains()


@contextmanager
def a_sweep(folder: Path, store: str = "") -> Iterator[Sweep]:
    with Upstream() as upstream, FaultyDesk(folder, config(upstream.port, store=store)) as desk:
        desk.hand_in(["Before all"])
        desk.drains()
        yield Sweep(desk, upstream)


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[Sweep]:
    with a_sweep(tmp_path) as sweep:
        yield sweep


def assert_all_is_well(sweep: Sweep) -> None:
    copies = sweep.upstream.copies
    sums, in_dot = (
        sweep.desk.sums(copies),
        sum(line["recipients"] for line in sweep.desk.logged("letter_ambiguous")),
    )
    print(f"runs {sweep.runs}, kills {dict(sweep.kills)}, in the dot {in_dot}, {sums}")
    assert sums.bad == []
    assert sums.doubled_letters <= in_dot, "only a letter in its dot may come twice (P4)"
    assert max(copies.values()) <= 2
    assert sweep.desk.logged("part_ended") == []
    assert set(sweep.desk.replies) <= {0, 250, 421, 451}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("part", SAMPLE)
def test_a_kill_at_a_system_call_loses_nothing_and_doubles_nothing(sweep: Sweep, part: str) -> None:
    """A sample of the sweep: two dozen runs."""
    for syscall, moments in SAMPLE[part].items():
        for when in moments:
            sweep.kill_at(part, syscall, when)

    assert sweep.kills.total() >= sweep.runs * 0.7, (
        "else the sample has moved away from where the desk writes"
    )
    assert_all_is_well(sweep)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("syscall", CALLS)
@pytest.mark.parametrize("part", PARTS)
def test_every_system_call_of_the_sweep(sweep: Sweep, part: str, syscall: str) -> None:
    at_every_one(sweep, part, syscall)


@pytest.mark.chaos
@pytest.mark.postgres
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("syscall", ["sendto", "write"])
@pytest.mark.parametrize("part", ["worker", "loop"])
def test_every_system_call_of_the_sweep_on_a_server(tmp_path: Path, part: str, syscall: str) -> None:
    """What the worker asks of PostgreSQL, and says to the front; what the front says to senders and upstream."""
    with a_store("postgresql") as store, a_sweep(tmp_path, store) as sweep:
        at_every_one(sweep, part, syscall)


def at_every_one(sweep: Sweep, part: str, syscall: str) -> None:
    """n = 1, 2, 3 ... until a run ends untouched.

    HELPDESK_SWEEP_STEP=5 takes every fifth n, HELPDESK_SWEEP_FIRST=3 begins with the third: so several runs can
    share a sweep.
    """
    first, step = (int(os.environ.get(f"HELPDESK_SWEEP_{what}", "1")) for what in ("FIRST", "STEP"))
    for when in count(first, step):
        if not sweep.kill_at(part, syscall, when):
            break

    assert_all_is_well(sweep)
