"""The front's end of the pipe: starts the desk worker, gives it orders, watches its heart, replaces it.

A worker that has been at one mail for longer than `WALL_SECONDS` is killed; the mail that was in hand is
named to its successor, so that only that mail loses an attempt (P6).
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import structlog

from helpdesk.daemon import pipe

WALL_SECONDS = 10.0
_LONGEST_LINE = 256 * 1024 * 1024
_PAUSES = (0.0, 0.2, 1.0, 5.0)

_log = structlog.get_logger()


class WorkerLost(Exception):
    """The desk worker went away before it answered; ask again, another is coming up."""


class WorkerLink:
    """One desk worker, always. `alarms` hears after every answer when to ring and when to send next."""

    def __init__(
        self,
        config_file: str,
        alarms: Callable[[str | None, str | None], None],
        *,
        wall_seconds: float = WALL_SECONDS,
    ) -> None:
        self._config_file = config_file
        self._alarms = alarms
        self._wall_seconds = wall_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[pipe.Message]] = {}
        self._ids = count(1)
        self._in_hand: int | None = None
        self._beaten_at = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Return when the first worker answers; raises WorkerLost with its reason on standard error."""
        await self._spawn(None)
        await self.ask("ping")
        self._tasks.append(asyncio.create_task(self._watch(), name="worker-watch"))

    async def stop(self, within: float) -> None:
        """Let it finish what it has in hand and end."""
        self._stopping = True
        try:
            async with asyncio.timeout(within):
                with contextlib.suppress(WorkerLost):
                    await self.ask("stop")
                if self._process:
                    await self._process.wait()
        except TimeoutError:
            _log.error("worker_killed", action="worker_killed", reason="it did not stop in time")
            self._kill()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, order: str, **details: Any) -> Any:
        """Give an order; return what was done. Raises WorkerLost, or OrderFailed if it could not be done."""
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            raise WorkerLost(order)
        number = next(self._ids)
        answer: asyncio.Future[pipe.Message] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            self._beaten_at = time.monotonic()
        self._waiting[number] = answer
        try:
            process.stdin.write(pipe.write({"id": number, "do": order, **details}))
            message = await answer
        except ConnectionError as error:
            raise WorkerLost(order) from error
        finally:
            self._waiting.pop(number, None)
        if "error" in message:
            raise OrderFailed(f"{order}: {message['error']}")
        if "ring_at" in message:
            self._alarms(message["ring_at"], message["send_at"])
        return message["done"]

    async def _spawn(self, culprit: int | None) -> None:
        argument = "-" if culprit is None else str(culprit)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "helpdesk.daemon.worker", self._config_file, argument,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )  # fmt: skip
        self._in_hand = None
        self._beaten_at = time.monotonic()
        self._tasks.append(asyncio.create_task(self._listen(self._process), name="worker-listen"))

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self._hear(pipe.read(line))
        code = await process.wait()
        self._abandon()
        if not self._stopping and process is self._process:
            await self._replace(code)

    def _hear(self, message: pipe.Message) -> None:
        self._beaten_at = time.monotonic()
        if "beat" in message:
            self._in_hand = message["beat"]
            return
        answer = self._waiting.get(message["id"])
        if answer and not answer.done():
            answer.set_result(message)
        self._deaths = 0

    async def _replace(self, code: int) -> None:
        culprit = self._in_hand
        _log.error("worker_died", action="worker_died", code=code, spool_id=culprit)
        await asyncio.sleep(_PAUSES[min(self._deaths, len(_PAUSES) - 1)])
        self._deaths += 1
        self._tasks = [task for task in self._tasks if not task.done()]
        await self._spawn(culprit)
        asyncio.get_running_loop().call_soon(self._alarms, None, None)

    def _abandon(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(WorkerLost("the desk worker went away"))

    async def _watch(self) -> None:
        """Kill a worker that has been silent over its work for too long."""
        while True:
            await asyncio.sleep(min(1.0, self._wall_seconds / 4))
            silent = time.monotonic() - self._beaten_at
            if self._waiting and silent > self._wall_seconds:
                _log.error(
                    "worker_hangs", action="worker_hangs", spool_id=self._in_hand, seconds=round(silent, 1)
                )
                self._kill()
                self._beaten_at = time.monotonic()

    def _kill(self) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


class OrderFailed(Exception):
    """The desk worker could not do what it was told; its log says why."""
