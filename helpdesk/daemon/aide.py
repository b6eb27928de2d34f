"""The desk worker's aide: a process that reads mails and composes letters for it, and knows nothing else.

It has no store and no network, and opens nothing. What it fails at, or dies of, the worker does itself: there a mail
that burns CPU or memory is found out as ever (F4, P6).
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

# what it will be asked for is there when it says that it is ready: nobody waits for it to be loaded
import helpdesk.parse.message
import helpdesk.render.writing  # noqa: F401
from helpdesk.daemon import memory
from helpdesk.daemon.cpu import allow_cpu
from helpdesk.daemon.parcel import pack, unpack

NICENESS = 5
"""The front, which must not keep a sender waiting, goes first."""
Answer = tuple[int, bool, Any]
"""The number of the call, whether it was done, and what was returned."""


def main() -> None:
    """`python -m helpdesk.daemon helpdesk.daemon.aide CPU_SECONDS ADDRESS_SPACE`, its standard input is the line to
    the worker.

    CPU is for each call.
    """
    cpu, space = float(sys.argv[1]), int(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the end of the line is the order to end
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory.give_back_big_blocks()
    memory.allow(space)
    os.nice(NICENESS)
    with suppress(OSError):  # the worker has gone
        work(Connection(0), lambda: allow_cpu(cpu))


def work(line: Connection, before_each: Callable[[], None]) -> None:
    """Answer calls in their order until the line ends; raises OSError where it ends in mid-answer.

    One thread is enough: what the worker asks for meanwhile waits in the line, which it never fills.
    """
    line.send_bytes(b"")  # we are ready
    with suppress(EOFError):
        while True:
            call = line.recv_bytes()
            before_each()
            line.send_bytes(pack(_answer(call)))


def _answer(call: bytes) -> Answer:
    number, function = unpack(call)
    try:
        return number, True, function()
    except Exception:  # noqa: BLE001 - the worker calls it again, and tells what it raises
        return number, False, None
