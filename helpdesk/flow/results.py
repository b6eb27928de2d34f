"""What became of letters, until the desk has settled it (P4).

A result is settled once its hand has stored it, together with all others; then its marks are forgotten. What nodes
that live no more have left is settled in the same way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

import structlog

from helpdesk.flow.marks import Marks
from helpdesk.model.outcome import Outcome
from helpdesk.store.marks import Cleared, Unsettled

_log = structlog.get_logger()


class Settling(Protocol):
    async def settle(self, attempts: Sequence[Unsettled]) -> None:
        """All of them or none."""


class Results:
    def __init__(self, desk: Settling, marks: Marks) -> None:
        self._desk, self._marks = desk, marks
        self._known: dict[Cleared, Mapping[str, Outcome]] = {}
        self._told: set[int] = set()

    @property
    def letters(self) -> set[int]:
        """Whose attempts have ended, and the desk does not know how."""
        return {letter_id for letter_id, _ in self._known}

    def add(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        self._known[letter_id, self._marks.node] = outcomes

    async def find_what_was_left(self) -> bool:
        """By nodes that live no more; has one of them died while it sent? Tell of letters that it had in its dot."""
        in_dot = await self._marks.ambiguous()
        died_sending = not self._told.issuperset(in_dot)
        for letter_id, recipients in in_dot.items():
            if letter_id not in self._told:
                _log.warning(
                    "a letter may have been handed over just before a crash; it is tried again",
                    action="letter_ambiguous",
                    letter_id=letter_id,
                    recipients=len(recipients),
                )
            self._told.add(letter_id)
        for left in await self._marks.unsettled():
            died_sending = True
            self._known[left.letter_id, left.node] = left.outcomes
        return died_sending

    async def settle(self, in_hand: Collection[int]) -> int:
        """All but those of letters `in_hand`; how many. Raises what the desk raises; what it took is settled."""
        ended = [attempt for attempt in self._known if attempt[0] not in in_hand]
        if ended:
            await self._settle(ended)
        return len(ended)

    async def _settle(self, ended: Sequence[Cleared]) -> None:
        """Where they cannot be settled together, each alone, that one may not hold back the others."""
        try:
            await self._desk.settle([Unsettled(*attempt, self._known[attempt]) for attempt in ended])
        except Exception:
            if len(ended) == 1:
                raise
            alone = (self._settle([attempt]) for attempt in ended)
            ends = await asyncio.gather(*alone, return_exceptions=True)
            if troubles := [end for end in ends if end is not None]:
                raise troubles[0] from None
            return
        self._marks.clear(ended)
        for attempt in ended:
            del self._known[attempt]
