"""The points at which a daemon can be made to die, and one run for one of them (MAIL_RULES 5.1c).

`before WHAT` and `after WHAT` of every transaction that a story has, by the name that `Database.write` is given,
and both sides of a dot. How often the story passes each point at least, is the number beside it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpdesk.testing.chaos.evidence import Evidence
from helpdesk.testing.chaos.judge import Finding, judge
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.chaos.story import six_mails
from helpdesk.testing.daemon import START_PATIENCE

_SPOOL = ("receive", "imap", "mark", "result", "clear")
_DESK = ("take", "intake", "ring", "claim", "settle")
_WATCH_SECONDS = 0.05
_PATIENCE = 60.0

Chain = tuple[str, ...]


def _both_sides(*kinds: str, times: int) -> dict[str, int]:
    return {f"{when} {what}": times for what in kinds for when in ("before", "after")}


def _chains(*lives: Chain) -> tuple[Chain, ...]:
    """For each life two: before its kinds, and after them."""
    return tuple(
        tuple(f"{when} {what}:1" for what in kinds) for kinds in lives for when in ("before", "after")
    )


def runs(times: Mapping[str, int]) -> tuple[str, ...]:
    """Every point at each passing that is tried."""
    return tuple(f"{name}:{n}" for name, most in times.items() for n in range(1, most + 1))


TIMES: Mapping[str, int] = {
    **_both_sides(*_SPOOL, *_DESK, times=3),
    **_both_sides("dot", times=3),
    **_both_sides("begin", "alive", times=1),  # once in the life of a worker, once a minute
}
"""The points of the six mails."""
CHAINS = _chains(
    ("begin", "alive", "receive", "take", "claim", "mark", "ring"),
    ("intake", "dot", "result", "clear", "settle", "imap"),
)
"""Every point once, six or seven deaths in one story."""

BAD_TIMES: Mapping[str, int] = {
    **_both_sides("park", "postpone", "daily", times=3),
    **_both_sides("alarms", times=2),  # it is raised, and over
}
"""The points of the bad day."""
BAD_CHAIN = (
    "before daily:1", "before park:1", "after park:1", "before postpone:1", "after postpone:1", "before alarms:1",
    "after alarms:1", "after daily:1",
)  # fmt: skip

NODE_TIMES: Mapping[str, int] = {
    **_both_sides("enter", "lead", times=1),  # once in the life of a node with one mailbox
    **_both_sides("renew", "bury", "free rows", "free letters", times=3),
}
"""The points that only a node on a server has, in the six mails."""
NODE_CHAIN = (
    "before enter:1", "after lead:1", "before renew:1", "after bury:1", "before free rows:1", "after free letters:1",
)  # fmt: skip
"""One side of each: a dead node's mailbox is free after its lease only, which takes time."""


@dataclass(frozen=True, slots=True)
class Run:
    """`reached` are the points at which the daemon did die."""

    reached: tuple[str, ...]
    findings: list[Finding]
    evidence: Evidence
    seconds: float


def run(
    folder: Path, *points: str, seed: int = 1, play: Callable[[Range], None] = six_mails, **scene: Any
) -> Run:
    """The story with a death at each of these points, one after the other; without any, as it goes by itself.

    `play` is another story; `scene` goes to the Range: the bug that is planted, the weather at the sink, ...
    """
    began = time.monotonic()
    troubles: list[str] = []
    scene.setdefault(
        "patience", _PATIENCE + START_PATIENCE * len(points)
    )  # all may die before the first letter
    with Range(folder, seed, **scene) as around:
        around.target.launch(crash_at=points[0] if points else "")
        target = around.target
        target.until(lambda: target.is_ready or target.has_fallen, "ready", START_PATIENCE)
        people = threading.Thread(target=_play, args=(play, around, troubles), name="people")
        people.start()
        reached = _watch(around, people, points)
        people.join()
        evidence = around.settle()
    findings = [*(Finding("story", "lost", text) for text in troubles), *judge(evidence)]
    return Run(reached, findings, evidence, time.monotonic() - began)


def _play(play: Callable[[Range], None], around: Range, troubles: list[str]) -> None:
    try:
        play(around)
    except TimeoutError as trouble:
        troubles.append(str(trouble))


def _watch(around: Range, people: threading.Thread, points: Sequence[str]) -> tuple[str, ...]:
    """When a part of it dies the rest dies too, and it starts again, to die at the next point."""
    reached = 0
    while reached < len(points) and (people.is_alive() or around.postman.outstanding):
        if around.target.has_fallen:
            reached += 1
            around.target.kill_all()
            around.target.launch(crash_at=points[reached] if reached < len(points) else "")
        time.sleep(_WATCH_SECONDS)
    return tuple(points[:reached])
