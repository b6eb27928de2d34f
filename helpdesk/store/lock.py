"""One daemon per SQLite file: an flock on "<db file>.lock", which the kernel drops when its holder dies (P13)."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from helpdesk.store.session import AlreadyRunning

_LOOK_AGAIN_AFTER = 0.05


class FileLock:
    """`path` is the lock file itself. It stays when released: removing it would let two hold "the" lock."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._file: int | None = None

    def acquire(self, timeout: float) -> None:
        """Wait at most `timeout` seconds; raises AlreadyRunning. The lock ends with `release` or the process."""
        # no O_TRUNC: the holder's number stays readable; not inherited by children
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        give_up_at = time.monotonic() + timeout
        while not _try_lock(file):
            if time.monotonic() >= give_up_at:
                holder = os.pread(file, 20, 0).decode("ascii", "replace").strip()
                os.close(file)
                raise AlreadyRunning(
                    f"{self.path}: another helpdesk{f' (process {holder})' if holder else ''} works on this "
                    "database. Stop it first, or give this one its own [store] url."
                )
            time.sleep(_LOOK_AGAIN_AFTER)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)  # for the message only, never trusted
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
