"""Where the figures of a benchmark go: results/NAME.json, with the machine that gave them."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def record(benchmark: str, figures: dict[str, Any], name: str = "") -> None:
    """`name` is that of the file, where a benchmark has several."""
    RESULTS.mkdir(exist_ok=True)
    document = {"machine": machine(), "benchmark": benchmark, **figures}
    (RESULTS / f"{name or benchmark}.json").write_text(json.dumps(document, indent=2) + "\n")


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )
    return (
        f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def file_system(folder: Path) -> str:
    """Its type: on tmpfs a commit costs no wait for a disk, which is worth more than anything a desk can do."""
    command = ["stat", "--file-system", "--format=%T", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
