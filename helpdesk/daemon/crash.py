"""Dying at a named point, for tests of what a power cut does (MAIL_RULES 5.1c). Without the variable: nothing.

    HELPDESK_CRASH_AT="before intake:2,after dot:1" helpdesk serve

ends the process, without a word to anybody, when it passes one of these points for the n-th time. Points are
`before WHAT` and `after WHAT` for every commit, by the name that `Database.write` was given (a group commit of
several is "a+b" and passes each of them), and around a letter's dot: `before dot` (the body is out, nothing is
marked), `after dot` (the reply was read, and nothing on disk says so).
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping

from helpdesk.flow.attempt import Transport
from helpdesk.model.outcome import Outcome, QueuedLetter

VARIABLE = "HELPDESK_CRASH_AT"
CODE = 137
"""As after a SIGKILL."""

Passed = Callable[[str], None]


def points() -> Passed | None:
    """What is to be called when a point is passed; None, always but in such tests, when nothing is wanted."""
    wanted = os.environ.get(VARIABLE, "")
    return Mines(wanted) if wanted else None


class Mines:
    """Counts passages in this process. `explode` is what happens at the one that was asked for."""

    def __init__(self, wanted: str, explode: Callable[[], object] = lambda: os._exit(CODE)) -> None:
        pairs = (one.rpartition(":") for one in wanted.split(","))
        self._left = {name.strip(): int(count) for name, _, count in pairs}
        self._explode = explode

    def __call__(self, passed: str) -> None:
        when, _, what = passed.partition(" ")
        for name in what.split("+"):
            self._pass(f"{when} {name}")

    def _pass(self, name: str) -> None:
        if name not in self._left:
            return
        self._left[name] -= 1
        if self._left[name] == 0:
            self._explode()


class MinedTransport:
    """A transport that tells when a letter's dot is passed."""

    def __init__(self, transport: Transport, passed: Passed) -> None:
        self._transport, self._passed = transport, passed

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        dotted = False

        async def at_the_dot() -> None:
            nonlocal dotted
            self._passed("before dot")
            await before_dot()
            dotted = True

        outcomes = await self._transport.deliver(letter, at_the_dot)
        if dotted:
            self._passed("after dot")
        return outcomes

    async def close(self) -> None:
        await self._transport.close()
