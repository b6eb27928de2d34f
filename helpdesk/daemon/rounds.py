"""What the alarm clock rings in the front: the rounds that find whatever a lost wake-up would have left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from helpdesk.daemon import pipe
from helpdesk.daemon.intake import Intake
from helpdesk.daemon.limits import Limits
from helpdesk.daemon.link import OrderFailed, WorkerLink, WorkerLost
from helpdesk.daemon.lookout import Lookout
from helpdesk.daemon.mailboxes import Mailboxes
from helpdesk.daemon.membership import Membership
from helpdesk.flow.send import Sender
from helpdesk.timers.ticker import Ticker
from helpdesk.web.health import Hearts

_log = structlog.get_logger()


class Rounds:
    """`letters` wakes the sender, which sets `resting` while it needs nothing. The front sets `sender` when there is
    one."""

    def __init__(
        self,
        limits: Limits,
        clock: Callable[[], datetime],
        link: WorkerLink,
        intake: Intake,
        letters: asyncio.Event,
        resting: asyncio.Event,
        hearts: Hearts,
    ) -> None:
        self._limits, self._clock = limits, clock
        self._link, self._intake, self._hearts = link, intake, hearts
        self._letters, self._resting = letters, resting
        self._ticker = Ticker(clock)
        self.sender: Sender | None = None

    def begin(self) -> None:
        self._ticker.start()

    def begin_with_others(self, membership: Membership, mailboxes: Mailboxes) -> None:
        """Where other nodes may work on the same desk: show that this one lives, take over from the dead."""

        async def look_around() -> None:
            if await membership.look_around():
                await self._take_over()
                await mailboxes.lead()

        if membership.shared:
            self._ticker.every("look around", membership.every, look_around)

    def begin_work(self, lookout: Lookout) -> None:
        """The worker is there."""

        async def look() -> None:
            """Alarms: the worker looks after the desk; what only this process sees goes along."""
            await self._tell("look", **await asyncio.to_thread(lookout.order))

        desk_heart = timedelta(seconds=self._limits.desk_heart)
        self._hearts.expect("desk", desk_heart, needs_others=True)
        # a pulse may wait for a worker that hangs while it starts; after that it ends, if only by an error
        self._hearts.expect("link", desk_heart + timedelta(seconds=self._limits.worker_start))
        self._ticker.every("pulse", self._limits.pulse, self._pulse)
        self._ticker.every("sweep", self._limits.sweep, self.sweep)
        self._ticker.every("look", self._limits.look, look)
        self.sweep()

    def end(self) -> None:
        """Ring no more; `ended()` waits for what is ringing. Harmless twice."""
        self._ticker.stop()

    async def ended(self) -> None:
        await self._ticker.finished()

    def sweep(self) -> None:
        """The safety net under every wake-up, and what a new worker begins with: look for mail, deadlines and
        letters anyway."""
        self._intake.wake()
        self._letters.set()
        self._ticker.at("ring", self._clock(), self._ring)

    def set_alarms(self, ring_at: str | None, send_at: str | None) -> None:
        """When the worker wants to ring and to send next."""
        self._ticker.at("ring", pipe.to_moment(ring_at), self._ring)
        moment = pipe.to_moment(send_at)
        if moment and moment <= self._clock():
            self._resting.clear()  # the next batch of mails waits until the sender has had a look
            self._letters.set()
        else:
            self._ticker.at("send", moment, self._letters.set)

    async def _pulse(self) -> None:
        try:
            await self._link.ask("ping")
            self._hearts.beat("desk")
        except (WorkerLost, OrderFailed):
            pass
        self._hearts.beat("link")

    async def _ring(self) -> None:
        await self._tell("ring")

    async def _take_over(self) -> None:
        """What dead nodes had in hand: their results are settled by the sender, the rest is free for all."""
        if self.sender:
            self.sender.look_after_others()
            self._letters.set()
        if await self._tell("free_rows"):
            self._intake.wake()

    async def _tell(self, order: str, **details: object) -> object:
        """Give an order that comes again anyway: where it fails now, the next round makes up for it."""
        try:
            return await self._link.ask(order, **details)
        except (WorkerLost, OrderFailed) as error:
            _log.warning("order_interrupted", action=f"{order}_interrupted", error=str(error))
            return None
