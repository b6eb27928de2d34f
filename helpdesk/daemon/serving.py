"""One daemon as a process: its signals, and the line that says it is ready."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from helpdesk.config import Config
from helpdesk.daemon import memory
from helpdesk.daemon.front import Front
from helpdesk.daemon.limits import Limits
from helpdesk.daemon.parts import Parts


async def serve(
    config: Config,
    ready: Callable[[], None],
    limits: Limits | None = None,
    parts: Parts | None = None,
) -> None:
    """Run one daemon until SIGTERM or SIGINT; SIGHUP reloads.

    A node that was away for longer than its lease begins anew, under another name.
    """
    memory.give_back_big_blocks()
    while True:
        front = Front(config, ready, limits, parts)
        await _run(front)
        if not front.was_buried:
            return
        config = front.config  # it may have been reloaded


async def _run(front: Front) -> None:
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
