"""Hearts: every part of the daemon beats its own, and /healthz names those that have stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta


class Hearts:
    """Beats by name on a monotonic clock that is handed in; safe to beat from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._limits: dict[str, float] = {}
        self._beats: dict[str, float] = {}

    def expect(self, name: str, within: timedelta) -> None:
        """From now on `name` must beat at least once every `within`; the first limit begins now."""
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
