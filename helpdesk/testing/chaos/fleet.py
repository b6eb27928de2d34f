"""Several nodes of one desk on one PostgreSQL, and people who write to any of them.

with Fleet(folder, seed=7, store=url, nodes=2) as fleet:
    fleet.start()
    fleet.both(mail)          # the same mail to two nodes, 100 ms apart
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from sqlalchemy import func, select

from helpdesk.model.ticket import DeadlineKind
from helpdesk.store.schema import DEADLINE, HANDLED, NODE, OUTBOX
from helpdesk.testing.chaos.campaign import Town
from helpdesk.testing.chaos.mails import Mail
from helpdesk.testing.chaos.postman import Address, Postman
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.chaos.target import Target

APART_SECONDS = 0.1
_LOOK_EVERY_SECONDS = 0.05


class Fleet(Range):
    """`lease` and `heartbeat` are short, that a dead node is found out within a test."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        *,
        nodes: int,
        lease: float = 15.0,
        heartbeat: float = 1.0,
        claim_window: str = "0.3s",
        **options: Any,
    ) -> None:
        super().__init__(folder, seed, **options)
        self._number, self.lease, self._window = nodes, lease, claim_window
        self._heartbeat = heartbeat
        self.nodes: list[Target] = []
        self.postmen: list[Postman] = []
        self._later: list[threading.Timer] = []
        self._dice = random.Random(seed + 3)

    def __enter__(self) -> Self:
        super().__enter__()
        self.nodes = [self.target]
        for number in range(2, self._number + 1):
            self.nodes.append(self.new_target(f"node-{number}"))
        self.postmen = [self.postman]
        for node in self.nodes[1:]:
            self.postmen.append(Postman(self.ledger, self._balanced(node), self.imap, 2).__enter__())
        return self

    def __exit__(self, *_: object) -> None:
        for timer in self._later:
            timer.join()
        for postman in self.postmen[1:]:
            postman.__exit__()
        super().__exit__()

    @property
    def targets(self) -> list[Target]:
        return self.nodes or [self.target]

    def new_target(self, name: str) -> Target:
        limits = f'lease = "{self.lease}s"\nheartbeat = "{self._heartbeat}s"\nretry_first = "1s"'
        return Target(
            self.folder / name,
            self.sink.port,
            imap=self.imap.port,
            store=self._store,
            retry_for=self._retry_for,
            claim_window=self._window,
            limits=limits,
        )

    def start(self) -> None:
        """The first node makes the desk, the others get its secret."""
        first, *others = self.nodes
        first.start()
        for node in others:
            shared = node.folder / "var"
            shared.mkdir(mode=0o700, exist_ok=True)
            shutil.copy(first.folder / "var" / "secret", shared / "secret")
            node.launch()
        for node in others:
            node.until(lambda node=node: node.is_ready or not node.is_running, "ready", 60.0)  # type: ignore[misc]

    def town(self) -> Town:
        """People who write to a random node; every third mail comes to a second one as well."""
        return Town(self, self._anywhere)

    def _anywhere(self, mail: Mail) -> None:
        if self._dice.random() < 0.15:
            self.postman.put(mail)
        elif self._dice.random() < 0.35:
            self.both(mail)
        else:
            self._dice.choice(self.postmen).post(mail)

    def both(self, mail: Mail) -> None:
        """The same mail to two nodes."""
        first, second = self._dice.sample(self.postmen, 2)
        first.post(mail)
        timer = threading.Timer(APART_SECONDS, second.post, (mail,))
        self._later.append(timer)
        timer.start()

    @property
    def outstanding(self) -> int:
        return sum(postman.outstanding for postman in self.postmen)

    @property
    def posted(self) -> list[Mail]:
        mails = {mail.message_id: mail for postman in self.postmen for mail in postman.posted}
        return list(mails.values())

    @property
    def keys(self) -> dict[str, set[str]]:
        keys: dict[str, set[str]] = {}
        for postman in self.postmen:
            for message_id, some in postman.keys.items():
                keys[message_id] = keys.get(message_id, set()) | some
        return keys

    def waits_for(self, kind: DeadlineKind) -> bool:
        """Does a deadline of this kind stand in the desk's database?"""
        with self.databases() as (_, desk), desk.read() as connection:
            return bool(connection.scalar(select(func.count()).where(DEADLINE.c.kind == kind)))

    def in_hand_of(self, node: str) -> int:
        """How many rows and letters a node has in hand, whether it lives or not."""
        with self.databases() as (_, desk), desk.read() as connection:
            rows = select(func.count()).where(HANDLED.c.state == "taken", HANDLED.c.owner == node)
            letters = select(func.count()).where(OUTBOX.c.state == "sending", OUTBOX.c.lease_owner == node)
            return (connection.scalar(rows) or 0) + (connection.scalar(letters) or 0)

    def living(self) -> list[str]:
        """Ids of the nodes that count as living, the newest last."""
        with self.databases() as (spool, _), spool.read() as connection:
            return list(connection.scalars(select(NODE.c.id).order_by(NODE.c.started_at)))

    def until(self, happens: Callable[[], Any], what: str, within: float = 60.0) -> float:
        """Wait for it; return the seconds that took. Raises TimeoutError."""
        began = time.monotonic()
        while not happens():
            if time.monotonic() - began > within:
                raise TimeoutError(f"{what} did not happen within {within} s")
            time.sleep(_LOOK_EVERY_SECONDS)
        return time.monotonic() - began

    def where(self) -> Address:
        return self._balanced(self.target)()

    def _balanced(self, wanted: Target) -> Callable[[], Address]:
        """As a balancer does: to this node, or to another one while it is away."""

        def now() -> Address:
            return (wanted if wanted.is_running else self._any_running()).where()

        return now

    def _any_running(self) -> Target:
        return next((node for node in self.nodes if node.is_running), self.target)
