"""The range: a target, and everybody around it who goes on whatever happens to it.

with Range(folder, seed=7) as around:
    around.target.start()
    ...
    around.drain()
    assert judge(around.evidence()) == []
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, func, select

from helpdesk.config import Config
from helpdesk.daemon.limits import Limits
from helpdesk.store import deadlines, handled
from helpdesk.store.schema import CURSOR, MARK, OUTBOX
from helpdesk.store.session import Database, DatabaseUnreachable
from helpdesk.testing.chaos.evidence import Evidence, Measured, Outside, gather
from helpdesk.testing.chaos.mails import Mail, Writers
from helpdesk.testing.chaos.postman import Postman
from helpdesk.testing.chaos.records import Records
from helpdesk.testing.chaos.sink import Sink, Weather
from helpdesk.testing.chaos.target import Target
from helpdesk.testing.imap_server import FakeImap
from helpdesk.testing.letters import Letter

_LOOK_EVERY_SECONDS = 0.05
_LONGEST_DRAIN_SECONDS = 90.0


class Range:
    """`seed` makes every choice; `bug` is one of `chaos.faulty`; `store` a PostgreSQL url, else SQLite.

    `after` is what the desk does in its mailbox; `patience` the seconds to wait for a letter, on a machine
    that is busy with other tests too, `drains` those after which it counts as never coming to rest. `limits`,
    `pace` and `environ` are the target's; `announced` errors in its log belong to the scene.
    """

    def __init__(
        self,
        folder: Path,
        seed: int,
        *,
        store: str = "",
        bug: str = "",
        weather: Weather = lambda: None,
        retry_for: str = "100s",
        hands: int = 3,
        waits: float = 30.0,
        after: str = "delete",
        patience: float = 100.0,
        drains: float = _LONGEST_DRAIN_SECONDS,
        limits: str = "",
        pace: Limits | None = None,
        environ: dict[str, str] | None = None,
        announced: Set[str] = frozenset(),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.seed = folder, seed
        self.chance = random.Random(seed)
        self.writers = Writers(self.chance)
        self.sink = Sink(folder / "sink", weather=weather)
        self.imap = FakeImap()
        self.imap.deletes = after == "delete"
        self._after, self._patience, self._drains = after, patience, drains
        self.ledger = Records(folder / "ledger")
        self._store, self._bug, self._retry_for, self._hands = store, bug, retry_for, hands
        self._waits = waits
        self._limits, self._pace, self._environ, self._announced = limits, pace, environ, announced
        self.files_before: int | None = None
        self.bad_wires = False

    def __enter__(self) -> Self:
        self.sink.__enter__()
        self.imap.start()
        self.target = self.new_target("desk")
        self.postman = Postman(self.ledger, self.where, self.imap, self._hands, self._waits).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.postman.__exit__()
        for target in self.targets:
            target.kill_all()
        self.imap.stop()
        self.sink.__exit__()
        self.ledger.close()

    @property
    def targets(self) -> list[Target]:
        return [self.target]

    def where(self) -> tuple[str, int]:
        """Where the postman goes now."""
        return self.target.where()

    @property
    def outstanding(self) -> int:
        """Mails that have not heard their 250 yet."""
        return self.postman.outstanding

    @property
    def posted(self) -> list[Mail]:
        """Each mail once, by whichever postman."""
        return self.postman.posted

    @property
    def keys(self) -> dict[str, set[str]]:
        return self.postman.keys

    def to_sink(self) -> int:
        """The port at which the desk hands its letters over."""
        return self.sink.port

    def to_mailbox(self) -> int:
        return self.imap.port

    def new_target(self, name: str) -> Target:
        return Target(
            self.folder / name,
            self.to_sink(),
            imap=self.to_mailbox(),
            store=self._store,
            bug=self._bug,
            retry_for=self._retry_for,
            after=self._after,
            limits=self._limits,
            pace=self._pace,
            environ=self._environ,
        )

    def letter(self, name: str, reader: str, which: int = 1) -> Letter:
        """Wait until this reader has so many letters of this name; return the last. Raises TimeoutError."""
        give_up_at, seen = time.monotonic() + self._patience, 0
        found: dict[str, Letter] = {}  # by Message-ID: a copy is no other letter
        while time.monotonic() < give_up_at:
            fresh = self.sink.letters(seen)
            seen += len(fresh)
            for letter in fresh:
                if letter.name == name and reader in letter.recipients:
                    found[letter["Message-ID"]] = Letter(letter.raw, letter.sender, (reader,))
            if len(found) >= which:
                return list(found.values())[which - 1]
            time.sleep(_LOOK_EVERY_SECONDS)
        raise TimeoutError(f"{reader} never got {name}")

    def mailbox_is_read(self) -> None:
        """Wait until the desk has taken over, and deleted, what lies there. Raises TimeoutError."""
        self.wait_for(lambda: not self.imap.mails, "the mailbox is read")

    def wait_for(self, happens: Callable[[], object], what: str) -> None:
        """Raises TimeoutError."""
        give_up_at = time.monotonic() + self._patience
        while not happens():
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"never: {what}")
            time.sleep(_LOOK_EVERY_SECONDS)

    def left(self) -> int:
        """Mails and letters that wait in the desk; 0 while nobody can say."""
        try:
            with self.databases() as (spool, desk), desk.read() as of_desk, spool.read() as of_spool:
                return handled.waiting_count(of_desk, of_spool) + _open_letters(of_desk)
        except DatabaseUnreachable:
            return 0

    def drain(self) -> float:
        """Wait until nothing is left to do; return the seconds that took, also when it never came."""
        began, within = time.monotonic(), self._drains
        with self.databases() as (spool, desk):
            while time.monotonic() - began < within:
                if self.outstanding == 0 and self._is_read(spool) and _is_quiet(spool, desk):
                    break
                time.sleep(_LOOK_EVERY_SECONDS)
        return time.monotonic() - began

    def _is_read(self, spool: Database) -> bool:
        """Is the mailbox empty, or read to its end?"""
        if self._after == "delete":
            return not self.imap.mails
        try:
            with spool.read() as connection:
                return (connection.scalar(select(CURSOR.c.uid)) or 0) >= max(self.imap.mails, default=0)
        except DatabaseUnreachable:
            return False

    @contextmanager
    def databases(self) -> Iterator[tuple[Database, Database]]:
        """Spool and desk."""
        config = Config.load(self.target.file)
        spool, desk = Database(config.spool_url), Database(config.desk_url)
        try:
            yield spool, desk
        finally:
            spool.close()
            desk.close()

    def evidence(self, measured: Measured | None = None) -> Evidence:
        """What is left, for the judge."""
        secret = (self.target.folder / "var" / "secret").read_text(errors="replace").strip()
        outside = Outside(
            posted=tuple(self.posted),
            keys=self.keys,
            ledger=self.ledger.read(),
            copies=self.sink.copies(),
            letters=self.sink.letters(),
            logs=[log for target in self.targets for log in target.logs()],
            secrets=(secret, self.imap.password),
            announced=self._announced,
            bad_wires=self.bad_wires,
        )
        with self.databases() as (spool, desk):
            return gather(spool, desk, outside, measured)

    def settle(self) -> Evidence:
        """Drain, measure, stop cleanly, and gather."""
        drained = self.drain()
        figures = self.target.figures() if self.target.is_running else {}
        measured = Measured(drained, figures.get("rss"), figures.get("files"), self.files_before)
        for target in self.targets:
            if target.is_running:
                target.stop()
        return self.evidence(measured)


def _is_quiet(spool: Database, desk: Database) -> bool:
    try:
        with desk.read() as of_desk, spool.read() as of_spool:
            return not (_open_letters(of_desk) or _marks(of_spool) or _work(of_desk, of_spool))
    except DatabaseUnreachable:  # not made yet, or away just now
        return False


def _open_letters(desk: Connection) -> int:
    waiting = select(func.count()).where(OUTBOX.c.state.in_(("queued", "sending")))
    return desk.scalar(waiting) or 0


def _marks(spool: Connection) -> int:
    return spool.scalar(select(func.count()).select_from(MARK)) or 0


def _work(desk: Connection, spool: Connection) -> int:
    due = deadlines.next_due_at(desk)
    soon = due is not None and (due - datetime.now(UTC)).total_seconds() < 10
    return handled.waiting_count(desk, spool) + soon
