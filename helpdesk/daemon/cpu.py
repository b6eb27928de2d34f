"""What a process may burn (F4): a mail that takes longer ends it, not the desk. And whether others want the cores."""

from __future__ import annotations

import math
import resource
from pathlib import Path

_MICROSECONDS = 1_000_000


def allow_cpu(seconds: float) -> None:
    """From now on this process may use so much CPU before the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def crowded_seconds() -> float:
    """Seconds so far in which somebody on this computer could have gone on and found no core.

    From the kernel's pressure stall information (Documentation/accounting/psi.rst); 0 where it keeps none.
    """
    try:
        some = Path("/proc/pressure/cpu").read_text().partition("\n")[0]
        return int(some.rpartition("=")[2]) / _MICROSECONDS
    except (OSError, ValueError):
        return 0.0
