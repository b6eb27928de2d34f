"""One daemon as a process: its signals, and the line that says it is ready."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from helpdesk.config import Config
from helpdesk.daemon.front import Front
from helpdesk.daemon.limits import Limits


async def serve(config: Config, ready: Callable[[], None], limits: Limits | None = None) -> None:
    """Run one daemon until SIGTERM or SIGINT; SIGHUP reloads."""
    front = Front(config, ready, limits)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, front.stop)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(front.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    await front.run()


def say_ready() -> None:
    sys.stderr.write("ready\n")
    sys.stderr.flush()
