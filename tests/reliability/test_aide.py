"""The desk worker's aide: whatever becomes of it, every result is had, and nothing of it is left behind (F4, P6)."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import aide_work
import pytest

from helpdesk.daemon import aide_line
from helpdesk.daemon.aide_line import STARTED_FOR, Aide
from helpdesk.daemon.cpu import crowded_seconds
from helpdesk.daemon.parcel import pack, unpack
from helpdesk.model.people import Address
from helpdesk.parse.message import read
from helpdesk.testing.aide import PatientAide
from helpdesk.testing.patience import until

GIGABYTE = 1024**3
ME = os.getpid()
Hire = Callable[..., Aide]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(aide_work.__file__).parent))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """These workers do nothing but wait for their aide."""
    monkeypatch.setattr(aide_line, "CROWDED_SHARE", 2.0)


@pytest.fixture
def hire() -> Iterator[Hire]:
    with ExitStack() as stack:

        def hired(cpu_seconds: float = 60, space: int = GIGABYTE, kind: type[Aide] = PatientAide) -> Aide:
            one = kind(cpu_seconds, space, 30)
            stack.callback(one.end)
            return one

        yield hired


@pytest.fixture
def aide(hire: Hire) -> Aide:
    return hire()


def is_there(aide: Aide) -> bool:
    """It answers, with the number of its process."""
    with aide.helping(STARTED_FOR):
        return aide.begin(aide_work.where, ME)()[0] == aide.pid


def comes_true(condition: Callable[[], bool]) -> None:
    asyncio.run(until(condition, "it did not come true"))


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_results_come_in_whatever_order_they_are_asked_for(aide: Aide) -> None:
    comes_true(lambda: is_there(aide))

    with aide.helping(STARTED_FOR):
        begun = [aide.begin(divmod, number, 7) for number in range(100)]
        big = aide.begin(bytes.upper, b"x" * 3_000_000)
        results = [one() for one in reversed(begun)]

    assert results == [divmod(number, 7) for number in reversed(range(100))]
    assert big() == b"X" * 3_000_000
    assert big() == b"X" * 3_000_000  # as often as one likes


def test_nobody_waits_for_one_that_begins_or_is_started_for_a_few_mails(aide: Aide) -> None:
    with aide.helping(STARTED_FOR - 1):
        assert aide.begin(aide_work.where, ME)() == (ME, True)
    assert aide.pid is None

    with aide.helping(STARTED_FOR):
        assert aide.begin(aide_work.where, ME)() == (ME, True)
    assert aide.pid is not None


def test_outside_of_a_batch_nothing_is_done_elsewhere(aide: Aide) -> None:
    comes_true(lambda: is_there(aide))

    assert aide.begin(aide_work.where, ME)() == (ME, True)


@pytest.mark.parametrize("work", [aide_work.dies_elsewhere, aide_work.burns_elsewhere])
def test_what_it_dies_of_is_done_by_the_worker(hire: Hire, work: Callable[[int], str]) -> None:
    aide = hire(cpu_seconds=0)
    comes_true(lambda: is_there(aide))
    pid = aide.pid
    assert pid

    with aide.helping(STARTED_FOR):
        begun = [aide.begin(divmod, 8, 7), aide.begin(work, ME), aide.begin(aide_work.where, ME)]
        results = [one() for one in begun]
        after = aide.begin(aide_work.where, ME)()

    assert results == [(1, 1), "done", (ME, True)]
    assert after == (ME, True)
    assert is_gone(pid)
    assert not is_there(aide)  # not before a pause


def test_another_one_comes_after_a_pause(aide: Aide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aide_line, "LOST_SECONDS", 0.0)
    comes_true(lambda: is_there(aide))
    with aide.helping(STARTED_FOR):
        assert aide.begin(aide_work.dies_elsewhere, ME)() == "done"

    comes_true(lambda: is_there(aide))


def test_what_fails_there_is_tried_here_and_tells_why(aide: Aide) -> None:
    comes_true(lambda: is_there(aide))

    with aide.helping(STARTED_FOR):
        assert aide.begin(aide_work.fails_elsewhere, ME)() == "done"
        with pytest.raises(ZeroDivisionError):
            aide.begin(divmod, 1, 0)()

    assert is_there(aide)


@pytest.fixture
def impatient(hire: Hire) -> Aide:
    """The aide as it is, up and at work."""
    aide = hire(kind=Aide)

    def is_ready() -> bool:
        with aide.helping(STARTED_FOR):
            aide.begin(divmod, 8, 7)()
            return aide.is_at_hand

    comes_true(is_ready)
    return aide


def test_nobody_waits_for_what_is_not_done(impatient: Aide) -> None:
    """It hangs over a call: that one and all behind it are done here, and it is not lost for that."""
    with impatient.helping(STARTED_FOR):
        begun = [impatient.begin(aide_work.hangs_elsewhere, ME), impatient.begin(aide_work.where, ME)]
        assert [one() for one in begun] == ["done", (ME, True)]

    assert impatient.pid is not None


def test_what_was_done_here_is_not_done_there(impatient: Aide, tmp_path: Path) -> None:
    """And one that takes nothing holds nobody up: here it is stopped, elsewhere others have all cores."""
    assert impatient.pid
    os.kill(impatient.pid, signal.SIGSTOP)
    with impatient.helping(STARTED_FOR):
        begun = [impatient.begin(aide_work.signs, str(tmp_path / f"{n}"), b"x" * 30_000) for n in range(60)]
        for one in begun[:30]:
            assert one() == ME
    os.kill(impatient.pid, signal.SIGCONT)

    def has_answered() -> bool:
        impatient.listen()
        return not impatient._in_hand

    comes_true(has_answered)
    signed = [(tmp_path / f"{n}").read_text() for n in range(30)]
    assert signed == [f"{ME}\n"] * 30
    assert begun[30]() == int((tmp_path / "30").read_text()) == impatient.pid


def test_what_is_too_big_for_the_line_is_done_here(aide: Aide) -> None:
    """Neither would listen while it hands something over, if it could fill the line."""
    comes_true(lambda: is_there(aide))

    with aide.helping(STARTED_FOR):
        begun = [aide.begin(bytes.upper, b"x" * size) for size in (10, aide_line.ROOM * 3, 20)]
        also = [aide.begin(bytes, 300_000) for _ in range(30)]  # its answers fill the line
        results = [one() for one in begun]

    assert [len(one) for one in results] == [10, aide_line.ROOM * 3, 20]
    assert [len(one()) for one in also] == [300_000] * 30
    assert aide.pid is not None


def test_it_is_offered_what_may_wait_and_says_whether_it_takes_it_on(impatient: Aide) -> None:
    """What it has no room for is offered again when it has little to do."""
    assert impatient.pid
    assert impatient.offer(aide_work.where, ME) is None, "outside of a batch"
    assert not impatient.is_idle
    os.kill(impatient.pid, signal.SIGSTOP)
    with impatient.helping(STARTED_FOR):
        assert impatient.is_idle
        taken = [impatient.offer(bytes.upper, b"x" * 100_000) for _ in range(30)]
        assert not impatient.is_idle
    os.kill(impatient.pid, signal.SIGCONT)

    assert taken[0] is not None
    assert taken[-1] is None
    assert taken[0]() == b"X" * 100_000


def test_results_that_nobody_wants_any_more_are_not_kept(aide: Aide) -> None:
    """A batch that was undone has asked for some."""
    comes_true(lambda: is_there(aide))
    with aide.helping(STARTED_FOR):
        for _ in range(50):
            aide.begin(bytes.upper, b"x" * 100_000)
        gc.collect()
        assert not aide._tasks
        assert aide.begin(divmod, 8, 7)() == (1, 1)


def test_where_others_have_the_cores_the_worker_works_alone(
    aide: Aide, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An aide would take from them, or from the worker."""
    comes_true(lambda: is_there(aide))
    monkeypatch.setattr(aide_line, "CROWD_LASTS", 1_000_000)
    monkeypatch.setattr(aide_line, "CROWDED_SHARE", -1.0)  # of this batch, and of no other
    with aide.helping(STARTED_FOR):
        assert aide.begin(aide_work.where, ME)()[0] == aide.pid
    monkeypatch.setattr(aide_line, "CROWDED_SHARE", 2.0)

    with aide.helping(STARTED_FOR):
        assert aide.begin(aide_work.where, ME)() == (ME, True)

    assert is_there(aide)  # as soon as one has found a core for everybody


def test_a_crowd_is_known_by_those_who_find_no_core() -> None:
    """Three that want one core: there is always one of them who waits. Some kernels tell nothing of crowds."""
    if not Path("/proc/pressure/cpu").exists():
        assert crowded_seconds() == 0.0
        return
    core = min(os.sched_getaffinity(0))
    program = f"import os\nos.sched_setaffinity(0, [{core}])\nwhile True: pass"
    crowd = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    before = crowded_seconds()
    try:
        comes_true(lambda: crowded_seconds() - before > 0.05)
    finally:
        for one in crowd:
            one.kill()
            one.wait()


def test_it_ends_when_it_has_had_nothing_to_do(aide: Aide, monkeypatch: pytest.MonkeyPatch) -> None:
    comes_true(lambda: is_there(aide))
    pid = aide.pid
    assert pid
    aide.rest()
    assert not is_gone(pid)

    monkeypatch.setattr(aide_line, "RESTS_AFTER", 0.0)
    aide.rest()

    assert is_gone(pid)
    comes_true(lambda: is_there(aide))


def test_no_aide_outlives_its_worker() -> None:
    program = (
        "import sys, time\n"
        "from helpdesk.daemon.aide_line import Aide\n"
        f"aide = Aide(60, {GIGABYTE})\n"
        "with aide.helping(99):\n"
        "    while not aide._has_time(): time.sleep(0.01)\n"
        "    print(aide.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    with worker:
        pid = int(next(line for line in worker.stdout if line.strip().isdigit()))
        worker.kill()

    comes_true(lambda: is_gone(pid) or is_zombie(pid))


def is_zombie(pid: int) -> bool:
    """Nobody is there to ask how it ended; it does nothing any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("space", [GIGABYTE, 1])
def test_where_it_cannot_live_the_worker_works_alone(hire: Hire, space: int) -> None:
    """Of memory that is not there it dies before it has said a word."""
    aide = hire(space=space)
    began = time.monotonic()
    with aide.helping(STARTED_FOR):
        while time.monotonic() - began < 1:
            assert aide.begin(divmod, 8, 7)() == (1, 1)


RAW = (
    b"From: Anne <anne@customer.example>\r\nTo: help@desk.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n"
    b"Date: Mon, 2 Mar 2026 09:00:00 +0700\r\nMessage-ID: <m1@customer.example>\r\n\r\n"
    b"Where is it?\r\n\r\n-- \r\nAnne\r\n\r\nOn Monday Bart wrote:\r\n> Hello\r\n" * 3
)


@pytest.mark.parametrize(
    "value",
    [
        read(RAW),
        Address("Anne", "anne@customer.example"),
        datetime(2026, 3, 2, tzinfo=UTC),
        {"nested": [Address("", ""), None, (1, b"x")]},
    ],
    ids=["mail", "address", "instant", "nested"],
)
def test_what_is_handed_over_comes_out_the_same(value: object) -> None:
    assert unpack(pack(value)) == value == pickle.loads(pickle.dumps(value))
    assert type(unpack(pack(value))) is type(value)
