"""The sender's marks in the spool, written from the front: dots before they are sent, results after.

All that waits while a commit is under way shares the next one (group commit); one thread at a time writes.
A mark is durable when its call returns (P4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from helpdesk.model.outcome import Outcome
from helpdesk.store import marks as rows
from helpdesk.store.marks import Unsettled
from helpdesk.store.retrying import persist
from helpdesk.store.session import Database

_PATIENCE = timedelta(seconds=10)

Write = Callable[[Connection], None]
Rows = TypeVar("Rows")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mark that waits for the next commit. `what` names it for `Database.write`."""

    what: str
    write: Write
    done: asyncio.Future[None]


def _write_all(connection: Connection, batch: Sequence[_Waiting]) -> None:
    for mark in batch:
        mark.write(connection)


class Marks(Protocol):
    """What the sender must be able to remember across a crash. `node` is the one it works for."""

    node: str

    async def dot(self, letter_id: int, recipients: Sequence[str]) -> None: ...

    async def result(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None: ...

    async def clear(self, letter_id: int, node: str) -> None: ...

    async def unsettled(self) -> Sequence[Unsettled]: ...

    async def ambiguous(self) -> Mapping[int, tuple[str, ...]]: ...


class SpoolMarks:
    """`unsettled` and `ambiguous` are what nodes that live no more have left."""

    def __init__(self, spool: Database, now: Callable[[], datetime], node: str) -> None:
        self._spool = spool
        self._now = now
        self.node = node
        self._waiting: list[_Waiting] = []
        self._committer: asyncio.Task[None] | None = None

    async def dot(self, letter_id: int, recipients: Sequence[str]) -> None:
        now = self._now()
        await self._commit("mark", lambda c: rows.mark_dot(c, letter_id, recipients, now, self.node))

    async def result(self, letter_id: int, outcomes: Mapping[str, Outcome]) -> None:
        now = self._now()
        await self._commit("result", lambda c: rows.mark_result(c, letter_id, outcomes, now, self.node))

    async def clear(self, letter_id: int, node: str) -> None:
        await self._commit("clear", lambda c: rows.clear(c, letter_id, node))

    async def unsettled(self) -> Sequence[Unsettled]:
        return await asyncio.to_thread(self._read, rows.unsettled)

    async def ambiguous(self) -> Mapping[int, tuple[str, ...]]:
        return await asyncio.to_thread(self._read, rows.dots)

    async def _commit(self, what: str, write: Write) -> None:
        """Returns after the commit that holds `write`; raises what that commit raised."""
        mark = _Waiting(what, write, asyncio.get_running_loop().create_future())
        self._waiting.append(mark)
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_all())
        await mark.done

    async def _commit_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            troubles = await asyncio.to_thread(self._write, batch)
            for mark, trouble in zip(batch, troubles, strict=True):
                if mark.done.cancelled():
                    continue
                if trouble is None:
                    mark.done.set_result(None)
                else:
                    mark.done.set_exception(trouble)

    def _write(self, batch: Sequence[_Waiting]) -> list[BaseException | None]:
        """What became of each. A mark that may not be made (a zombie's) must not hold back its neighbours."""
        what = "+".join(mark.what for mark in batch)
        try:
            # written twice, a mark says the same: a server that is just restarting need not cost the attempt
            persist(self._spool, lambda connection: _write_all(connection, batch), _PATIENCE, what)
        except BaseException as trouble:  # noqa: BLE001 - rim of the thread: all who wait must hear it
            if len(batch) > 1:
                return [each for mark in batch for each in self._write([mark])]
            return [trouble]
        return [None] * len(batch)

    def _read(self, query: Callable[[Connection, str], Rows]) -> Rows:
        with self._spool.read() as connection:
            return query(connection, self.node)
