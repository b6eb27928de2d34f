"""The sender's marks in the spool, written from the front: dots before they are sent, results after.

All that waits while a commit is under way shares the next one (group commit); one thread of its own writes. On a
server commits keep a little apart, so that under load more marks share the questions that each of them costs.
A mark is durable when its call returns (P4). What is settled can be forgotten at any time, so it waits for the
next commit: a mark too many is settled twice, which changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from helpdesk.model.outcome import Outcome
from helpdesk.store import marks as rows
from helpdesk.store.marks import Cleared, Mark, Unsettled
from helpdesk.store.retrying import persist
from helpdesk.store.session import Database

_PATIENCE = timedelta(seconds=10)
_LINGER_SECONDS = 0.1
_APART_SECONDS = 0.003

_log = structlog.get_logger()

Rows = TypeVar("Rows")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mark that waits for the next commit."""

    mark: Mark
    done: asyncio.Future[None]


class Marks(Protocol):
    """What the sender must be able to remember across a crash. `node` is the one it works for."""

    node: str

    async def dot(self, letter_id: int, recipients: Sequence[str]) -> None: ...

    async def result(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None: ...

    def clear(self, settled: Collection[Cleared]) -> None:
        """With the next commit, which comes soon; before any later mark of the same letters."""

    async def flush(self) -> None:
        """Return when nothing waits to be cleared, or that has been tried."""

    def close(self) -> None:
        """Nothing is marked after this."""

    async def unsettled(self) -> Sequence[Unsettled]: ...

    async def ambiguous(self) -> Mapping[int, tuple[str, ...]]: ...


class SpoolMarks:
    """`unsettled` and `ambiguous` are what nodes that live no more have left."""

    def __init__(self, spool: Database, now: Callable[[], datetime], node: str) -> None:
        self._spool = spool
        self._now = now
        self.node = node
        self._thread = ThreadPoolExecutor(1, "marks")
        self._waiting: list[_Waiting] = []
        self._cleared: dict[Cleared, None] = {}
        self._committer: asyncio.Task[None] | None = None
        self._lingers: asyncio.TimerHandle | None = None
        self._apart = 0.0 if spool.is_sqlite else _APART_SECONDS
        self._next_at = 0.0

    async def dot(self, letter_id: int, recipients: Sequence[str]) -> None:
        await self._commit(Mark(letter_id, dict.fromkeys(recipients)))

    async def result(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        await self._commit(Mark(letter_id, outcomes))

    def clear(self, settled: Collection[Cleared]) -> None:
        self._cleared |= dict.fromkeys(settled)
        self._linger()

    async def flush(self) -> None:
        if self._cleared:
            self._start()
        if self._committer:
            await self._committer

    def close(self) -> None:
        self._linger_no_more()
        self._thread.shutdown(wait=False)

    async def unsettled(self) -> Sequence[Unsettled]:
        return await asyncio.to_thread(self._read, rows.unsettled)

    async def ambiguous(self) -> Mapping[int, tuple[str, ...]]:
        return await asyncio.to_thread(self._read, rows.dots)

    async def _commit(self, mark: Mark) -> None:
        """Returns after the commit that holds the mark; raises what that commit raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(mark, done))
        self._start()
        await done

    def _start(self) -> None:
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_all())

    def _linger(self) -> None:
        if self._cleared and self._lingers is None:
            self._lingers = asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._lingered)

    def _linger_no_more(self) -> None:
        if self._lingers:
            self._lingers.cancel()
            self._lingers = None

    def _lingered(self) -> None:
        self._lingers = None
        self._start()

    async def _commit_all(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(max(0.0, self._next_at - clock()))
            await self._commit_those_who_wait()
            self._next_at = clock() + self._apart
            if not self._waiting:
                break
        self._linger()

    async def _commit_those_who_wait(self) -> None:
        batch, self._waiting = self._waiting, []
        cleared, self._cleared = self._cleared, {}
        self._linger_no_more()
        clearing, *troubles = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._write, tuple(cleared), tuple(one.mark for one in batch)
        )
        if clearing is not None:
            _log.warning("settled marks stay for now", action="clear_failed", error=type(clearing).__name__)
            self._cleared = cleared | self._cleared
        for waiting, trouble in zip(batch, troubles, strict=True):
            if waiting.done.cancelled():
                continue
            if trouble is None:
                waiting.done.set_result(None)
            else:
                waiting.done.set_exception(trouble)

    def _write(self, cleared: Sequence[Cleared], marks: Sequence[Mark]) -> list[BaseException | None]:
        """What became of the clearing and of each mark. A mark that may not be made (a zombie's) must not hold back
        its neighbours."""
        try:
            self._persist(cleared, marks)
        except BaseException as trouble:  # noqa: BLE001 - rim of the thread: all who wait must hear it
            if len(marks) + bool(cleared) > 1:
                return [self._write(cleared, ())[0], *(self._write((), (mark,))[1] for mark in marks)]
            return [trouble] * (1 + len(marks))
        return [None] * (1 + len(marks))

    def _persist(self, cleared: Sequence[Cleared], marks: Sequence[Mark]) -> None:
        if not cleared and not marks:
            return
        kinds = [*(["clear"] if cleared else []), *("mark" if mark.is_dot else "result" for mark in marks)]
        now = self._now()
        # written twice, a mark says the same: a server that is just restarting need not cost the attempt
        persist(
            self._spool,
            lambda connection: rows.write(connection, cleared, marks, now, self.node),
            _PATIENCE,
            "+".join(kinds),
        )

    def _read(self, query: Callable[[Connection, str], Rows]) -> Rows:
        with self._spool.read() as connection:
            return query(connection, self.node)
