"""What this process may hold in memory, and that it gives back what it held (MAIL_RULES section 7, T13)."""

from __future__ import annotations

import contextlib
import ctypes
import resource
from pathlib import Path

_M_MMAP_THRESHOLD = -3  # malloc.h
_BIG = 1024 * 1024


def give_back_big_blocks() -> None:
    """Of a mail of 30 MB nothing stays when it is done.

    Left alone, glibc takes blocks of the size of one that was freed from its heap, which keeps them
    (mallopt(3), "dynamic mmap threshold"). Other C libraries have no such function, and no such habit.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _BIG)


def allow(size: int) -> None:
    """So much may be resident. The kernel counts address space: what is mapped and not used comes on top."""
    mapped, resident = map(int, Path("/proc/self/statm").read_text().split()[:2])
    unused = (mapped - resident) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + unused, resource.RLIM_INFINITY))
