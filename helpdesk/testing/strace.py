"""Faults at system calls: strace on one thread of a running process, which harms its n-th call of one kind.

    with Strace(tid, "fdatasync", "error=EIO", when="3", files=[folder / "spool.db-wal"]) as strace:
        ...
        assert strace.harmed == 1

The counter of strace is one per thread, so that a sweep goes thread by thread; `callers`
tells them apart by what they do. A SIGKILL comes before the call is carried out (MAIL_RULES 5.1b).
"""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from helpdesk.testing import needs

KILL = "signal=SIGKILL"
_CALLER = re.compile(rb"\[pid +(\d+)\] \w+\(")
_PATIENCE = 10.0


class Strace:
    """Attached between `__enter__` and `__exit__`; the process goes on afterwards, if it still lives.

    `when` is strace's: "3" the third call, "3+" from the third on. `files`: only calls on these files count.
    `all_threads`: of the whole process, which `tid` is then the id of.
    """

    def __init__(
        self,
        tid: int,
        syscall: str,
        fault: str = "",
        when: str = "1",
        files: Sequence[Path] = (),
        *,
        all_threads: bool = False,
    ) -> None:
        self._tid = tid
        inject = [f"--inject={syscall}:{fault}:when={when}"] if fault else []
        paths = [f"--trace-path={file}" for file in files]
        self._command = [
            needs.program("strace"), f"--trace={syscall}", *inject, *paths, *["-f"] * all_threads, "-p", str(tid),
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: list[bytes] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        first = _stream(self._process).readline()
        if b"attached" not in first:
            rest = _stream(self._process).read()
            self._process.wait(_PATIENCE)
            needs.lacking(f"strace cannot attach to a process here: {(first + rest).decode().strip()}")
        # a pipe that nobody empties stops strace after some hundred calls, and with it the process
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # it lets go of the process
        self._reader.join(_PATIENCE)
        self._process.wait(_PATIENCE)
        _stream(self._process).close()

    def _read(self) -> None:
        assert self._process is not None
        for line in _stream(self._process):
            self._lines.append(line)

    @property
    def is_over(self) -> bool:
        """Has the thread ended, killed by us or not?"""
        return self._process is not None and self._process.poll() is not None

    @property
    def callers(self) -> list[int]:
        """The threads that made such a call, in the order of their first; to be asked afterwards."""
        found = (_CALLER.match(line) for line in self._lines)
        return list(dict.fromkeys(int(match[1]) for match in found if match))

    @property
    def harmed(self) -> int:
        """How many calls were harmed; to be asked afterwards."""
        return sum(b"(INJECTED)" in line or b"killed by SIGKILL" in line for line in self._lines)


def _stream(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stderr is not None
    return process.stderr
