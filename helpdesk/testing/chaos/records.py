"""Lines of JSON that are on disk when `write` returns; a line that was cut short is no line."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any


class Records:
    """Append-only. Several threads may write."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._out = file.open("ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, **record: Any) -> None:
        """Return when the record has reached the disk."""
        with self._lock:
            self._out.write(json.dumps(record).encode() + b"\n")
            os.fdatasync(self._out.fileno())

    def read(self) -> list[dict[str, Any]]:
        lines = self._file.read_bytes().split(b"\n")[:-1]
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        self._out.close()
