"""The front's end of the pipe: starts the desk worker, gives it orders, watches its heart, replaces it.

A worker that has been at one mail for longer than `Limits.wall` is killed; the mail that was in hand is named
to its successor, so that only that mail loses an attempt (P6). Every order ends: with its answer, or with
WorkerLost when the worker that had it is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import structlog

from helpdesk.config import Config
from helpdesk.daemon import pipe
from helpdesk.daemon.limits import Limits
from helpdesk.daemon.loading import command_of
from helpdesk.daemon.pulse import Pulse

_LONGEST_LINE = 256 * 1024 * 1024
_PAUSES = (0.0, 0.2, 1.0, 5.0)
_STARTS = 3
"""So often the very first worker may be killed (the kernel wants memory, an admin errs) before the front gives up."""

_log = structlog.get_logger()


class WorkerLost(Exception):
    """The desk worker went away before it answered; ask again, another is coming up."""


class OrderFailed(Exception):
    """The desk worker could not do what it was told; its log says why."""


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears what: `alarms` when to ring and to send next (after every answer), `progress` that a mail was
    taken in hand, `renewed` that another worker has taken over and everything must be looked at again."""

    alarms: Callable[[str | None, str | None], None]
    progress: Callable[[], None]
    renewed: Callable[[], None]


class WorkerLink:
    """One desk worker, always. `config` gives the configuration that a new one works by, `worker` is its module.

    `node`: in whose name it works.
    """

    def __init__(
        self,
        config: Callable[[], Config],
        listeners: Listeners,
        limits: Limits,
        node: str,
        worker: str = "helpdesk.daemon.worker",
    ) -> None:
        self._config = config
        self._node = node
        self._worker = worker
        self._listeners = listeners
        self._limits = limits
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[pipe.Message]] = {}
        self._ids = count(1)
        self._pulse = Pulse()
        self._beaten_at = time.monotonic()
        self._greeted = False
        self._first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self._deaths = 0
        self._keeper: asyncio.Task[None] | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def _in_hand(self) -> int | None:
        """The mail that the worker works on, or died of."""
        return self._pulse.in_hand

    async def start(self) -> None:
        """Return when the first worker is ready; raises WorkerLost with the reason."""
        await self._spawn(None)
        self._keeper = asyncio.create_task(self._keep(), name="worker-keeper")
        self._watcher = asyncio.create_task(self._watch(), name="worker-watch")
        await self._first

    async def ended(self) -> None:
        """Return when there will be no further worker: only after `stop`, or by a fault of our own."""
        if self._keeper:
            await asyncio.shield(self._keeper)

    async def stop(self, within: float) -> None:
        """Let it finish what it has in hand and end; kill it after `within` seconds. Harmless if never started."""
        self._stopping.set()
        self._dismiss()
        if self._keeper:
            await asyncio.wait({self._keeper}, timeout=within)
            if not self._keeper.done():
                _log.error("worker_killed", action="worker_killed", reason="it did not stop in time")
                self._kill()
            await asyncio.gather(self._keeper, return_exceptions=True)
        if self._watcher:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        self._pulse.close()

    async def ask(self, order: str, **details: Any) -> Any:
        """Give an order; return what was done. Raises WorkerLost, or OrderFailed if it could not be done."""
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            raise WorkerLost(order)
        number = next(self._ids)
        answer: asyncio.Future[pipe.Message] = asyncio.get_running_loop().create_future()
        if self._greeted and not self._waiting:
            self._beaten_at = time.monotonic()
        self._waiting[number] = answer
        try:
            process.stdin.write(pipe.write({"id": number, "do": order, **details}))
            await process.stdin.drain()
            message = await answer
        except ConnectionError as error:
            raise WorkerLost(order) from error
        finally:
            self._waiting.pop(number, None)
        if "error" in message:
            raise OrderFailed(f"{order}: {message['error']}")
        self._listeners.alarms(message["ring_at"], message["send_at"])
        return message["done"]

    async def _spawn(self, culprit: int | None) -> None:
        argument = "-" if culprit is None else str(culprit)
        config = self._config()
        self._greeted = False
        self._process = await asyncio.create_subprocess_exec(
            *command_of(self._worker, str(config.file), argument),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
            pass_fds=(self._pulse.file,),
        )  # fmt: skip
        self._beaten_at = time.monotonic()
        assert self._process.stdin is not None
        begin = {"config": pipe.from_config(config), "node": self._node, "pulse": self._pulse.file}
        self._process.stdin.write(pipe.write(begin))
        _log.info("worker_started", action="worker_started", pid=self._process.pid)
        if self._stopping.is_set():
            self._dismiss()

    async def _keep(self) -> None:
        """Listen to one worker after the other until told to stop."""
        while True:
            code = await self._listen()
            self._abandon()
            if not self._first.done() and (why := self._cannot_start(code)):
                self._first.set_exception(WorkerLost(why))
                return
            if self._stopping.is_set():
                return
            _log.error("worker_died", action="worker_died", code=code, spool_id=self._in_hand)
            await self._replace()

    def _cannot_start(self, code: int) -> str:
        """Why the front should give up before the first worker was ready; '' while another may fare better."""
        if code >= 0:
            return "the desk worker did not start; its own message stands above"
        if self._stopping.is_set() or self._deaths + 1 >= _STARTS:
            return f"the desk worker was ended by signal {-code} while it started"
        return ""

    async def _listen(self) -> int:
        """Hear one worker out; return its exit code."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                self._hear(line)
        except Exception:  # noqa: BLE001 - the rim of the loop: whatever it was, another worker takes over
            _log.exception("worker_unheard", action="worker_unheard")
            self._kill()
        return await process.wait()

    def _hear(self, line: bytes) -> None:
        self._beaten_at = time.monotonic()
        try:
            message = pipe.read(line)
        except ValueError:
            _log.error("worker_garbled", action="worker_garbled", bytes=len(line))
            return
        if "beat" in message:
            self._beat(message["beat"])
            return
        self._deaths = 0
        answer = self._waiting.get(message["id"])
        if answer and not answer.done():
            answer.set_result(message)

    def _beat(self, spool_id: int | None) -> None:
        if spool_id is not None:
            self._listeners.progress()
        if self._greeted:
            return
        self._greeted = True
        if self._first.done():
            self._listeners.renewed()
        else:
            self._first.set_result(None)

    async def _replace(self) -> None:
        """Bring up another worker, after a pause that grows while none of them lives to answer."""
        while not self._stopping.is_set():
            pause = _PAUSES[min(self._deaths, len(_PAUSES) - 1)]
            self._deaths += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return
            try:
                # the culprit stays the same until a worker has said its first word: only then is it booked
                await self._spawn(self._in_hand)
                return
            except OSError as error:
                _log.error("worker_unborn", action="worker_unborn", error=type(error).__name__)

    def _abandon(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(WorkerLost("the desk worker went away"))

    async def _watch(self) -> None:
        """Kill a worker that has been silent over its work for too long."""
        every = min(1.0, self._limits.wall / 4)
        while True:
            slept_at = time.monotonic()
            await asyncio.sleep(every)
            late = time.monotonic() - slept_at - every
            if late > every:  # it was we who stood still (SIGSTOP, a paused machine)
                self._beaten_at = min(time.monotonic(), self._beaten_at + late)
            silent = time.monotonic() - self._beaten_at
            limit = self._limits.wall if self._greeted else self._limits.worker_start
            if silent > limit and (self._waiting or not self._greeted):
                spool_id, seconds = self._in_hand, round(silent, 1)
                _log.error("worker_hangs", action="worker_hangs", spool_id=spool_id, seconds=seconds)
                self._kill()
                self._beaten_at = time.monotonic()

    def _dismiss(self) -> None:
        """The end of its orders is the order to end."""
        if self._process and self._process.stdin:
            self._process.stdin.close()

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
