"""What a process may burn (F4): a mail that takes longer ends it, not the desk."""

from __future__ import annotations

import math
import resource


def allow_cpu(seconds: float) -> None:
    """From now on this process may use so much CPU before the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
