"""What systemd hears of the desk: READY, STOPPING, and WATCHDOG as long as the front's loop runs (P10).

The protocol is sd_notify(3): a datagram to the socket that `$NOTIFY_SOCKET` names. A front that hangs says nothing
any more, and whoever watches it starts it again. Without these variables nothing is said.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, MutableMapping

import structlog

LOOK_AGAIN_SECONDS = 1.0
"""While something is stuck: it may come to life before the watcher's patience ends."""

_log = structlog.get_logger()


class Supervisor:
    """Tells `address`, a path or `@` and an abstract name; None tells nobody.

    `within`: without a WATCHDOG for so many seconds the watcher acts; None where nobody watches.
    """

    def __init__(self, address: str | None, within: float | None = None) -> None:
        self._address, self._within = address, within

    @classmethod
    def of(cls, environ: MutableMapping[str, str]) -> Supervisor:
        """Take systemd's variables out of `environ`: they are for this process and not for its children."""
        address = environ.pop("NOTIFY_SOCKET", None)
        microseconds = environ.pop("WATCHDOG_USEC", "")
        meant = environ.pop("WATCHDOG_PID", "") in ("", str(os.getpid()))
        watched = meant and microseconds.isascii() and microseconds.isdigit() and int(microseconds) > 0
        return cls(address or None, int(microseconds) / 1e6 if watched else None)

    def ready(self) -> None:
        self._tell("READY=1")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    async def watch(self, stuck: Callable[[], list[str]]) -> None:
        """Until cancelled, show at half of the watcher's patience that the loop runs and nothing is `stuck`."""
        if self._address is None or self._within is None:
            return
        pause, silent_over = self._within / 2, list[str]()
        while True:
            parts = stuck()
            if parts and parts != silent_over:
                _log.error("watchdog_silent", action="watchdog_silent", parts=parts)
            if not parts:
                self._tell("WATCHDOG=1")
            silent_over = parts
            await asyncio.sleep(min(pause, LOOK_AGAIN_SECONDS) if parts else pause)

    def _tell(self, state: str) -> None:
        if self._address is None:
            return
        name = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)  # the loop must not wait for a watcher that does not read
                line.sendto(state.encode(), name)
        except OSError as error:
            _log.warning("untold", action="untold", state=state, error=type(error).__name__)
