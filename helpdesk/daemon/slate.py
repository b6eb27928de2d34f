"""Calls that the worker has done itself before its aide came to them, seen by both.

The aide asks before each call, so it is never busy with what nobody waits for, and the worker never waits for it.
"""

from __future__ import annotations

from helpdesk.daemon.shared import SharedMemory

CALLS = 256
"""More than are ever under way: each has a byte, those whose numbers are so far apart have the same."""


class Slate(SharedMemory):
    def __init__(self, file: int | None = None) -> None:
        super().__init__(CALLS, file)

    def write(self, number: int) -> None:
        """A call begins."""
        self.bytes[number % CALLS] = False

    def strike(self, number: int) -> None:
        """It is done, or never wanted."""
        self.bytes[number % CALLS] = True

    def is_struck(self, number: int) -> bool:
        return bool(self.bytes[number % CALLS])
