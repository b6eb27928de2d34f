"""The alarm clock: wakes what asked to be woken, and holds no business time (ARCHITECTURE way 3, F10).

What is due stands in the database; a call rung here looks there. So a ring too many is harmless, and a
ring that is lost in a crash is made up for by the first look after the start.

- one call never runs beside itself: a repeated ring during a run is left out, an alarm rings again after it
- a call that fails is logged and rung again at its next time
- when the computer's clock jumps, everything is rung at once and the alarms are set anew
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

Call = Callable[[], Awaitable[None] | None]

_JUMP = timedelta(seconds=1)
log = structlog.get_logger(__name__)


class Ticker:
    """Rings calls by name. `clock` gives the desk's time, which may run ahead of the computer's in tests.

    All methods are called from the loop's own thread; calls may be set before `start()`. Calls are plain or
    async functions without arguments and run in the loop.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        watch_every: float = 5.0,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._watch_every = watch_every
        self._scheduler = _new_scheduler()
        self._bells: dict[str, _Bell] = {}
        self._alarms: dict[str, tuple[datetime, str]] = {}
        self._serial = count()
        self._watch: asyncio.TimerHandle | None = None

    def every(self, name: str, seconds: float, call: Call) -> None:
        """Ring `call` every `seconds`, first after `seconds`; replaces the one of the same name."""
        self._bell(name, call)
        self._scheduler.add_job(self._tick, _Every(seconds), args=[name], id=name, replace_existing=True)

    def at(self, name: str, moment: datetime | None, call: Call) -> None:
        """Ring `call` once at `moment` (past: at once); moves the alarm of that name, None cancels it."""
        self._bell(name, call)
        self._disarm(name)
        if moment is not None:
            self._arm(name, moment)

    def start(self) -> None:
        """Begin to ring. Must be called inside the running loop."""
        self._scheduler.start()
        self._watch_the_clock(self._offset())

    def stop(self) -> None:
        """Ring no more, ever. Calls that are running go on; `finished()` waits for them. Harmless twice."""
        if self._watch is None:
            return
        self._watch.cancel()
        self._watch = None
        self._scheduler.shutdown(wait=False)
        for bell in self._bells.values():
            bell.silenced = True

    async def finished(self) -> None:
        """Wait until no call is running."""
        await asyncio.gather(*(bell.task for bell in self._bells.values() if bell.task))

    def _bell(self, name: str, call: Call) -> None:
        self._bells.setdefault(name, _Bell(name)).call = call

    def _arm(self, name: str, moment: datetime) -> None:
        # A job id of its own for each alarm: APScheduler drops a one-shot whose id is still counted as running.
        job = f"{name}#{next(self._serial)}"
        self._alarms[name] = (moment, job)
        real = datetime.now(UTC) + (moment - self._clock())
        self._scheduler.add_job(self._alarm, "date", run_date=real, args=[name, job], id=job)

    def _disarm(self, name: str) -> None:
        _, job = self._alarms.pop(name, (None, ""))
        if job and self._scheduler.get_job(job):
            self._scheduler.remove_job(job)

    async def _tick(self, name: str) -> None:
        self._bells[name].ring(again=False)

    async def _alarm(self, name: str, job: str) -> None:
        if self._alarms.get(name, (None, ""))[1] == job:  # not moved or cancelled since it was due
            del self._alarms[name]
            self._bells[name].ring(again=True)

    def _offset(self) -> float:
        return self._clock().timestamp() - self._monotonic()

    def _watch_the_clock(self, offset: float) -> None:
        """Look whether wall clock and monotonic clock have parted: APScheduler waits by the wall clock alone."""
        now = self._offset()
        if abs(now - offset) > _JUMP.total_seconds():
            log.warning("the clock jumped", action="clock_jumped", seconds=round(now - offset, 1))
            self._ring_all()
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(self._watch_every, self._watch_the_clock, now)

    def _ring_all(self) -> None:
        for job in self._scheduler.get_jobs():
            if job.id in self._bells:
                job.modify(next_run_time=datetime.now(UTC))
        for name, (moment, _) in list(self._alarms.items()):
            self._disarm(name)
            self._arm(name, moment)


class _Every(BaseTrigger):
    """What was missed is not counted out: after a step of a year APScheduler's own would take minutes (5.5)."""

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        following = (previous_fire_time or now) + self._interval
        return following if following > now else now + self._interval


class _Bell:
    """One named call and its run, of which there is never more than one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.call: Call = _nothing
        self.task: asyncio.Task[None] | None = None
        self.silenced = False
        self._again = False

    def ring(self, *, again: bool) -> None:
        """Run the call; when it is running, leave it out or (`again`) run it once more afterwards."""
        if self.silenced:
            return
        if self.task is None:
            self.task = asyncio.create_task(self._run(), name=f"ticker:{self.name}")
            self.task.add_done_callback(self._done)
        else:
            self._again = self._again or again

    async def _run(self) -> None:
        try:
            answer = self.call()
            if inspect.isawaitable(answer):
                await answer
        except Exception:  # the rim of the loop: one failing call must not silence the clock
            log.exception("a timed call failed", action="tick_failed", name=self.name)

    def _done(self, _: asyncio.Task[None]) -> None:
        self.task = None
        if self._again:
            self._again = False
            self.ring(again=False)


def _nothing() -> None:
    """Stand in until a call is given."""


def _new_scheduler() -> Any:
    """Coalescing, never dropping a late job, in memory only (F10)."""
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it logs every ring at INFO
    defaults = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    scheduler: Any = AsyncIOScheduler  # the library has no types
    return scheduler(timezone=UTC, job_defaults=defaults)
