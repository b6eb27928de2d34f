"""How far long work is: a bar on standard error, when that is a terminal and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from helpdesk.store.progress import Progress, silent


@contextmanager
def bars() -> Iterator[Progress]:
    """What the store tells becomes one bar for each kind of work."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as shown:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                for earlier in tasks.values():
                    shown.update(earlier, completed=shown.tasks[earlier].total)
                tasks[what] = shown.add_task(what)
            shown.update(tasks[what], completed=done, total=max(total, 1))

        yield show
        for task in tasks.values():
            shown.update(task, completed=shown.tasks[task].total)
