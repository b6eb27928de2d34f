"""What makes /healthz red: hearts of parts of the daemon that have stopped, and alarms that stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from helpdesk.store import alarms
from helpdesk.store.session import Database, StoreError


class Alarms(Protocol):
    """Names of alarms. Blocking; called in a thread."""

    def standing(self) -> Sequence[str]:
        """Return the names of the alarms that stand. Raises StoreError."""
        ...


class NoAlarms:
    """Of a desk that nobody looks after."""

    def standing(self) -> Sequence[str]:
        return ()


class StoredAlarms:
    """Those in the desk's own database: every node shows the same."""

    def __init__(self, desk: Database) -> None:
        self._desk = desk

    def standing(self) -> Sequence[str]:
        """Return the names of the alarms that stand. Raises StoreError."""
        try:
            with self._desk.read() as desk:
                return alarms.names(desk)
        except SQLAlchemyError as error:
            raise StoreError(f"{self._desk.name}: the alarms cannot be read now") from error


class Hearts:
    """Beats by name on a monotonic clock that is handed in; safe to beat from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._limits: dict[str, float] = {}
        self._others: set[str] = set()
        self._beats: dict[str, float] = {}

    def expect(self, name: str, within: timedelta, *, needs_others: bool = False) -> None:
        """From now on `name` must beat at least once every `within`; the first limit begins now.

        `needs_others`: it also stops when a database is away, say, so that a new process would mend nothing.
        """
        (self._others.add if needs_others else self._others.discard)(name)
        self._limits[name] = within.total_seconds()
        self._beats[name] = self._monotonic()

    def forget(self, name: str) -> None:
        """Expect no more of `name` (a part that was stopped on purpose)."""
        self._limits.pop(name, None)
        self._beats.pop(name, None)

    def beat(self, name: str) -> None:
        """Tell that `name` is alive."""
        self._beats[name] = self._monotonic()

    def late(self, now: float | None = None) -> list[str]:
        """Return the names whose last beat is longer ago than their limit, in alphabetical order.

        `now` is a reading of the monotonic clock; None reads it.
        """
        moment = self._monotonic() if now is None else now
        limits = sorted(self._limits.items())
        return [name for name, limit in limits if moment - self._beats.get(name, moment) > limit]

    def stuck(self) -> list[str]:
        """Return the names of `late` that depend on this process alone: starting it again is the remedy."""
        return [name for name in self.late() if name not in self._others]
