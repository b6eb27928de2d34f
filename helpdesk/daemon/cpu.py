"""What a process may burn (F4): a mail that takes longer ends it, not the desk. And what others burn beside it."""

from __future__ import annotations

import math
import resource
from pathlib import Path

_NANOSECONDS = 1_000_000_000


def allow_cpu(seconds: float) -> None:
    """From now on this process may use so much CPU before the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def waited_for_cpu() -> float:
    """Seconds so far in which this thread could have gone on and others had the cores (proc_pid_schedstat(5)).

    0 where the kernel does not count them.
    """
    try:
        _ran, waited, _slices = Path("/proc/thread-self/schedstat").read_text().split()
    except (OSError, ValueError):
        return 0.0
    return int(waited) / _NANOSECONDS
