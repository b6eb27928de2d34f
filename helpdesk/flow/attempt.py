"""One attempt to hand a letter over: the mark before its dot, its time limit, what is said about it in the log.

An attempt always ends with an outcome for every recipient, or with the news that the letter is in other hands.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import structlog

from helpdesk.flow.marks import Marks
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater
from helpdesk.store.nodes import TakenOver

OWN_TROUBLE = "trouble of our own while sending: {kind}"
NO_RESULT = "the attempt ended without a result for this recipient"

_log = structlog.get_logger()
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


class Stopped(Exception):
    """The desk ends, and nobody knows how the attempt would have: the next start tries the letter at once."""


class NotMarked(Exception):
    """The mark before the dot could not be stored, so the dot was not written."""


class Transport(Protocol):
    """One attempt to hand a letter over. `before_dot` is awaited at the last instant before it can be taken."""

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]: ...

    async def close(self) -> None: ...


class Attempts:
    """Makes attempts. `lives`: is this node, as far as it knows, still the one that may send?"""

    def __init__(self, transport: Transport, marks: Marks, lives: Callable[[], bool]) -> None:
        self._transport, self._marks, self._lives = transport, marks, lives
        self._limits: set[asyncio.Timeout] = set()

    async def make(self, letter: QueuedLetter) -> Mapping[str, Outcome]:
        """The outcome for each recipient. Raises TakenOver: the letter is in other hands, and was not sent. Raises
        Stopped after `cut`; whether the letter was in its dot then, its mark says."""

        async def before_dot() -> None:
            try:
                await self._marks.dot(letter.id, letter.recipients)
            except TakenOver:
                raise
            except Exception as trouble:
                raise NotMarked(kind(trouble)) from trouble
            if not self._lives():  # frozen just now, after the mark and before the dot
                raise TakenOver(f"letter {letter.id}: this node's lease has run out")

        ends: Mapping[str, Outcome] = {}
        missing = TryLater(NO_RESULT)
        try:
            async with asyncio.timeout(None) as limit:
                self._limits.add(limit)
                ends = await self._transport.deliver(letter, before_dot)
        except TimeoutError as cut:
            raise Stopped from cut
        except TakenOver:
            raise
        except NotMarked as trouble:
            missing = TryLater(OWN_TROUBLE.format(kind=trouble), ours=True)
        except Exception as trouble:  # noqa: BLE001 - rim of the loop: one letter must not stop the others
            missing = TryLater(OWN_TROUBLE.format(kind=kind(trouble)), host_down=True)
        finally:
            self._limits.discard(limit)
        return {recipient: ends.get(recipient, missing) for recipient in letter.recipients}

    def cut(self) -> None:
        """All attempts under way end now."""
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time())


def tell(letter: QueuedLetter, outcomes: Mapping[str, Outcome], seconds: float) -> None:
    """One line per attempt. T24: replies quote addresses, the log does not."""
    action, reasons = _summary(outcomes)
    _log.info(
        "a letter was tried",
        action=action,
        letter_id=letter.id,
        message_id=letter.message_id,
        letter=letter.letter,
        attempt=letter.attempts,
        recipients=len(outcomes),
        accepted=sum(isinstance(end, Accepted) for end in outcomes.values()),
        reasons=reasons,
        seconds=round(seconds, 3),
    )


def _summary(outcomes: Mapping[str, Outcome]) -> tuple[str, list[str]]:
    refused = [end.reason for end in outcomes.values() if isinstance(end, Refused)]
    later = [end.reason for end in outcomes.values() if isinstance(end, TryLater)]
    action = "letter_refused" if refused else "letter_later" if later else "letter_sent"
    return action, [_ADDRESS.sub("(address)", reason) for reason in dict.fromkeys(refused + later)]


def kind(trouble: Exception) -> str:
    """The kind only: texts of errors may hold addresses, paths and secrets (T24)."""
    return type(trouble).__name__
