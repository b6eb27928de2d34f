"""The power of a whole desk: cut at the n-th commit, before it or just after it (STYLE 43).

    mains = Mains(cuts={(7, "before")})
    desk = PoweredDesk(folder, mains=mains)
    desk.anne.asks("My order", "Where is it?")
    assert mains.hit == [(7, "before")]

A cut drops everything in memory; the files are what they are. The desk then starts again, as the daemon
does, and everybody outside behaves as real mail does: who heard no `250` sends the same mail again, and the
post office has what it took. The sender is the real one with its marks in the spool (P4).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import delete

from helpdesk.flow.marks import SpoolMarks
from helpdesk.flow.send import LEASE, Sender
from helpdesk.flow.settle import settle
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import Arrival
from helpdesk.model.outcome import Outcome, QueuedLetter
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Signer
from helpdesk.render.canned import Library, shipped_folder
from helpdesk.store import handled, nodes, outbox
from helpdesk.store.marks import Unsettled
from helpdesk.store.migrate import upgrade
from helpdesk.store.schema import NODE
from helpdesk.store.session import Database
from helpdesk.testing import postgres
from helpdesk.testing.desk import Desk
from helpdesk.testing.letters import Letter

Moment = tuple[int, Literal["before", "after"]]


class PowerCut(BaseException):
    """No handler of the desk may catch it, as none can go on without power."""


class Mains:
    """Counts the commits of both databases and cuts the power at the moments in `cuts`.

    `hit` are the cuts that happened. `in_dot` counts those between a letter's dot and the mark of its
    result: the only ones that may cost a duplicate.
    """

    def __init__(self, cuts: Iterable[Moment] = ()) -> None:
        self.cuts = frozenset(cuts)
        self.commits = 0
        self.hit: list[Moment] = []
        self.in_dot = 0
        self.starts = 0
        self._off = False
        self._dot_written = False

    def come_back(self) -> None:
        self.starts += 1
        self._off = self._dot_written = False

    def dot_written(self) -> None:
        """The post office has a letter, and nothing on disk says so yet."""
        self._dot_written = True

    def must_be_on(self) -> None:
        if self._off:
            raise PowerCut("there is no power")

    def before(self, name: str) -> None:
        self.must_be_on()
        self.commits += 1
        self._cut_at("before", in_dot=self._dot_written and name == "spool")

    def after(self, name: str) -> None:
        if name == "spool":
            self._dot_written = False
        self._cut_at("after")

    def _cut_at(self, when: Literal["before", "after"], *, in_dot: bool = False) -> None:
        if (self.commits, when) in self.cuts:
            self._off = True
            self.hit.append((self.commits, when))
            self.in_dot += in_dot
            raise PowerCut(f"{when} commit {self.commits}")


@dataclass(frozen=True, slots=True)
class Saved:
    """An instant of a desk and its people, in a folder or in a database. `mailboxes`: as `Desk.people`."""

    folder: Path
    url: str | None
    now: datetime
    mailboxes: tuple[tuple[Letter, ...], ...]
    sent: tuple[Letter, ...]
    serial: int


class PoweredDesk(Desk):
    """A desk on `mains`. `library` may be shared: it holds nothing but the files it was read from."""

    def __init__(
        self,
        folder: Path,
        rules: Policy | None = None,
        now: datetime | None = None,
        *,
        mains: Mains | None = None,
        library: Library | None = None,
        url: str | None = None,
    ) -> None:
        self.mains = mains or Mains()
        self.library = library
        self._databases: dict[str, Database] = {}
        self._under_way: list[Arrival] = []
        self._sending = False
        self._loop: asyncio.Runner | None = None
        self._marks_of_now: SpoolMarks | None = None
        super().__init__(folder, rules, now, url=url)

    def save(self, folder: Path) -> Saved:
        """This instant, to come back to: the files, and what everybody outside has."""
        folder.mkdir(parents=True)
        boxes = tuple(tuple(person.mailbox) for person in self.people)
        return Saved(folder, self._save_stores(folder), self.clock(), boxes, tuple(self.sent), self._serial)

    def _save_stores(self, folder: Path) -> str | None:
        if self.url:
            super().close()
            return postgres.shared().save(self.url)
        for name, database in self._databases.items():
            database.checkpoint()
            shutil.copy(self.folder / f"{name}.db", folder)
        return None

    def rewind(self, saved: Saved, mains: Mains) -> None:
        """Go back to that instant (of this desk or of another one with the same people and rules)."""
        self.close()
        self._bring_stores_back(saved)
        self.mains, self.clock.now = mains, saved.now
        for person, mailbox in zip(self.people, saved.mailboxes, strict=True):
            person.mailbox = list(mailbox)
        self.sent, self._serial = list(saved.sent), saved.serial
        self.shop = self._open()

    def _bring_stores_back(self, saved: Saved) -> None:
        if self.url and saved.url:
            postgres.shared().bring_back(self.url, saved.url)
            return
        for name in self._databases:
            for leftover in self.folder.glob(f"{name}.db*"):
                leftover.unlink()
            shutil.copy(saved.folder / f"{name}.db", self.folder)

    def database(self, name: str) -> Database:
        """Closed at every cut; the object stays, for it holds nothing of the desk, only compiled statements."""
        if name not in self._databases:
            self._databases[name] = Database(
                self.url_of(name),
                before_commit=lambda: self.mains.before(name),
                after_commit=lambda: self.mains.after(name),
            )
        return self._databases[name]

    def close(self) -> None:
        super().close()
        if self._marks_of_now:
            self._marks_of_now.close()
        if self._loop is not None:
            self._loop.close()
            self._loop = None

    def restart(self) -> None:
        self._come_up()
        self.run()

    def arrive(self, arrival: Arrival) -> int:
        """Who hears no `250` sends it again when the desk is back; what comes from our letters waits its turn."""
        if self._sending:
            self._under_way.append(arrival)
            return 0
        while True:
            try:
                return super().arrive(arrival)
            except PowerCut:
                self.restart()

    def run(self) -> None:
        while True:
            try:
                super().run()
            except PowerCut:
                self._come_up()
                continue
            if not self._under_way:
                return
            self.arrive(self._under_way.pop(0))

    def _come_up(self) -> None:
        """Start as the daemon does; the power may go again meanwhile."""
        while True:
            self.close()
            self.mains.come_back()
            self.shop = self._open()
            try:
                with self.shop.desk.write() as desk:
                    handled.free(desk, self.shop.node)
            except PowerCut:
                continue
            return

    def _open(self) -> Workshop:
        spool, desk = self.database("spool"), self.database("helpdesk")
        upgrade(spool, "spool")
        upgrade(desk, "desk")
        node = f"node {self.mains.starts}"
        self._only_node_is(node)
        self.library = self.library or Library(shipped_folder(), self.policy)
        shop = Workshop(
            spool=spool,
            desk=desk,
            policy=self.policy,
            library=self.library,
            signer=Signer(b"s" * 32, self.policy.address),
            clock=self.clock,
            random_hex=self._random_hex,
            chance=lambda: 0.5,
            retry_for=timedelta(days=5),
            node=node,
        )
        if self._marks_of_now:
            self._marks_of_now.close()
        self._marks_of_now = SpoolMarks(spool, self.clock, shop.node)
        self._sender = Sender(
            _Carrier(self),
            _Office(shop),
            self._marks_of_now,
            hands=(1, 1),  # one after the other: the same commits in every run
            clock=lambda: self.clock().timestamp(),
            chance=lambda: 0.0,
        )
        return shop

    def _only_node_is(self, name: str) -> None:
        """On a server: those before it are buried, before it has to ask. No commit of the desk's own."""
        if self.url:
            registry = Database(self.url)
            with registry.write() as connection:
                connection.execute(delete(NODE))
                nodes.register(connection, name, "powered", self.clock(), timedelta(days=1))
            registry.close()

    def _send(self) -> int:
        self._loop = self._loop or asyncio.Runner()
        tried = 0
        self._sending = True
        try:
            while again := self._loop.run(self._sender.run_once()):
                self.mains.must_be_on()
                tried += again
        finally:
            self._sending = False
        self.mains.must_be_on()
        return tried

    async def carry(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        """One attempt to hand a letter to the post office."""
        if not self.fails.keys() >= set(letter.recipients):
            await before_dot()
            self.mains.dot_written()
        return self._deliver(letter)


class _Carrier:
    """The way to the post office, which is never cut off from its own power."""

    def __init__(self, desk: PoweredDesk) -> None:
        self._desk = desk

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        return await self._desk.carry(letter, before_dot)

    async def close(self) -> None:
        pass


class _Office:
    """The desk worker as the sender sees it, in the same process."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
        with self._shop.desk.write() as desk:
            outbox.end_leases(desk, self._shop.node, in_hand)
            return outbox.claim(desk, limit, self._shop.clock(), LEASE, self._shop.node)

    async def settle(self, attempts: Sequence[Unsettled]) -> None:
        settle(self._shop, attempts)

    async def take_over(self) -> None:
        with self._shop.desk.write() as desk:
            outbox.free(desk, self._shop.node)
