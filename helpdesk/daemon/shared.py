"""Memory that two processes of the desk see: a file without a name, which the child is given with its birth."""

from __future__ import annotations

import mmap
import os


class SharedMemory:
    """`file` is the descriptor that another process made; without it new memory is made, all zero (memfd_create(2))."""

    def __init__(self, size: int, file: int | None = None) -> None:
        self.file = os.memfd_create("helpdesk") if file is None else file
        if file is None:
            os.ftruncate(self.file, size)
        self.bytes = mmap.mmap(self.file, size)

    def close(self) -> None:
        self.bytes.close()
        os.close(self.file)
