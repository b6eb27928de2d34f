"""How long a poller waits before it tries again: growing, with a little chance (STYLE 24)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_SECONDS = 1.0
# with the chance 90 s: new mail is in the desk 90 s after the repair (MAIL_RULES 5.4)
LONGEST_SECONDS = 75.0
# nobody repairs a password in a minute, and servers lock accounts that keep knocking
REFUSED_FIRST_SECONDS = 30.0
REFUSED_LONGEST_SECONDS = 300.0
SPREAD = 0.2
HEALTHY_AFTER_SECONDS = 30.0
ALARM_AFTER_SECONDS = 15 * 60.0  # R62


@dataclass(slots=True)
class Pause:
    """One poller's patience. A connection that lived HEALTHY_AFTER_SECONDS ends a row of troubles."""

    chance: Callable[[], float]
    monotonic: Callable[[], float] = time.monotonic
    _troubles: int = 0
    _since: float = 0.0

    def after_trouble(self, lived: float, *, refused: bool) -> float:
        """Return the seconds to wait after a connection that lived `lived` seconds."""
        if lived >= HEALTHY_AFTER_SECONDS and not refused:
            self._troubles = 0
        if self._troubles == 0:
            self._since = self.monotonic()
        first, longest = (
            (REFUSED_FIRST_SECONDS, REFUSED_LONGEST_SECONDS) if refused else (FIRST_SECONDS, LONGEST_SECONDS)
        )
        seconds = min(longest, first * 2.0 ** min(self._troubles, 20))
        self._troubles += 1
        return seconds * (1 + SPREAD * self.chance())

    @property
    def is_alarming(self) -> bool:
        """Has the row of troubles lasted so long that somebody should look?"""
        return self.monotonic() - self._since > ALARM_AFTER_SECONDS
