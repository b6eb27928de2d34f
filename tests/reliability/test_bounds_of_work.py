"""[limits] of the desk worker and of the sender: CPU, memory, attempts, pauses, and big mails one by one (P6, T13)."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from helpdesk.daemon.big_letters import BigLetters
from helpdesk.flow import intake
from helpdesk.flow.intake import take_in
from helpdesk.model.limits import USUAL, Pauses
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.model.outcome import Accepted, QueuedLetter
from helpdesk.store import handled, inbox, outbox
from helpdesk.store.settle import pause_after
from helpdesk.testing.desk import ADDRESS, Desk

MB = 1024 * 1024


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def child(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("size", "fits"), [(60, True), (140, False)])
def test_a_worker_holds_so_much_memory_and_no_more(size, fits):
    """[limits] worker_memory: what is resident counts, whatever else is mapped."""
    done = child(
        "from helpdesk.daemon import memory; from pathlib import Path; import resource\n"
        "memory.give_back_big_blocks()\n"
        "resident = int(Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize()\n"
        f"memory.allow(resident + 100 * {MB})\n"
        f"held = b'x' * ({size} * {MB})\n"
    )

    assert (done.returncode == 0) is fits
    assert ("MemoryError" in done.stderr) is not fits


def test_a_big_block_is_given_back_when_it_is_done():
    """T13: a mail of 30 MB leaves nothing behind, also the second time."""
    done = child(
        "from helpdesk.daemon import memory; from pathlib import Path; import resource\n"
        "memory.give_back_big_blocks()\n"
        "held = lambda: int(Path('/proc/self/statm').read_text().split()[1]) * resource.getpagesize()\n"
        "before = held()\n"
        "for _ in range(3): block = [b'x' * (30 << 20), b'y' * (30 << 20)]; small = b'z' * 1000; del block\n"
        "print((held() - before) // 2**20)\n"
    )

    assert int(done.stdout) < 10


@pytest.mark.parametrize(("burns", "ends"), [(0.2, 0), (60, -signal.SIGXCPU)])
def test_a_worker_burns_so_much_cpu_and_no_more(burns, ends):
    """[limits] worker_cpu, F4: the kernel ends it, in C code, too."""
    done = child(
        "import time\nfrom helpdesk.daemon.cpu import allow_cpu\n"
        f"allow_cpu(1)\nend = time.process_time() + {burns}\n"
        "while time.process_time() < end: pass\n"
    )

    assert done.returncode == ends


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_mail_is_set_aside_after_the_configured_attempts(desk, attempts):
    """[limits] attempts, P6."""
    desk.shop.limits = replace(USUAL, attempts=attempts)
    bad = desk.arrive(Arrival(raw=b"{", road=Road.WEB, received_at=desk.clock(), kind=Happening.VOTE))

    for tried in range(1, attempts + 1):
        assert take_in(desk.shop) == 1
        with desk.shop.desk.read() as connection:
            assert [row.spool_id for row in handled.parked(connection)] == (
                [bad] if tried == attempts else []
            )


def test_pauses_double_from_the_first_to_the_longest():
    """[limits] retry_first and retry_longest, R68."""
    pauses = Pauses(timedelta(minutes=1), timedelta(minutes=5))

    found = [
        pause_after(n, timedelta(days=5), 0.0, pauses) / timedelta(minutes=1) for n in (1, 2, 3, 4, 5, 99)
    ]
    assert found == [1, 2, 4, 5, 5, 5]


def test_a_big_mail_is_not_fetched_with_its_batch(desk, monkeypatch):
    """T13: fifty mails of 25 MB are a batch; they are in memory one by one, and all are handled."""
    monkeypatch.setattr(intake, "BIG", 2000)
    for n, size in enumerate((10, 5000, 10, 9000)):
        mail = desk.anne.new([ADDRESS], f"About {n}", "x" * size)
        desk.receive(mail.as_bytes(), desk.anne.address, (ADDRESS,))
    with desk.shop.spool.read() as spool:
        together = inbox.fetch(spool, [1, 2, 3, 4], up_to=2000)

    assert [row.id for row in together] == [1, 3]
    assert take_in(desk.shop) == 4
    with desk.shop.desk.read() as connection:
        assert [handled.load(connection, n).outcome for n in (1, 2, 3, 4)] == ["customer_wrote"] * 4


class Slow:
    """A transport that notes what it is handed and how many it has in hand."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.most = self.now = 0

    async def deliver(self, letter: QueuedLetter, _before_dot: object) -> dict[str, Accepted]:
        self.now += 1
        self.most = max(self.most, self.now)
        self.sizes.append(len(letter.raw))
        await asyncio.sleep(0.01)
        self.now -= 1
        return dict.fromkeys(letter.recipients, Accepted("250"))

    async def close(self) -> None:
        """Nothing is open."""


def test_big_letters_go_out_one_by_one_with_their_own_bytes(desk):
    """T13: their bytes are not claimed with them; small ones go beside them."""
    for n in range(3):
        desk.receive(
            desk.anne.new([ADDRESS], f"About {n}", "x").as_bytes(), f"anne{n}@customer.example", (ADDRESS,)
        )
    while take_in(desk.shop):
        pass
    with desk.shop.desk.write() as connection:
        whole = {one.id: len(outbox.fetch_raw(connection, one.id)) for one in outbox.listing(connection)}
        limit = sorted(whole.values())[len(whole) // 2]
        claimed = outbox.claim(
            connection, 100, desk.clock(), timedelta(minutes=1), desk.shop.node, up_to=limit
        )

    slow = Slow()
    post = BigLetters(slow, desk.shop.desk)

    async def deliver_all() -> None:
        await asyncio.gather(*(post.deliver(one, asyncio.sleep) for one in claimed if not one.raw))

    asyncio.run(deliver_all())

    assert {bool(one.raw) for one in claimed} == {True, False}
    assert all(len(one.raw) == whole[one.id] <= limit for one in claimed if one.raw)
    assert sorted(slow.sizes) == sorted(whole[one.id] for one in claimed if not one.raw)
    assert slow.most == 1
