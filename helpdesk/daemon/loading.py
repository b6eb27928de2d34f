"""What a process loads at its start stays until its end: the garbage collector need not look through it.

It would do so a dozen times while the process begins, a seventh of the time that this takes, and now and then for
as long as a mail waits, at the worst moment, ever after.
"""

from __future__ import annotations

import gc
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
