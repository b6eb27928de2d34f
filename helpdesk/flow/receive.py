"""The way in (ARCHITECTURE, way 1): what arrives is in the spool, committed, before anybody hears `250`.

One thread writes; all that waits shares one commit. A commit is never undone because the one who asked for
it has gone away (F5f). Nothing is read, rendered or asked from the network here (P1).
"""

from __future__ import annotations

import asyncio
import errno
import shutil
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection

from helpdesk.model.mail import Arrival
from helpdesk.model.policy import Policy
from helpdesk.store import inbox
from helpdesk.store.inbox import Cursor
from helpdesk.store.session import Database

MAX_BATCH = 200
MAX_BATCH_BYTES = 32 * 1024 * 1024
SMALLEST_FLOOR = 1024**3  # T20

log = structlog.get_logger(__name__)


class SpoolFull(Exception):
    """There is no room for this mail now; free disk space, the sender will come again."""


class SpoolFailed(Exception):
    """The spool could not be written; the log names the cause, the sender will come again."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One arrival whose commit is done; `seconds` passed from its acceptance to the commit."""

    id: int
    arrival: Arrival
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    arrivals: tuple[Arrival, ...]
    cursor: Cursor | None
    asked: float = field(default_factory=time.monotonic)
    done: Future[list[int]] = field(default_factory=Future)

    @property
    def size(self) -> int:
        return sum(len(arrival.raw) for arrival in self.arrivals)


class Receiver:
    """The only writer of arrivals into the spool.

    `stored` is called on the receiver's thread after each commit. `check_disk` gets the number of bytes
    that are about to be written and raises SpoolFull when they would not leave enough room. `require_lead` is
    asked in the transaction that moves a mailbox's cursor, and raises where this node does not lead the mailbox.
    """

    def __init__(
        self,
        spool: Database,
        stored: Callable[[Sequence[Stored]], None],
        check_disk: Callable[[int], None] | None = None,
        require_lead: Callable[[Connection, Cursor], None] = lambda _connection, _cursor: None,
    ) -> None:
        self._spool = spool
        self._require_lead = require_lead
        self._stored = stored
        self._check_disk = check_disk
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._open = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._open = True
        self._thread = threading.Thread(target=self._work, name="receiver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write all that waits, then end. What comes later is refused with SpoolFailed."""
        with self._changed:
            self._open = False
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    async def accept(self, arrival: Arrival) -> int:
        """Return the spool id after the commit. Raises SpoolFull or SpoolFailed."""
        waiting = asyncio.wrap_future(self._ask((arrival,), None).done)
        waiting.add_done_callback(_heard)
        return (await asyncio.shield(waiting))[0]

    def accept_now(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> list[int]:
        """The same for threads; the cursor moves in the same transaction."""
        return self._ask(tuple(arrivals), cursor).done.result()

    def _ask(self, arrivals: tuple[Arrival, ...], cursor: Cursor | None) -> _Job:
        job = _Job(arrivals, cursor)
        with self._changed:
            if not self._open:
                raise SpoolFailed("the receiver is not running")
            self._waiting.append(job)
            self._changed.notify()
        return job

    # The receiver's thread

    def _work(self) -> None:
        while batch := self._next_batch():
            self._write(batch)
            del batch  # or its mails would stay in memory until the next ones come (T13)

    def _next_batch(self) -> list[_Job]:
        """Wait for work; return all that waits, up to the limits of one commit, or nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open)
            batch: list[_Job] = []
            size = 0
            while self._waiting and len(batch) < MAX_BATCH and size < MAX_BATCH_BYTES:
                batch.append(self._waiting.popleft())
                size += batch[-1].size
            return batch

    def _write(self, batch: list[_Job]) -> None:
        inserted = False
        try:
            if self._check_disk is not None:
                self._check_disk(sum(job.size for job in batch))
            road = "imap" if any(job.cursor for job in batch) else "receive"
            with self._spool.write(road) as connection:
                numbers = iter(inbox.append(connection, [one for job in batch for one in job.arrivals]))
                ids = [[next(numbers) for _ in job.arrivals] for job in batch]
                for job in batch:
                    if job.cursor is not None:
                        self._require_lead(connection, job.cursor)
                        inbox.move_cursor(connection, job.cursor, datetime.now(UTC))
                inserted = True
        except BaseException as error:  # noqa: BLE001 the rim of the loop: nobody may be left waiting
            self._fail(batch, error, committing=inserted)
        else:
            self._tell(batch, ids)

    def _fail(self, batch: list[_Job], error: BaseException, *, committing: bool) -> None:
        # One arrival that cannot be stored must not hold back its neighbours. Where the commit itself
        # failed it may yet have happened, so nothing is written twice.
        if len(batch) > 1 and not committing:
            for job in batch:
                self._write([job])
            return
        full = is_full(error)
        log.error("not stored", action="receive.failed", full=full, mails=len(batch), **_described(error))
        for job in batch:
            answer = SpoolFull("no room in the spool") if full else SpoolFailed("the spool cannot be written")
            answer.__cause__ = error
            job.done.set_exception(answer)

    def _tell(self, batch: list[_Job], ids: list[list[int]]) -> None:
        now = time.monotonic()
        for job, numbers in zip(batch, ids, strict=True):
            job.done.set_result(numbers)
        report = [
            Stored(number, arrival, now - job.asked)
            for job, numbers in zip(batch, ids, strict=True)
            for number, arrival in zip(numbers, job.arrivals, strict=True)
        ]
        try:
            if report:
                self._stored(report)
        except Exception:
            # The mail is safe, whoever listens.
            log.exception("hook failed", action="receive.hook_failed")


def _heard(waiting: asyncio.Future[list[int]]) -> None:
    """Whoever asked may have gone; the failure is in the log already."""
    if not waiting.cancelled():
        waiting.exception()


def _described(error: BaseException) -> dict[str, str]:
    """What the log may say: a database's error text would show the mail it could not store (T24)."""
    place = traceback.extract_tb(error.__traceback__)[-1:]
    return {
        "error": type(error).__name__,
        "reason": str(getattr(error, "orig", error))[:300],
        "at": "".join(f"{frame.filename}:{frame.lineno}" for frame in place),
    }


def is_full(error: BaseException) -> bool:
    """Does this error, or one that led to it, say that there is no room?"""
    return any(_says_full(cause) for cause in _causes(error))


def _says_full(error: BaseException) -> bool:
    return (
        isinstance(error, SpoolFull)
        or getattr(error, "errno", None) in {errno.ENOSPC, errno.EDQUOT}
        or getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"
        or getattr(error, "sqlstate", "") == "53100"  # PostgreSQL: disk_full
        or "database or disk is full" in str(error)
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def smallest_free(max_size: int, least: int = SMALLEST_FLOOR) -> int:
    """So many bytes remain free on the spool's disk: 1 GB, or three of the largest mails (T20)."""
    return max(least, 3 * max_size)


def disk_floor(folder: Path, max_size: int, least: int = SMALLEST_FLOOR) -> Callable[[int], None]:
    """A `check_disk` that keeps max(1 GB, three of the largest mails) free on the disk of `folder` (T20)."""
    floor = smallest_free(max_size, least)

    def check(size: int) -> None:
        free = shutil.disk_usage(folder).free
        if free - size < floor:
            raise SpoolFull(f"{folder} has {free} bytes free, {floor} must remain; make room there")

    return check


def recipient_rule(policy: Policy) -> Callable[[str], bool]:
    """Which recipients are ours: the desk with and without +token, postmaster, the operators' list (R6, R18)."""
    desk_domain = policy.address.partition("@")[2].lower()
    exact = {"postmaster", f"postmaster@{desk_domain}"}
    if policy.list_address:
        exact.add(policy.list_address.lower())

    def knows(address: str) -> bool:
        # A letter that lower() turns into ASCII makes another address (T33).
        return address.isascii() and (address.lower() in exact or policy.is_own(address))

    return knows
