"""Calls that the worker has done itself before its aide came to them: a page of memory that both see.

The aide asks before each call, so it is never busy with what nobody waits for, and the worker never waits for it.
"""

from __future__ import annotations

import mmap
import os

CALLS = 256
"""More than are ever under way: each has a byte, those whose numbers are so far apart have the same."""


class Slate:
    """`file` is the descriptor of another process's; without it a new page is made."""

    def __init__(self, file: int | None = None) -> None:
        self.file = os.memfd_create("slate") if file is None else file
        if file is None:
            os.ftruncate(self.file, CALLS)
        self._struck = mmap.mmap(self.file, CALLS)

    def write(self, number: int) -> None:
        """A call begins."""
        self._struck[number % CALLS] = False

    def strike(self, number: int) -> None:
        """It is done, or never wanted."""
        self._struck[number % CALLS] = True

    def is_struck(self, number: int) -> bool:
        return bool(self._struck[number % CALLS])

    def close(self) -> None:
        self._struck.close()
        os.close(self.file)
