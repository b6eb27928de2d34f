"""One daemon as a process: its signals, and the line that says it is ready."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable

from helpdesk.config import Config
from helpdesk.daemon import memory
from helpdesk.daemon.front import Front
from helpdesk.daemon.limits import Limits
from helpdesk.daemon.parts import Parts
from helpdesk.daemon.supervisor import Supervisor


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
    supervisor = Supervisor.of(os.environ)

    def is_ready() -> None:
        ready()
        supervisor.ready()

    while True:
        front = Front(config, is_ready, limits, parts)
        await _run(front, supervisor)
        if not front.was_buried:
            return
        config = front.config  # it may have been reloaded


async def _run(front: Front, supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        supervisor.stopping()
        front.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(front.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
    watching = asyncio.create_task(supervisor.watch(front.hearts.stuck), name="watchdog")
    try:
        await front.run()
    finally:
        watching.cancel()


def say_ready() -> None:
    sys.stderr.write("ready\n")
    sys.stderr.flush()
