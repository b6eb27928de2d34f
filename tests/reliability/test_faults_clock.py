"""The clock of the machine is set while the desk runs, and the desk stands still for an hour (MAIL_RULES 5.5).

Real processes under helpdesk.testing.clockshim: each reminder exactly once, soon after the step, and no busy loop.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from faults_world import STORES, FaultyDesk, Upstream, a_store, config

from helpdesk.testing.clockshim import ClockShim, cpu_seconds

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
SOON = 60.0
WATCHED_SECONDS = 3.0
BUSY = 0.25
"""Of a core. A desk that looks again and again takes all of one."""


@pytest.fixture
def shim(tmp_path: Path) -> ClockShim:
    return ClockShim(tmp_path / "shim")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(params=STORES)
def desk(
    tmp_path: Path, upstream: Upstream, shim: ClockShim, request: pytest.FixtureRequest
) -> Iterator[FaultyDesk]:
    """24 hours for the first answer, reminders at 12 h and at 21 h 36 min."""
    with a_store(request.param) as store:
        text = config(upstream.port, store=store)
        with FaultyDesk(tmp_path / "desk", text, environ=shim.environ) as desk:
            yield desk


def lines(desk: FaultyDesk, event: str, ticket: int = 1) -> int:
    sql = f"SELECT count(*) FROM journal WHERE event = '{event}' AND ticket = {ticket}"
    return int(desk.rows(sql)[0][0])


def jumps(desk: FaultyDesk) -> int:
    return len(desk.log("clock_jumped"))


def step(desk: FaultyDesk, shim: ClockShim, by: timedelta) -> None:
    """Somebody sets the clock; the desk notices."""
    before = jumps(desk)
    shim.step(by)
    desk.until(lambda: jumps(desk) > before, f"a look at the clock after {by}", SOON)


def rests(desk: FaultyDesk) -> bool:
    """Does it use next to nothing while nothing happens?"""
    pids = (desk.pid, desk.worker_pid)
    used, began = sum(cpu_seconds(pid) for pid in pids), time.monotonic()
    desk.until(lambda: time.monotonic() - began > WATCHED_SECONDS, "a while")
    return sum(cpu_seconds(pid) for pid in pids) - used < BUSY * WATCHED_SECONDS


def test_a_clock_that_is_set_while_the_desk_runs_neither_doubles_nor_skips_anything(
    desk: FaultyDesk, upstream: Upstream, shim: ClockShim
) -> None:
    """-2 h, +1 day, +1 year, and back."""
    desk.hand_in(["Question 1"])
    desk.drains()

    step(desk, shim, 13 * HOUR)
    desk.until(lambda: lines(desk, "reminded") == 1, "the first reminder", SOON)
    step(desk, shim, -2 * HOUR)
    step(desk, shim, 11 * HOUR)
    desk.until(lambda: lines(desk, "reminded") == 2, "the second reminder", SOON)
    assert lines(desk, "breached") == 0

    step(desk, shim, DAY)
    desk.until(lambda: lines(desk, "breached") == 1, "the breach", SOON)
    step(desk, shim, -DAY)
    desk.drains()
    assert (lines(desk, "reminded"), lines(desk, "breached")) == (2, 1)

    step(desk, shim, YEAR)
    desk.until(lambda: lines(desk, "breached") >= 2, "the next breach", SOON)
    desk.hand_in(["Question 2"])
    desk.drains()
    assert rests(desk)
    step(desk, shim, -YEAR)
    desk.hand_in(["Question 3"])
    desk.drains()
    before = lines(desk, "reminded", 3)
    step(desk, shim, 13 * HOUR)
    desk.until(lambda: lines(desk, "reminded", 3) == 1, "the reminder of the newest ticket", SOON)

    assert before == 0
    assert lines(desk, "reminded", 2) == 0, "asked in a year that has not come yet"
    assert rests(desk)
    sums = desk.sums(upstream.copies)
    assert (sums.lost, sums.doubled_tickets, sums.wrong, sums.doubled_letters) == ([], [], [], 0)
    assert (desk.starts, desk.log("part_ended")) == (1, [])


def test_an_answer_to_a_letter_of_a_year_that_was_taken_back_is_still_believed(
    desk: FaultyDesk, upstream: Upstream, shim: ClockShim
) -> None:
    """Tokens: the signed address in that letter has a date that lies ahead."""
    step(desk, shim, YEAR)
    desk.hand_in(["Question 1"])
    desk.drains()
    letters = [kept for kept in upstream.kept if kept.recipients[0].endswith("@staff.example")]
    assignment = next(kept for kept in letters if kept.mail["X-Helpdesk-Letter"] == "assignment")
    step(desk, shim, -YEAR)
    desk.answer(assignment.recipients[0], assignment.mail, "It is on its way.")
    desk.until(lambda: lines(desk, "answered"), "the answer", SOON)


def test_a_desk_that_stood_still_for_an_hour_says_everything_once(
    desk: FaultyDesk, upstream: Upstream, shim: ClockShim
) -> None:
    """SIGSTOP, an hour on both clocks, SIGCONT: nobody took the other for dead."""
    desk.hand_in(["Question 1"])
    desk.drains()
    shim.passes(timedelta(hours=11, minutes=30))
    pids = (desk.pid, desk.worker_pid)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    shim.passes(HOUR)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    began = time.monotonic()
    desk.until(lambda: lines(desk, "reminded") == 1, "the reminder", SOON)
    took = time.monotonic() - began
    desk.hand_in(["Question 2"])
    desk.drains()

    assert took < SOON
    assert lines(desk, "reminded") == 1
    assert (desk.pid, desk.worker_pid) == pids
    assert desk.log("worker_hangs") == []
    assert rests(desk)
    sums = desk.sums(upstream.copies)
    assert (sums.lost, sums.doubled_tickets, sums.wrong, sums.doubled_letters) == ([], [], [], 0)
