"""The sending way: letters are claimed from the desk, handed over, and their ends reported back.

Order for each letter, so that a crash at any instant costs at most one duplicate (P4):
1. claimed with a lease, `parallel` at once; a letter that is claimed is tried at once, never kept waiting;
2. the transport delivers up to the final dot;
3. the mark "dot comes next" is stored, the dot is written, its reply is read;
4. the result is stored in the spool; 5. the desk settles it; 6. the marks are cleared.
A result stored but not settled is settled at the next start and its letter is not sent again meanwhile.
Only a mark without a result is ambiguous: it is logged and the letter is tried again. Both hold for what other
nodes have left behind when they died; a node that was away for so long that others took over sends nothing.

When the smarthost is down (R70) nothing more is claimed for a growing while, so that the letters that wait
lose no attempt; then one letter alone tries whether it is back.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from helpdesk.flow.attempt import Attempts, Stopped, Transport, kind, tell
from helpdesk.flow.marks import Marks
from helpdesk.flow.waiting import Pause, first_of
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, TryLater
from helpdesk.store.nodes import TakenOver

# Longer than the longest delivery (deliver.settings.Timeouts: 900 s before the dot + 600 s for its reply),
# or a letter would be claimed by another node while it is still in its dot.
LEASE = timedelta(minutes=30)

_log = structlog.get_logger()


class Office(Protocol):
    """The desk worker, as the sender sees it. `node` is the one whose attempt it was."""

    async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
        """Letters to send now. `in_hand` are all that the sender holds of those it got before."""

    async def settle(self, letter_id: int, outcomes: Mapping[str, Outcome], node: str) -> None: ...

    async def take_over(self) -> None:
        """What nodes that live no more had in hand is free for all."""


class Sender:
    """`sent` hears the seconds of every attempt in which a recipient accepted; `clock` is monotonic seconds.

    `resting` is set while, as far as it knows, no letter waits.
    `lives`: asked at the last instant before a dot, whether this node may still send.
    """

    def __init__(
        self,
        transport: Transport,
        office: Office,
        marks: Marks,
        parallel: int = 4,
        *,
        sent: Callable[[float], None] = lambda _seconds: None,
        lives: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        host_pause: tuple[float, float] = (5.0, 300.0),
        idle: float = 30.0,
        stop_within: float = 15.0,
        resting: asyncio.Event | None = None,
    ) -> None:
        self._transport, self._office, self._marks = transport, office, marks
        self._parallel = parallel
        self._resting = resting or asyncio.Event()
        self._sent, self._clock = sent, clock
        self._host = Pause(*host_pause, clock, chance)
        self._desk = Pause(
            1.0, 5.0, clock, chance
        )  # at work again 10 s after the disk has room (MAIL_RULES 5.2)
        self._idle, self._stop_within = idle, stop_within
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._attempts = Attempts(transport, marks, lives)
        self._known: dict[tuple[int, str], Mapping[str, Outcome]] = {}  # by letter and the node that tried it
        self._recovered = False
        self._told: set[int] = set()

    def look_after_others(self) -> None:
        """Before the next claim: settle what dead nodes knew, and free what they had in hand."""
        self._recovered = False

    async def run_once(self) -> int:
        """Settle what is known, try one batch to its end; how many letters were tried."""
        tried = await self._round()
        await self._all_ended()
        return tried

    async def run(self, wake: asyncio.Event, stop: asyncio.Event) -> None:
        """Send until `stop` is set; then finish the dots in flight (at most `stop_within` seconds)."""
        try:
            while not stop.is_set():
                wake.clear()
                await self._round()
                pause = max(self._host.left(), self._desk.left()) or self._idle
                await first_of([wake.wait(), stop.wait()], self._tasks.values(), min(pause, self._idle))
            await self._finish()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await self._all_ended()
            await self._transport.close()

    async def _round(self) -> int:
        """Claim as many letters as there are free hands and begin with each; how many were begun."""
        if self._desk.left() > 0:
            return 0
        try:
            await self._recover()
            begun = await self._begin()
        except Exception as trouble:  # noqa: BLE001 - rim of the loop: the desk or the spool is away
            self._desk.trouble()
            _log.warning("the sender cannot reach the desk", action="send_stalled", error=kind(trouble))
            return 0
        self._desk.over()
        return begun

    async def _recover(self) -> None:
        """P4: what is known from before a crash is settled before anything is claimed."""
        recovered, self._recovered = self._recovered, True
        try:
            if not recovered:
                await self._find_what_was_left()
            for letter_id, node in list(self._known):
                if letter_id not in self._tasks:
                    await self._settle(letter_id, node)
            if not recovered:
                await self._office.take_over()
        except BaseException:
            self._recovered = recovered
            raise

    async def _find_what_was_left(self) -> None:
        for letter_id, recipients in (await self._marks.ambiguous()).items():
            if letter_id not in self._told:
                _log.warning(
                    "a letter may have been handed over just before a crash; it is tried again",
                    action="letter_ambiguous",
                    letter_id=letter_id,
                    recipients=len(recipients),
                )
            self._told.add(letter_id)
        for left in await self._marks.unsettled():
            self._known[left.letter_id, left.node] = left.outcomes

    async def _begin(self) -> int:
        free = (1 if self._host.doubtful else self._parallel) - len(self._tasks)
        if self._host.left() > 0:
            self._resting.set()
            return 0
        if free <= 0:
            return 0
        begun = 0
        in_hand = {*self._tasks, *(letter_id for letter_id, _ in self._known)}
        for letter in await self._office.claim(free, in_hand):
            if letter.id in in_hand:  # its lease ran out in our hands
                continue
            self._tasks[letter.id] = asyncio.create_task(self._serve(letter))
            begun += 1
        self._rest(begun == 0)
        return begun

    def _rest(self, nothing_waits: bool) -> None:
        if nothing_waits:
            self._resting.set()
        else:
            self._resting.clear()

    async def _serve(self, letter: QueuedLetter) -> None:
        began = self._clock()
        try:
            outcomes = await self._attempts.make(letter)
            self._known[letter.id, self._marks.node] = outcomes
            self._learn(outcomes)
            seconds = self._clock() - began
            tell(letter, outcomes, seconds)
            if any(isinstance(end, Accepted) for end in outcomes.values()):
                self._sent(seconds)
            await self._report(letter.id, outcomes)
        except Stopped:
            _log.info("stopped while it was sent", action="letter_stopped", letter_id=letter.id)
        except TakenOver as why:
            _log.warning("not sent", action="letter_taken_over", letter_id=letter.id, reason=str(why))
        finally:
            del self._tasks[letter.id]

    def _learn(self, outcomes: Mapping[str, Outcome]) -> None:
        later = [end for end in outcomes.values() if isinstance(end, TryLater)]
        if any(end.host_down for end in later):
            self._host.trouble()
        elif any(end.ours for end in later):
            self._desk.trouble()
        else:
            self._host.over()

    async def _report(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        """Stored first, then settled; if either fails the other still holds, and `_recover` tries again."""
        try:
            await self._marks.result(letter_id, outcomes)
        except Exception as trouble:  # noqa: BLE001 - rim of the loop
            _log.error(
                "a result could not be stored",
                action="mark_failed",
                letter_id=letter_id,
                error=kind(trouble),
            )
        try:
            await self._settle(letter_id, self._marks.node)
        except Exception as trouble:  # noqa: BLE001 - rim of the loop
            self._desk.trouble()
            _log.warning(
                "a result waits for the desk",
                action="settle_failed",
                letter_id=letter_id,
                error=kind(trouble),
            )

    async def _settle(self, letter_id: int, node: str) -> None:
        await self._office.settle(letter_id, self._known[letter_id, node], node)
        await self._marks.clear(letter_id, node)
        self._known.pop((letter_id, node), None)

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=self._stop_within)
        self._attempts.cut()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=self._stop_within)

    async def _all_ended(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
