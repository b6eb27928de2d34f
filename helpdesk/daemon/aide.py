"""The desk worker's aide: a process that reads mails and composes letters for it, and knows nothing else.

It has no store and no network, and opens nothing. What it fails at, or dies of, the worker does itself: there a mail
that burns CPU or memory is found out as ever (F4, P6).
"""

from __future__ import annotations

import resource
import signal
import struct
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
from helpdesk.daemon.slate import Slate

NUMBER = struct.Struct("!Q")
"""A call: its number, then what is to be called, packed. An answer: its number, then what came of it, packed."""
SKIPPED = b""
"""What came of a call that the worker did itself."""
Result = tuple[bool, Any]
"""Whether it was done, and what was returned."""


def main() -> None:
    """`python -m helpdesk.daemon helpdesk.daemon.aide CPU_SECONDS ADDRESS_SPACE SLATE`, its standard input is the line
    to the worker.

    CPU is for each call, SLATE the descriptor of the slate's memory.
    """
    cpu, space, slate = float(sys.argv[1]), int(sys.argv[2]), Slate(int(sys.argv[3]))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the end of the line is the order to end
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory.give_back_big_blocks()
    memory.allow(space)
    with suppress(OSError):  # the worker has gone
        work(Connection(0), slate, lambda: allow_cpu(cpu))


def work(line: Connection, slate: Slate, before_each: Callable[[], None]) -> None:
    """Answer calls in their order until the line ends; raises OSError where it ends in mid-answer.

    One thread is enough: what the worker asks for meanwhile waits in the line, which it never fills.
    """
    line.send_bytes(b"")  # we are ready
    with suppress(EOFError):
        while True:
            call = line.recv_bytes()
            before_each()
            (number,) = NUMBER.unpack_from(call)
            answer = SKIPPED if slate.is_struck(number) else pack(_result(call[NUMBER.size :]))
            line.send_bytes(call[: NUMBER.size] + answer)


def _result(call: bytes) -> Result:
    try:
        return True, unpack(call)()
    except Exception:  # noqa: BLE001 - the worker calls it again, and tells what it raises
        return False, None
