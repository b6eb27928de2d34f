"""A range with bad wires: a rubber proxy before the desk, one before the sink, one before the mailbox.

with Wired(folder, seed=7) as around:
    around.trouble("reset")          # at a wire that the dice choose

Dead connections are found out by timeouts of many minutes; the desk's clocks are moved on instead.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from helpdesk.testing.chaos.postman import Address
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.chaos.target import Target
from helpdesk.testing.clockshim import ClockShim
from helpdesk.testing.rubber import Mode, Rubber

LONGEST_WAIT = timedelta(minutes=16)
"""Longer than any deadline of a conversation (RFC 5321 4.5.3.2, and 15 minutes before the dot)."""
_LONGEST_PAUSE = timedelta(minutes=5)
"""Of a desk that found its upstream server away."""
_LONGEST_SECONDS = 1.5
_MOST_BYTES = 3_000
ANNOUNCED = {"alarm", "smtp.store_failed"}
"""What many minutes that pass at once make of a mailbox, and of a mail that is just being stored (it hears 451)."""
_LIMITS = 'retry_first = "1s"\nretry_longest = "2s"'
_HASTE_SECONDS = 3.0


class Wired(Range):
    """`troubles` counts what happened, by its name and wire."""

    def __init__(self, folder: Path, seed: int, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._shim = ClockShim(folder / "shim")
        self._rubbers: dict[str, Rubber] = {}
        self.troubles: Counter[str] = Counter()
        plain: dict[str, Any] = {
            "retry_for": "9d",
            "limits": _LIMITS,
            "waits": _HASTE_SECONDS,  # the desk's own patience is cut short by its clocks
            "environ": self._shim.environ,
            "announced": ANNOUNCED,
        }
        super().__init__(folder, seed, **{**plain, **options})
        self.bad_wires, self.dice = True, random.Random(seed + 4)

    def __enter__(self) -> Self:
        super().__enter__()
        for rubber in self._rubbers.values():
            rubber.start()
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        for rubber in self._rubbers.values():
            rubber.stop()

    def to_sink(self) -> int:
        return self._wire("sink", self.sink.port)

    def to_mailbox(self) -> int:
        return self._wire("mailbox", self.imap.port)

    def new_target(self, name: str) -> Target:
        target = super().new_target(name)
        self._wire("desk", target.port)
        return target

    def where(self) -> Address:
        return self.target.protocol, self._rubbers["desk"].port

    def _wire(self, name: str, port: int) -> int:
        self._rubbers[name] = Rubber(port)
        return self._rubbers[name].port

    def trouble(self, name: str) -> None:
        """One of TROUBLES at one wire for a while; then it is as good as new."""
        wire = self.dice.choice(sorted(self._rubbers))
        self.troubles[f"{name} at {wire}"] += 1
        TROUBLES[name](self, self._rubbers[wire])
        if wire == "sink":
            self._shim.passes(_LONGEST_PAUSE)

    def a_while(self) -> None:
        time.sleep(self.dice.random() * _LONGEST_SECONDS)

    def nobody_answers(self) -> None:
        """So long that whoever waits for a dead connection gives it up."""
        self.a_while()
        self._shim.passes(LONGEST_WAIT)


def _mode(mode: Mode) -> Callable[[Wired, Rubber], None]:
    def misbehave(around: Wired, rubber: Rubber) -> None:
        rubber.be(mode)
        around.a_while()
        rubber.be("pass")

    return misbehave


def _half_open(around: Wired, rubber: Rubber) -> None:
    rubber.be("half-open")
    around.nobody_answers()


def _silent(around: Wired, rubber: Rubber) -> None:
    """It stalls for longer than anybody waits."""
    rubber.be("stall")
    around.nobody_answers()
    rubber.be("pass")


def _drops(around: Wired, rubber: Rubber) -> None:
    rubber.drop_after = around.dice.randrange(_MOST_BYTES)
    around.a_while()
    rubber.drop_after = None


def _drops_what_is_sent(around: Wired, rubber: Rubber) -> None:
    rubber.drop_after_sent = around.dice.randrange(_MOST_BYTES)
    around.a_while()
    rubber.drop_after_sent = None


TROUBLES: dict[str, Callable[[Wired, Rubber], None]] = {
    "drop": _drops,
    "drop of what is sent": _drops_what_is_sent,
    "half-open": _half_open,
    "reset": _mode("reset"),
    "silence": _silent,
    "stall": _mode("stall"),
    "trickle": _mode("trickle"),
}
