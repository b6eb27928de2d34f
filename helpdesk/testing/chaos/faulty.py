"""A daemon with one faulty part: `python -m helpdesk.testing.chaos.faulty CONFIG BUG`. For tests of the judge only.

The faults are those of MAIL_RULES 5, each a part that stands in a good one's place (`daemon.parts`); nothing of
the product is changed. What no daemon can be given (two hands at one outbox) is in `chaos.hands`.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from helpdesk.config import Config
from helpdesk.daemon import building, logs, serving
from helpdesk.daemon.link import WorkerLink
from helpdesk.daemon.office import DeskOffice
from helpdesk.daemon.parts import Parts
from helpdesk.flow.attempt import Transport
from helpdesk.flow.receive import Receiver
from helpdesk.model.mail import Arrival
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused
from helpdesk.store.inbox import Cursor
from helpdesk.store.marks import Unsettled

_LONG_ENOUGH_SECONDS = 0.3
BeforeDot = Callable[[], Awaitable[None]]


class CommitsAfterTheReply(Receiver):
    """Says that a mail is stored, and then stores it."""

    async def accept(self, arrival: Arrival) -> int:
        self._ask((arrival,), None)
        return 0

    def _write(self, batch: list[Any]) -> None:
        time.sleep(_LONG_ENOUGH_SECONDS)
        super()._write(batch)


class MovesTheCursorFirst(Receiver):
    """The mailbox counts as read before its mails are stored."""

    def accept_now(self, arrivals: Sequence[Arrival], cursor: Cursor | None = None) -> list[int]:
        super().accept_now((), cursor)
        return super().accept_now(arrivals) if arrivals else []


class SettlesBeforeSending(DeskOffice):
    """Whatever is claimed is booked as sent."""

    async def claim(self, limit: int, in_hand: Collection[int]) -> Sequence[QueuedLetter]:
        letters = await super().claim(limit, in_hand)
        node = self._link._node  # noqa: SLF001 - a fault has no manners
        await self.settle(
            [
                Unsettled(letter.id, node, dict.fromkeys(letter.recipients, Accepted("250 surely")))
                for letter in letters
            ]
        )
        return letters


class _Wrapped:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def close(self) -> None:
        await self._transport.close()


class NewIdForEachTry(_Wrapped):
    """Renders a letter anew whenever it is tried."""

    async def deliver(self, letter: QueuedLetter, before_dot: BeforeDot) -> Mapping[str, Outcome]:
        fresh = f"Message-ID: <try{letter.attempts}.".encode()
        raw = re.sub(rb"^Message-ID: <", fresh, letter.raw, count=1, flags=re.M | re.I)
        return await self._transport.deliver(replace(letter, raw=raw), before_dot)


class SwallowsRefusals(_Wrapped):
    """What the server refuses counts as handed over."""

    async def deliver(self, letter: QueuedLetter, before_dot: BeforeDot) -> Mapping[str, Outcome]:
        ends = await self._transport.deliver(letter, before_dot)
        return {who: Accepted(end.reason) if isinstance(end, Refused) else end for who, end in ends.items()}


def _transport(kind: Callable[[Transport], Transport]) -> Callable[[Config], Transport]:
    return lambda config: kind(building.transport(config))


def _hasty_office(link: WorkerLink) -> DeskOffice:
    return SettlesBeforeSending(link)


BUGS: Mapping[str, Parts] = {
    "commit after 250": Parts(receiver=CommitsAfterTheReply),
    "mark sent before send": Parts(office=_hasty_office),
    "no dedupe": Parts(worker="helpdesk.testing.chaos.forgetful"),
    "cursor before commit": Parts(receiver=MovesTheCursorFirst),
    "new Message-ID per try": Parts(transport=_transport(NewIdForEachTry)),
    "swallowed refusal": Parts(transport=_transport(SwallowsRefusals)),
}


def main() -> None:
    logs.configure()
    parts = BUGS[sys.argv[2]]
    asyncio.run(serving.serve(Config.load(Path(sys.argv[1])), serving.say_ready, parts=parts))
