"""The disk is full, or says that it could not write (MAIL_RULES 5.2), under a running desk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from faults_world import FaultyDesk, Upstream, config, question
from sqlalchemy import make_url

from helpdesk.testing.postgres import Server
from helpdesk.testing.small_disk import SmallDisk
from helpdesk.testing.strace import Strace

BIG = "A long story. " * 1000


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[FaultyDesk]:
    """One desk for all: after each trouble it must be as good as new."""
    with FaultyDesk(tmp_path_factory.mktemp("desk"), config(upstream.port)) as desk:
        yield desk


@pytest.fixture
def desk(running: FaultyDesk) -> FaultyDesk:
    running.comes_up()
    running.hand_in(some(running, 1))
    running.drains()
    running.replies.clear()
    return running


def some(desk: FaultyDesk, number: int) -> list[str]:
    """Subjects that nobody has used yet."""
    return [f"Question {len(desk.posted) + n}" for n in range(number)]


def offers(desk: FaultyDesk, subjects: list[str]) -> list[int]:
    """One attempt each."""
    return [desk.offer(question(subject)) for subject in subjects]


def assert_nothing_is_wrong(desk: FaultyDesk, upstream: Upstream) -> None:
    sums = desk.sums(upstream.copies)
    print(f"starts {desk.starts}, replies {sorted(set(desk.replies))}, {sums}")
    assert (sums.bad, sums.doubled_letters) == ([], 0)


def test_no_room_in_the_spool_is_a_452_and_over_as_soon_as_there_is_room(
    desk: FaultyDesk, upstream: Upstream
) -> None:
    front, subjects = desk.pid, some(desk, 5)
    with Strace(desk.thread("receiver"), "pwrite64", "error=ENOSPC", "1+"):
        codes = offers(desk, subjects)
    began = time.monotonic()
    desk.hand_in(subjects)
    desk.drains()

    assert codes == [452] * 5
    assert time.monotonic() - began < 10
    assert desk.pid == front
    assert_nothing_is_wrong(desk, upstream)


@pytest.mark.parametrize("when", range(1, 12, 2))
def test_no_room_at_any_single_write_of_the_spool(desk: FaultyDesk, upstream: Upstream, when: int) -> None:
    front = desk.pid
    with Strace(desk.thread("receiver"), "pwrite64", "error=ENOSPC", str(when)) as strace:
        desk.hand_in(some(desk, 3))
        desk.drains()

    assert strace.harmed == 1
    assert 452 in desk.replies
    assert desk.pid == front
    assert_nothing_is_wrong(desk, upstream)


def test_a_worker_without_room_waits_and_goes_on(desk: FaultyDesk, upstream: Upstream) -> None:
    """Its mails lose no attempt, its letters are sent, within ten seconds after there is room again."""
    first, failed = desk.worker_pid, len(desk.log("order_failed"))
    with Strace(first, "pwrite64", "error=ENOSPC", "1+"):
        desk.hand_in(some(desk, 5))
        desk.until(lambda: len(desk.log("order_failed")) > failed + 3, "trouble")
    began = time.monotonic()
    desk.drains()

    assert time.monotonic() - began < 10
    assert desk.worker_pid == first
    assert desk.rows("SELECT max(attempts) FROM handled") in ([(0,)], [(1,)])
    assert_nothing_is_wrong(desk, upstream)


def test_a_front_whose_fsync_failed_ends_and_begins_anew(desk: FaultyDesk, upstream: Upstream) -> None:
    """It does not ask that file again: the kernel may have thrown the pages away and would say that all is well."""
    subjects = some(desk, 2)
    with Strace(desk.thread("receiver"), "fdatasync", "error=EIO", "1"):
        codes = offers(desk, subjects)
        code = desk.wait()
    said = desk.log("disk_unsure")
    desk.start()
    desk.hand_in(subjects)
    desk.drains()

    assert set(codes) <= {451, 421, 0}
    assert (code, [line["file"] for line in said]) == (1, [str(desk.state / "spool.db")])
    assert_nothing_is_wrong(desk, upstream)


@pytest.mark.parametrize("when", [1, 4])
def test_a_worker_whose_fsync_failed_is_replaced(desk: FaultyDesk, upstream: Upstream, when: int) -> None:
    front, first = desk.pid, desk.worker_pid
    with Strace(first, "fdatasync", "error=EIO", str(when)):
        desk.hand_in(some(desk, 5))
        desk.drains()

    assert desk.log("disk_unsure")[-1]["file"] == str(desk.state / "helpdesk.db")
    assert desk.worker_pid != first
    assert desk.pid == front
    assert_nothing_is_wrong(desk, upstream)


@pytest.mark.parametrize("size", ["1m", pytest.param("4m", marks=pytest.mark.chaos)])
def test_a_small_disk_fills_up_and_grows(tmp_path: Path, size: str) -> None:
    """Real ENOSPC under both processes: nobody hears 250 for what is not stored, nobody ends."""
    limits = '\n[limits]\nfree_disk = "1B"\n'
    with Upstream() as upstream, SmallDisk(tmp_path / "var", size) as disk:
        text = config(upstream.port, limits).replace(
            "[receive.smtp]\n", '[receive.smtp]\nmax_size = "64KiB"\n'
        )
        with FaultyDesk(tmp_path, text, disk=disk) as desk:
            desk.hand_in(["Before all"])
            desk.drains()
            subjects = fill(desk, disk)
            front, worker = desk.pid, desk.worker_pid

            disk.tidy()
            disk.grow("64m")
            began = time.monotonic()
            desk.hand_in(subjects, text=BIG)
            took = time.monotonic() - began
            desk.drains()

            assert took < 10
            assert set(desk.replies) <= {250, 451, 452}
            assert 452 in desk.replies
            assert (desk.pid, desk.worker_pid) == (front, worker)
            assert_nothing_is_wrong(desk, upstream)


def fill(desk: FaultyDesk, disk: SmallDisk) -> list[str]:
    """Mails come in until one is refused; then somebody else takes the last bytes. Return what was refused."""
    for number in range(500):
        subject = f"Big {number}"
        if desk.offer(question(subject, BIG)) != 250:
            break
        desk.posted[subject] = subject
    disk.fill()
    later = [subject, "After all 1", "After all 2"]
    assert all(desk.offer(question(one, BIG)) in {451, 452} for one in later)
    return later


@pytest.mark.postgres
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_server_whose_disk_fails_costs_nobody_a_letter(tmp_path: Path, error: str) -> None:
    """Each of its processes that works for the desk fails at its next write; the log's failure brings it down."""
    with Upstream() as upstream, Server() as server:
        url = server.fresh()
        with FaultyDesk(tmp_path, config(upstream.port, store=url)) as desk:
            desk.hand_in(["Before all"])
            desk.drains()
            at_work = server.execute(
                f"SELECT pid FROM pg_stat_activity WHERE datname = '{make_url(url).database}'"
            )
            subjects = [f"Question {n}" for n in range(6)]
            with ExitStack() as stack:
                straces = [
                    stack.enter_context(Strace(pid, "pwrite64", f"error={error}", "1+")) for (pid,) in at_work
                ]
                desk.hand_in(subjects)
            desk.drains()
            sums = desk.sums(upstream.copies)

            print(
                f"{error}: {len(at_work)} processes, harmed {[strace.harmed for strace in straces]}, {sums}"
            )
            assert sum(strace.harmed for strace in straces) >= 1
            assert (sums.lost, sums.doubled_tickets, sums.wrong) == ([], [], [])
            in_dot = sum(line["recipients"] for line in desk.logged("letter_ambiguous"))
            assert sums.doubled_letters <= in_dot, "only a letter in its dot may come twice (P4)"
