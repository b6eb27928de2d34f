"""The sender's marks in the spool, written from the front: dots before they are sent, results after.

All that waits while a commit is under way shares the next one (group commit); one thread at a time writes.
A mark is durable when its call returns (P4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from helpdesk.model.outcome import Outcome
from helpdesk.store import marks as rows
from helpdesk.store.session import Database

Write = Callable[[Connection], None]
Rows = TypeVar("Rows")


class Marks(Protocol):
    """What the sender must be able to remember across a crash."""

    async def dot(self, letter_id: int, recipients: Sequence[str]) -> None: ...

    async def result(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None: ...

    async def clear(self, letter_ids: Collection[int]) -> None: ...

    async def unsettled(self) -> Sequence[tuple[int, Mapping[str, Outcome]]]: ...

    async def ambiguous(self) -> Mapping[int, tuple[str, ...]]: ...


class SpoolMarks:
    def __init__(self, spool: Database, now: Callable[[], datetime]) -> None:
        self._spool = spool
        self._now = now
        self._waiting: list[tuple[Write, asyncio.Future[None]]] = []
        self._committer: asyncio.Task[None] | None = None

    async def dot(self, letter_id: int, recipients: Sequence[str]) -> None:
        now = self._now()
        await self._commit(lambda connection: rows.mark_dot(connection, letter_id, recipients, now))

    async def result(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        now = self._now()
        await self._commit(lambda connection: rows.mark_result(connection, letter_id, outcomes, now))

    async def clear(self, letter_ids: Collection[int]) -> None:
        await self._commit(lambda connection: rows.clear(connection, letter_ids))

    async def unsettled(self) -> Sequence[tuple[int, Mapping[str, Outcome]]]:
        return await asyncio.to_thread(self._read, rows.unsettled)

    async def ambiguous(self) -> Mapping[int, tuple[str, ...]]:
        return await asyncio.to_thread(self._read, rows.dots)

    async def _commit(self, write: Write) -> None:
        """Returns after the commit that holds `write`; raises what that commit raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((write, done))
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_all())
        await done

    async def _commit_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            trouble = await asyncio.to_thread(self._write, [write for write, _ in batch])
            for _, done in batch:
                if done.cancelled():
                    continue
                if trouble is None:
                    done.set_result(None)
                else:
                    done.set_exception(trouble)

    def _write(self, batch: Sequence[Write]) -> BaseException | None:
        try:
            with self._spool.write() as connection:
                for write in batch:
                    write(connection)
        except BaseException as trouble:  # noqa: BLE001 - rim of the thread: all who wait must hear it
            return trouble
        return None

    def _read(self, query: Callable[[Connection], Rows]) -> Rows:
        with self._spool.read() as connection:
            return query(connection)
