"""How long the daemon waits for what (P6, P10). Those in [limits] come from there; tests hand in shorter ones."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """All in seconds.

    `wall`: so long a worker may be silent over one mail. `worker_start`: until a new worker says its first word.
    `pulse`: how often the worker is asked whether it lives; `desk_heart`: without a sign of life for so long the
    desk is ill (/healthz). `sweep`: how often everything is looked at even if nothing rang. `lock`: how long a
    start waits for a daemon that is just ending. `stop`: from the signal to the end of the worker. `lease`: within
    so long the work of a node that died is taken over by the others; `heartbeat`: how often it shows that it lives,
    None for a sixth of that. `look`: how often the desk looks after itself;
    `count`: how often it counts whether the inbox is unusually quiet.

    Alarms: `mailbox_alarm` after a mailbox could not be read for so long (R62), `outbox_alarm` after a letter was
    first due, `deadline_alarm` after the decision of a deadline first failed. `disk_alarm` alone is no time: so
    many times the space that must remain on a disk (T20).
    """

    wall: float = 10.0
    worker_start: float = 60.0
    pulse: float = 5.0
    desk_heart: float = 60.0
    sweep: float = 30.0
    lock: float = 2.0
    stop: float = 18.0
    lease: float = 60.0
    heartbeat: float | None = None
    look: float = 30.0
    count: float = 300.0
    mailbox_alarm: float = 900.0
    outbox_alarm: float = 3600.0
    deadline_alarm: float = 600.0
    disk_alarm: float = 2.0
