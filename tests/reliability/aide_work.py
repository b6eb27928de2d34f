"""Work for an aide that goes well only in the process that asked for it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def where(mine: int, *_: object) -> tuple[int, bool]:
    """This process, and whether it is the one that asked."""
    return os.getpid(), os.getpid() == mine


def fails_elsewhere(mine: int) -> str:
    if os.getpid() != mine:
        raise ValueError("not here")
    return "done"


def dies_elsewhere(mine: int) -> str:
    if os.getpid() != mine:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def burns_elsewhere(mine: int) -> str:
    while os.getpid() != mine:
        pass
    return "done"


def hangs_elsewhere(mine: int) -> str:
    if os.getpid() != mine:
        time.sleep(60)
    return "done"


def signs(file: str, *_: object) -> int:
    """Whoever does it adds their number to the file."""
    with Path(file).open("a") as lines:
        lines.write(f"{os.getpid()}\n")
    return os.getpid()
