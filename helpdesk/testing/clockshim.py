"""Steps the clocks of running processes, by a small library that is loaded before all others.

shim = ClockShim(tmp_path)
with Daemon(tmp_path / "desk", environ=shim.environ) as daemon:
    shim.step(timedelta(days=1))                  # somebody has set the clock
    shim.passes(timedelta(hours=4))               # four hours have gone by
"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from helpdesk.testing import needs

_SOURCE = Path(__file__).with_suffix(".c")
_NUMBER = 8


class ClockShim:
    """The clocks of all processes that are started with `environ`; needs gcc."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._library = folder / "clockshim.so"
        self._file = folder / "clock"
        self._file.write_bytes(bytes(2 * _NUMBER))
        self._ahead = [timedelta(), timedelta()]
        command = [
            needs.program("gcc"),
            "-shared",
            "-fPIC",
            "-O1",
            "-o",
            str(self._library),
            str(_SOURCE),
            "-ldl",
        ]
        subprocess.run(command, check=True, timeout=60)

    @property
    def environ(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "HELPDESK_CLOCK": str(self._file)}

    def step(self, by: timedelta) -> None:
        """The clock on the wall is set, or the machine was suspended: the one that only grows knows nothing."""
        self._move(by, timedelta())

    def passes(self, span: timedelta) -> None:
        """Time goes by on both clocks; who sleeps until a moment still sleeps as long as he meant to."""
        self._move(span, span)

    def now(self) -> datetime:
        """What those processes take for the time."""
        return datetime.now(UTC) + self._ahead[0]

    def _move(self, wall: timedelta, growing: timedelta) -> None:
        self._ahead = [self._ahead[0] + wall, self._ahead[1] + growing]
        with self._file.open("r+b") as file:
            file.write(
                b"".join(_seconds(span).to_bytes(_NUMBER, "little", signed=True) for span in self._ahead)
            )


def _seconds(span: timedelta) -> int:
    return span // timedelta(seconds=1)


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, in user and kernel mode."""
    used, in_kernel = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(used) + int(in_kernel)) / os.sysconf("SC_CLK_TCK")
