"""Where the desk's letters end: an unreliable post office in a thread of its own, with a memory on disk.

What it takes is on disk (Message-ID, recipient, hash, time) before its 250. Letters meet the moods that were
scripted first, then what `weather` says, then fair weather. It outlives every restart of the desk.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from helpdesk.testing.chaos.records import Records
from helpdesk.testing.letters import Letter
from helpdesk.testing.mood import Kept, Mood, Step
from helpdesk.testing.post_office import PostOffice

Weather = Callable[[], Mood | None]


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy for one recipient. `told`: our 250 was written, so that only the desk's end can have lost it."""

    message_id: str
    recipient: str
    sha256: str
    at: float
    told: bool


def bare_id(letter: Letter) -> str:
    """Its Message-ID as the desk stores it, without the angle brackets."""
    return letter["Message-ID"].strip().strip("<>")


class _Office(PostOffice):
    def __init__(self, book: Records, weather: Weather) -> None:
        super().__init__()
        self._book, self._weather = book, weather

    def next_mood(self) -> Mood:
        return self._moods.pop(0) or Mood() if self._moods else self._weather() or Mood()

    def keep(self, kept: Kept) -> None:
        message_id = bare_id(Letter(kept.raw))
        digest = hashlib.sha256(kept.raw).hexdigest()
        copy = {"place": len(self.letters), "message_id": message_id, "sha256": digest, "at": time.time()}
        self._book.write(**copy, recipients=kept.recipients)
        super().keep(kept)

    def told(self, place: int, kept: Kept) -> None:
        super().told(place, kept)
        self._book.write(told=place)


class Sink:
    """`dedupe`: as large providers do, a second copy of a letter is taken and thrown away."""

    def __init__(self, file: Path, *, weather: Weather = lambda: None, dedupe: bool = False) -> None:
        self._book = Records(file)
        self._dedupe = dedupe
        self._office = _Office(self._book, weather)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sink", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._office.start())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._office.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._book.close()

    @property
    def port(self) -> int:
        return self._office.port

    def will_be(self, *moods: Mood | None) -> None:
        """The next letters meet these moods."""
        self._office.will_be(*moods)

    def go_on(self) -> None:
        """What was stalled goes on, and nothing stalls any more."""
        self._loop.call_soon_threadsafe(self._office.go_on.set)

    def has_stalled(self, step: Step) -> bool:
        """Has a letter come as far as this step?"""
        return self._office.reached[step].is_set()

    def letters(self, since: int = 0) -> list[Letter]:
        """Letters in the order they were taken, copies and all, from the `since`-th."""
        return [Letter(kept.raw, kept.sender, kept.recipients) for kept in self._office.letters[since:]]

    def copies(self) -> list[Copy]:
        """What stands in the book; with `dedupe` what the readers see."""
        book = self._book.read()
        told = {line["told"] for line in book if "told" in line}
        copies = [
            Copy(line["message_id"], who, line["sha256"], line["at"], line["place"] in told)
            for line in book
            if "place" in line
            for who in line["recipients"]
        ]
        if not self._dedupe:
            return copies
        return list({(copy.message_id, copy.recipient): copy for copy in reversed(copies)}.values())

    def _do(self, coroutine: object) -> None:
        future: Future[None] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)  # type: ignore[arg-type]
        future.result(20)
