"""A sender with real databases, a letter box that fails when told, and a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from helpdesk.flow.marks import SpoolMarks
from helpdesk.flow.send import Sender
from helpdesk.store import outbox
from helpdesk.store.session import Database
from helpdesk.testing.letter_box import LetterBox
from helpdesk.testing.outbox_office import OutboxOffice
from helpdesk.testing.stores import open_store

ANNE, BART, CATE = "anne@customer.example", "bart@staff.example", "cate@staff.example"


@dataclass
class World:
    folder: Path
    spool: Database
    desk: Database
    box: Any = field(default_factory=LetterBox)
    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    times: list[float] = field(default_factory=list)
    lives: int = 0
    hands: tuple[int, int] = (4, 4)
    receives: bool = False

    def __post_init__(self) -> None:
        self.office = OutboxOffice(self.desk, lambda: self.now)
        self.start_again()

    def start_again(self) -> None:
        """What a new daemon begins with: nothing but the two databases, and a name of its own."""
        self.lives += 1
        self.office.node = f"node {self.lives}"
        self.marks = SpoolMarks(self.spool, lambda: self.now, self.office.node)
        self.sender = Sender(
            self.box,
            self.office,
            self.marks,
            hands=self.hands,
            receives=lambda: self.receives,
            sent=self.times.append,
            clock=lambda: self.now.timestamp(),  # noqa: PLW0108 - now is replaced
            chance=lambda: 0.0,
            idle=0.02,
            stop_within=0.3,
        )

    def queue(self, *to: str, number: int = 1) -> int:
        message_id = f"{number}@desk.example"
        raw = f"Subject: letter {number}\r\nMessage-ID: <{message_id}>\r\n\r\nhello\r\n".encode()
        letter = outbox.NewLetter(
            ticket=None, letter="answer", audience="c", to=to or (ANNE,), cc=(), subject=f"letter {number}",
            message_id=message_id, sender="help@desk.example", raw=raw, spool_id=None,
        )  # fmt: skip
        with self.desk.write() as connection:
            return outbox.queue(connection, letter, self.now)

    def pass_time(self, **parts: float) -> None:
        self.now += timedelta(**parts)

    def states(self) -> list[str]:
        with self.desk.read() as connection:
            return [letter.state for letter in outbox.listing(connection)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    spool, desk = (
        Database(f"sqlite:///{folder / 'spool.db'}"),
        Database(f"sqlite:///{folder / 'helpdesk.db'}"),
    )
    open_store(spool, "spool")
    open_store(desk, "desk")
    world = World(folder, spool, desk)
    try:
        yield world
    finally:
        world.marks.close()
        spool.close()
        desk.close()
