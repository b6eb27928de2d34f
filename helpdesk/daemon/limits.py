"""How long the daemon waits for what (P6, P10). Tests hand in shorter ones; users never need to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds.

    `wall`: so long a worker may be silent over one mail. `worker_start`: until a new worker says its first word.
    `pulse`: how often the worker is asked whether it lives; `desk_heart`: without a sign of life for so long the
    desk is ill (/healthz). `sweep`: how often everything is looked at even if nothing rang. `lock`: how long a
    start waits for a daemon that is just ending. `stop`: from the signal to the end of the worker.
    """

    wall: float = 10.0
    worker_start: float = 60.0
    pulse: float = 5.0
    desk_heart: float = 60.0
    sweep: float = 30.0
    lock: float = 2.0
    stop: float = 18.0
