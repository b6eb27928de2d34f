"""The sending way: letters are claimed from the desk, handed over, and their ends reported back.

Order for each letter, so that a crash at any instant costs at most one duplicate (P4):
1. claimed with a lease; the hands (`flow.hands`) try it, several letters at once;
2. the transport delivers up to the final dot;
3. the mark "dot comes next" is stored, the dot is written, its reply is read;
4. the result is stored in the spool; 5. the desk settles it; 6. the marks are cleared.
A result stored but not settled is settled at the next start and its letter is not sent again meanwhile.
Only a mark without a result is ambiguous: it is logged and the letter is tried again. Both hold for what other
nodes have left behind when they died; a node that was away for so long that others took over sends nothing.

Claims and settlements are transactions of the desk worker, shared by all letters that want one: under load a result
waits for up to `GATHER_SECONDS`, and letters are claimed ahead.

When the smarthost is down (R70) nothing more is claimed for a growing while, so that the letters that wait
lose no attempt; then one letter alone tries whether it is back.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

import structlog

from helpdesk.flow.attempt import Attempts, Transport, kind
from helpdesk.flow.hands import FIRST, MOST, Hands
from helpdesk.flow.marks import Marks
from helpdesk.flow.results import Results
from helpdesk.flow.waiting import Pause, first_of
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, TryLater
from helpdesk.store.marks import Unsettled

# Longer than the longest delivery (deliver.settings.Timeouts: 900 s before the dot + 600 s for its reply),
# or a letter would be claimed by another node while it is still in its dot.
LEASE = timedelta(minutes=30)

GATHER_SECONDS = 0.05

_log = structlog.get_logger()


class Office(Protocol):
    """The desk worker, as the sender sees it."""

    async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
        """Letters to send now. `in_hand` are all that the sender holds of those it got before; others that it got are
        given back untried."""

    async def settle(self, attempts: Sequence[Unsettled]) -> None:
        """All of them or none."""

    async def take_over(self) -> None:
        """What nodes that live no more had in hand is free for all."""


class Sender:
    """`sent` hears the seconds of every attempt in which a recipient accepted; `clock` is monotonic seconds.

    `hands`: how many letters are under way at once, at first and at most.
    `resting` is set while, as far as it knows, it could not do with more letters.
    `lives`: asked at the last instant before a dot, whether this node may still send.
    `receives`: do mails come in just now? They go before letters.
    """

    def __init__(
        self,
        transport: Transport,
        office: Office,
        marks: Marks,
        *,
        hands: tuple[int, int] = (FIRST, MOST),
        sent: Callable[[float], None] = lambda _seconds: None,
        lives: Callable[[], bool] = lambda: True,
        receives: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        host_pause: tuple[float, float] = (5.0, 300.0),
        idle: float = 30.0,
        stop_within: float = 15.0,
        resting: asyncio.Event | None = None,
    ) -> None:
        self._transport, self._office, self._marks = transport, office, marks
        self._resting = resting or asyncio.Event()
        self._sent = sent
        self._host = Pause(*host_pause, clock, chance)
        self._desk = Pause(
            1.0, 5.0, clock, chance
        )  # at work again 10 s after the disk has room (MAIL_RULES 5.2)
        self._idle, self._stop_within = idle, stop_within
        self._attempts = Attempts(transport, marks, lives)
        self._hands = Hands(self._attempts, marks, *hands, clock, self._tried, self._ended, receives)
        self._results = Results(office, marks)
        self._recovered = self._more_wait = self._giving_back = False
        self._turn = asyncio.Event()
        self._due = self._gathering = False

    def look_after_others(self) -> None:
        """Before the next claim: settle what dead nodes knew, and free what they had in hand."""
        self._recovered = False

    async def run_once(self) -> int:
        """Settle what is known, try one batch to its end and settle that; how many letters were tried."""
        tried = await self._round()
        await self._hands.all_ended()
        await self._safely(self._settle())
        await self._marks.flush()
        return tried

    async def run(self, wake: asyncio.Event, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then finish the dots in flight (at most `stop_within` seconds)."""
        try:
            while not stop.is_set():
                wake.clear()
                self._turn.clear()
                await self._round()
                pause = max(self._host.left(), self._desk.left()) or self._idle
                await first_of([wake.wait(), stop.wait(), self._turn.wait()], (), min(pause, self._idle))
            await self._finish()
        finally:
            await self._hands.cancel()
            await self._transport.close()
            self._marks.close()

    async def _round(self) -> int:
        """Settle what has ended, claim as many letters as there is room for and begin; how many were claimed."""
        if self._desk.left() > 0:
            self._resting.set()
            return 0
        claimed = await self._safely(self._exchange())
        if claimed is None:
            return 0
        self._desk.over()
        return claimed

    async def _safely(self, dealing: Coroutine[Any, Any, int]) -> int | None:
        """None where the desk or the spool is away, which is remembered."""
        try:
            return await dealing
        except Exception as trouble:  # noqa: BLE001 - rim of the loop
            self._desk.trouble()
            _log.warning("the sender cannot reach the desk", action="send_stalled", error=kind(trouble))
            return None

    async def _exchange(self) -> int:
        self._take_back_stock()
        if not (self._due or self._giving_back or self._room() or not self._recovered):
            self._rest()
            return 0
        await self._recover()
        return await self._claim()

    async def _recover(self) -> None:
        """P4: what is known from before a crash is settled before anything is claimed."""
        recovered, self._recovered = self._recovered, True
        try:
            if not recovered and await self._results.find_what_was_left():
                self._hands.be_careful()
            await self._settle()
            if not recovered:
                await self._office.take_over()
        except BaseException:
            self._recovered = recovered
            raise

    def _take_back_stock(self) -> None:
        if self._host.left() > 0 or self._hands.stock_is_stuck:
            self._giving_back |= self._hands.empty_stock()

    def _room(self) -> int:
        return 0 if self._host.left() > 0 else self._hands.room(alone=self._host.doubtful)

    async def _claim(self) -> int:
        begun = 0
        if (room := self._room()) or self._giving_back:
            claimed = await self._ask_for(room)
            self._more_wait = len(claimed) >= room > 0
            begun = self._take(claimed)
        self._rest()
        return begun

    def _take(self, claimed: Sequence[QueuedLetter]) -> int:
        if claimed and self._host.left() > 0:  # the mail server went down meanwhile: the desk gets them back
            self._giving_back = True
            self._turn.set()
            return 0
        self._hands.take(claimed, more_wait=self._more_wait and not self._host.doubtful)
        return len(claimed)

    async def _ask_for(self, room: int) -> Sequence[QueuedLetter]:
        held = self._hands.holds | self._results.letters
        claimed = await self._office.claim(room, held)
        self._giving_back = False
        # what was in our hands all the time: its lease has run out
        return [letter for letter in claimed if letter.id not in held]

    def _rest(self) -> None:
        """The sender needs nothing of the desk: nothing more waits there, or nothing more can be tried."""
        if self._more_wait and self._room():
            self._resting.clear()
        else:
            self._resting.set()

    def _tried(self, letter: QueuedLetter, outcomes: Mapping[str, Outcome], seconds: float) -> None:
        self._results.add(letter.id, outcomes)
        later = [end for end in outcomes.values() if isinstance(end, TryLater)]
        if any(end.host_down for end in later):
            self._host.trouble()
            self._giving_back |= self._hands.empty_stock()
        elif any(end.ours for end in later):
            self._desk.trouble()
        else:
            self._host.over()
        if any(isinstance(end, Accepted) for end in outcomes.values()):
            self._sent(seconds)

    def _ended(self) -> None:
        """A hand is free: is it time to turn to the desk?"""
        self._rest()
        if self._hands.are_idle or (self._more_wait and self._room()):
            self._turn_to_desk()
        elif not self._gathering:
            self._gathering = True
            asyncio.get_running_loop().call_later(GATHER_SECONDS, self._turn_to_desk)

    def _turn_to_desk(self) -> None:
        self._gathering = False
        self._due = True
        self._turn.set()

    async def _settle(self) -> int:
        """What has ended and is stored; how many."""
        self._due = False  # what ends meanwhile is due again
        try:
            return await self._results.settle(self._hands.in_hand)
        except Exception:
            self._due = True
            raise

    async def _finish(self) -> None:
        if self._hands.empty_stock():
            await self._safely(self._give_back())
        await self._hands.wait(self._stop_within)
        self._attempts.cut()
        await self._hands.wait(self._stop_within)
        await self._safely(self._settle())
        await self._marks.flush()

    async def _give_back(self) -> int:
        return len(await self._ask_for(0))
