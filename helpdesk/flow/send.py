"""The sending way: letters are claimed from the desk, handed over, and their ends reported back.

Order for each letter, so that a crash at any instant costs at most one duplicate (P4):
1. claimed with a lease, `parallel` at once; a letter that is claimed is tried at once, never kept waiting;
2. the transport delivers up to the final dot;
3. the mark "dot comes next" is stored, the dot is written, its reply is read;
4. the result is stored in the spool; 5. the desk settles it; 6. the marks are cleared.
A result stored but not settled is settled at the next start and its letter is not sent again meanwhile.
Only a mark without a result is ambiguous: it is logged and the letter is tried again.

When the smarthost is down (R70) nothing more is claimed for a growing while, so that the letters that wait
lose no attempt; then one letter alone tries whether it is back.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from helpdesk.flow.marks import Marks
from helpdesk.flow.waiting import Pause, first_of
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater

# Longer than the longest delivery (deliver.settings.Timeouts: 900 s before the dot + 600 s for its reply),
# or a letter would be claimed by another node while it is still in its dot.
LEASE = timedelta(minutes=30)

STOPPED = "the desk was stopped before the letter was handed over"
STOPPED_IN_DOT = "the reply to the final dot was lost: the desk was stopped while it waited"
OWN_TROUBLE = "trouble of our own while sending: {kind}"
NO_RESULT = "the attempt ended without a result for this recipient"

_log = structlog.get_logger()
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


class Transport(Protocol):
    """One attempt to hand a letter over. `before_dot` is awaited at the last instant before it can be taken."""

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]: ...

    async def close(self) -> None: ...


class Office(Protocol):
    """The desk worker, as the sender sees it."""

    async def claim(self, limit: int) -> Sequence[QueuedLetter]: ...

    async def settle(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None: ...


class Sender:
    """`sent` hears the seconds of every attempt in which a recipient accepted; `clock` is monotonic seconds."""

    def __init__(
        self,
        transport: Transport,
        office: Office,
        marks: Marks,
        parallel: int = 4,
        *,
        sent: Callable[[float], None] = lambda _seconds: None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        host_pause: tuple[float, float] = (5.0, 300.0),
        idle: float = 30.0,
        stop_within: float = 15.0,
    ) -> None:
        self._transport, self._office, self._marks = transport, office, marks
        self._parallel = parallel
        self._sent, self._clock = sent, clock
        self._host = Pause(*host_pause, clock, chance)
        self._desk = Pause(1.0, 30.0, clock, chance)
        self._idle, self._stop_within = idle, stop_within
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._limits: set[asyncio.Timeout] = set()
        self._known: dict[int, Mapping[str, Outcome]] = {}
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
            _log.warning("the sender cannot reach the desk", action="send_stalled", error=_kind(trouble))
            return 0
        self._desk.over()
        return begun

    async def _recover(self) -> None:
        """P4: what is known from before a crash is settled before anything is claimed."""
        if not self._recovered:
            for letter_id, recipients in (await self._marks.ambiguous()).items():
                _log.warning(
                    "a letter may have been handed over just before a crash; it is tried again",
                    action="letter_ambiguous",
                    letter_id=letter_id,
                    recipients=len(recipients),
                )
            self._known.update(await self._marks.unsettled())
            self._recovered = True
        for letter_id, outcomes in list(self._known.items()):
            if letter_id not in self._tasks:
                await self._settle(letter_id, outcomes)

    async def _begin(self) -> int:
        free = (1 if self._host.doubtful else self._parallel) - len(self._tasks)
        if free <= 0 or self._host.left() > 0:
            return 0
        begun = 0
        for letter in await self._office.claim(free):
            if letter.id in self._tasks or letter.id in self._known:  # its lease ran out in our hands
                continue
            self._tasks[letter.id] = asyncio.create_task(self._serve(letter))
            begun += 1
        return begun

    async def _serve(self, letter: QueuedLetter) -> None:
        began = self._clock()
        try:
            outcomes = await self._attempt(letter)
            self._known[letter.id] = outcomes
            self._learn(outcomes)
            self._tell(letter, outcomes, self._clock() - began)
            await self._report(letter.id, outcomes)
        finally:
            del self._tasks[letter.id]

    async def _attempt(self, letter: QueuedLetter) -> Mapping[str, Outcome]:
        in_dot = False

        async def before_dot() -> None:
            nonlocal in_dot
            await self._marks.dot(letter.id, letter.recipients)
            in_dot = True

        ends: Mapping[str, Outcome] = {}
        missing = TryLater(NO_RESULT)
        try:
            async with asyncio.timeout(None) as limit:
                self._limits.add(limit)
                ends = await self._transport.deliver(letter, before_dot)
        except TimeoutError:
            missing = TryLater(STOPPED_IN_DOT if in_dot else STOPPED)
        except Exception as trouble:  # noqa: BLE001 - rim of the loop: one letter must not stop the others
            missing = TryLater(OWN_TROUBLE.format(kind=_kind(trouble)), host_down=True)
        finally:
            self._limits.discard(limit)
        return {recipient: ends.get(recipient, missing) for recipient in letter.recipients}

    def _learn(self, outcomes: Mapping[str, Outcome]) -> None:
        if any(isinstance(end, TryLater) and end.host_down for end in outcomes.values()):
            self._host.trouble()
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
                error=_kind(trouble),
            )
        try:
            await self._settle(letter_id, outcomes)
        except Exception as trouble:  # noqa: BLE001 - rim of the loop
            self._desk.trouble()
            _log.warning(
                "a result waits for the desk",
                action="settle_failed",
                letter_id=letter_id,
                error=_kind(trouble),
            )

    async def _settle(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        await self._office.settle(letter_id, outcomes)
        await self._marks.clear([letter_id])
        self._known.pop(letter_id, None)

    def _tell(self, letter: QueuedLetter, outcomes: Mapping[str, Outcome], seconds: float) -> None:
        """One line per letter. T24: replies quote addresses, the log does not."""
        accepted = sum(isinstance(end, Accepted) for end in outcomes.values())
        action, reasons = _summary(outcomes)
        _log.info(
            "a letter was tried",
            action=action,
            letter_id=letter.id,
            message_id=letter.message_id,
            letter=letter.letter,
            attempt=letter.attempts,
            recipients=len(outcomes),
            accepted=accepted,
            reasons=reasons,
            seconds=round(seconds, 3),
        )
        if accepted:
            self._sent(seconds)

    async def _finish(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=self._stop_within)
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time())
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=self._stop_within)

    async def _all_ended(self) -> None:
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def _summary(outcomes: Mapping[str, Outcome]) -> tuple[str, list[str]]:
    refused = [end.reason for end in outcomes.values() if isinstance(end, Refused)]
    later = [end.reason for end in outcomes.values() if isinstance(end, TryLater)]
    action = "letter_refused" if refused else "letter_later" if later else "letter_sent"
    return action, [_ADDRESS.sub("(address)", reason) for reason in dict.fromkeys(refused + later)]


def _kind(trouble: Exception) -> str:
    """The kind only: texts of errors may hold addresses, paths and secrets (T24)."""
    return type(trouble).__name__
