"""What a process loads at its start stays until its end: the garbage collector need not look through it.

It would do so a dozen times while the process begins, a seventh of the time that this takes, and now and then for
as long as a mail waits, at the worst moment, ever after.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Import inside."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def command_of(module: str, *arguments: str) -> list[str]:
    """What starts a process of the desk: the `main` of this module, loaded so (`daemon.__main__`)."""
    return [sys.executable, "-m", "helpdesk.daemon", module, *arguments]
