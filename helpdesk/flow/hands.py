"""The sender's hands: each has one letter at a time; letters beyond wait in a stock for the next free hand.

While the desk worker is busy with mail the hands live on the stock. It grows while letters wait at the desk and
the hands are quick, to what they carry within a second or two; where they become slow the desk gets it back. So no
letter waits here for long enough that its lease could run out, or another node's free hands would miss it.

There are more hands while letters wait and are accepted, as Postfix does it (`default_destination_concurrency_limit`),
and as few as in the beginning when one has to be tried later. While mails come in, whose senders wait for their 250,
those many hands rest which would only be quicker than quick.

Where a sender died with letters in their dots there is one hand for a while: what died may die again, and every letter
that is in its dot then comes twice (P4).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence

import structlog

from helpdesk.flow.attempt import Attempts, Stopped, kind, tell
from helpdesk.flow.marks import Marks
from helpdesk.model.outcome import Outcome, QueuedLetter, TryLater
from helpdesk.store.nodes import TakenOver

FIRST, MOST = 4, 16
STOCK_SECONDS, STUCK_SECONDS = 1.0, 10.0
QUICK_SECONDS = 0.05
"""An attempt so short is this machine's work; a longer one is waiting, which more hands can do at the same time."""
CAREFUL_SECONDS = 10.0
MOST_IN_STOCK = 256
_GROWTH = 4

_log = structlog.get_logger()

Heard = Callable[[QueuedLetter, Mapping[str, Outcome], float], None]


class Hands:
    """At first so many, and `most` in the end. `tried` hears the outcomes and the seconds of every attempt as soon as
    it has ended, `ended` is called when its result is stored and its hand is free. `receives`: do mails come in just
    now? `clock` is monotonic seconds."""

    def __init__(
        self,
        attempts: Attempts,
        marks: Marks,
        first: int,
        most: int,
        clock: Callable[[], float],
        tried: Heard,
        ended: Callable[[], None],
        receives: Callable[[], bool],
    ) -> None:
        self._attempts, self._marks, self._clock = attempts, marks, clock
        self._first = self._parallel = first
        self._most = most
        self._tried, self._ended, self._receives = tried, ended, receives
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._stock: deque[tuple[QueuedLetter, float]] = deque()  # with the time since when each waits
        self._most_in_stock = 0
        self._waited = 0.0
        self._quick = False
        self._careful_until = clock()

    @property
    def holds(self) -> set[int]:
        """The letters in hand and in stock."""
        return {*self._tasks, *(letter.id for letter, _ in self._stock)}

    @property
    def in_hand(self) -> Collection[int]:
        """The letters that are being tried."""
        return self._tasks.keys()

    @property
    def are_idle(self) -> bool:
        return not self._tasks

    @property
    def stock_is_stuck(self) -> bool:
        """The hands have become slow: what waits for them had better be free for others."""
        return bool(self._stock) and self._clock() - self._stock[0][1] > STUCK_SECONDS

    def room(self, *, alone: bool) -> int:
        """How many letters to claim now. `alone`: one letter shall try for all whether the mail server is back."""
        if alone:
            return 0 if self._tasks else 1
        if len(self._stock) > self._most_in_stock // 2:  # not low enough yet
            return 0
        return max(0, self._parallel - len(self._tasks)) + self._most_in_stock - len(self._stock)

    def be_careful(self) -> None:
        """A sender has just died at its work, this one's forerunner or another node's."""
        self._careful_until = self._clock() + CAREFUL_SECONDS

    def take(self, letters: Sequence[QueuedLetter], *, more_wait: bool) -> None:
        """Begin with them. `more_wait`: there may be more at the desk than there was room for."""
        self._fit_stock(more_wait)
        now = self._clock()
        self._stock.extend((letter, now) for letter in letters)
        self._begin()

    def empty_stock(self) -> bool:
        """Try none of those that wait for a hand; was there any?"""
        had_some = bool(self._stock)
        self._stock.clear()
        self._most_in_stock = 0
        return had_some

    async def all_ended(self) -> None:
        """When the stock is empty and every hand free."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def wait(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)

    async def cancel(self) -> None:
        self.empty_stock()
        for task in self._tasks.values():
            task.cancel()
        await self.all_ended()

    def _fit_stock(self, more_wait: bool) -> None:
        """Four times as many while none waits for long, half as many when the last one did."""
        if self._waited > STOCK_SECONDS:
            self._most_in_stock //= 2
        elif more_wait:
            self._most_in_stock = min(_GROWTH * max(self._parallel, self._most_in_stock), MOST_IN_STOCK)

    def _fit_hands(self, outcomes: Mapping[str, Outcome]) -> None:
        if any(isinstance(end, TryLater) for end in outcomes.values()):
            self._parallel = self._first
        elif self._stock:
            self._parallel = min(self._parallel + 1, self._most)

    def _now_at_once(self) -> int:
        if self._clock() < self._careful_until:
            return 1
        return self._first if self._quick and self._receives() else self._parallel

    def _begin(self) -> None:
        while self._stock and len(self._tasks) < self._now_at_once():
            letter, since = self._stock.popleft()
            self._waited = self._clock() - since
            self._tasks[letter.id] = asyncio.create_task(self._serve(letter))

    async def _serve(self, letter: QueuedLetter) -> None:
        began = self._clock()
        try:
            outcomes = await self._attempts.make(letter)
            seconds = self._clock() - began
            tell(letter, outcomes, seconds)
            self._tried(letter, outcomes, seconds)
            self._quick = seconds < QUICK_SECONDS
            self._fit_hands(outcomes)
            await self._keep(letter.id, outcomes)
        except Stopped:
            _log.info("stopped while it was sent", action="letter_stopped", letter_id=letter.id)
        except TakenOver as why:
            _log.warning("not sent", action="letter_taken_over", letter_id=letter.id, reason=str(why))
        finally:
            del self._tasks[letter.id]
            self._begin()
            self._ended()

    async def _keep(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        """Stored first, then settled: if this fails the settlement still holds."""
        try:
            await self._marks.result(letter_id, outcomes)
        except Exception as trouble:  # noqa: BLE001 - rim of the loop
            _log.error(
                "a result could not be stored",
                action="mark_failed",
                letter_id=letter_id,
                error=kind(trouble),
            )
