"""The worker's aide, waited for: a test that wants to see what it does cannot leave that to chance."""

from __future__ import annotations

from typing import Any

from helpdesk.daemon.aide_line import Aide, Task


class PatientAide(Aide):
    def look(self, task: Task) -> tuple[bool, Any]:
        while task.result is None and self.pid is not None:
            self.listen(seconds=1)
        return super().look(task)
