"""The daemon that is shot at: killed whole, in halves or at a named point, and started again with its old files.

`bug` starts it with a faulty part in a good one's place (`chaos.faulty`). Every start has a log of its own, which
the judge reads.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from helpdesk.daemon import crash
from helpdesk.daemon.limits import Limits
from helpdesk.daemon.loading import command_of
from helpdesk.testing.chaos.mails import OPERATORS
from helpdesk.testing.daemon import Daemon
from helpdesk.testing.needs import free_port
from helpdesk.testing.processes import children, resident

_CONFIG = """\
[desk]
name = "iDuHelp!"
address = "help@desk.example"
list = "milis@lists.example"
pic = ["pic@desk.example"]

[store]
{store}

[receive.smtp]
port = {port}
protocol = "{protocol}"
max_sessions_per_ip = 50

{imap}

[send]
port = {sink}
retry_for = "{retry_for}"

[assignment]
mode = "claim"
claim_window = "{claim_window}"
announce = "each"

[follow_up]
nudge_after = ["0.3s", "0.6s"]
clock = "calendar"

{limits}

{people}

[[pic]]
name = "Dora"
address = "dora@staff.example"
"""
_GREETS_EVERYBODY = """\
greetings_per_address = 10000
greetings_per_domain = 10000
greetings = 100000
loop_mails = 10000
"""

_IMAP = """\
[[receive.imap]]
host = "127.0.0.1"
port = {port}
tls = "none"
username = "help"
password_file = "mailbox"
poll = "1s"
after = "{after}"
"""


class Target(Daemon):
    """One desk, or one node of it. `sink`, `imap` and `store` are where its letters go, its mailbox and its
    PostgreSQL url; `limits` are lines of that table, `pace` the waits of the daemon that no user can set."""

    def __init__(
        self,
        folder: Path,
        sink: int,
        *,
        imap: int = 0,
        store: str = "",
        bug: str = "",
        protocol: str = "smtp",
        retry_for: str = "100s",
        after: str = "delete",
        claim_window: str = "0.3s",
        limits: str = "",
        pace: Limits | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        self.port, self.protocol, self.bug = free_port(), protocol, bug
        self._sink, self._imap, self._store = sink, imap, store
        self._retry_for, self._after = retry_for, after
        self._claim_window, self._limits_table = claim_window, limits
        self.starts = 0
        super().__init__(folder, config=self._config(), limits=pace, environ=environ)
        password = folder / "mailbox"
        password.touch(mode=0o600)
        password.write_text("correct-horse-27\n")

    def launch(self, crash_at: str = "", protocol: str = "") -> None:
        """Start it, to die at these points; it may hear the other protocol from now on."""
        self.protocol = protocol or self.protocol
        self.file.write_text(self._config())
        self.environ.pop(crash.VARIABLE, None)
        if crash_at:
            self.environ[crash.VARIABLE] = crash_at
        self.starts += 1
        self.log_file = self.folder / f"log-{self.starts:04d}"
        super().launch()

    def command(self) -> list[str]:
        if self.bug:
            return command_of("helpdesk.testing.chaos.faulty", str(self.file), self.bug)
        return super().command()

    def where(self) -> tuple[str, int]:
        return self.protocol, self.port

    @property
    def is_ready(self) -> bool:
        return "\nready\n" in f"\n{self.log_text()}"

    @property
    def has_fallen(self) -> bool:
        """The front is gone, or a worker was: the front says so when it has found out."""
        return not self.is_running or "worker_died" in self.log_text()

    def kill_all(self) -> None:
        """The power goes for both processes. Their order is the order of signals: the front first."""
        workers = self._workers()
        self.kill_front()
        for pid in workers:
            _kill(pid)

    def kill_front(self) -> None:
        """The worker hears of it by the end of its orders."""
        if self.is_running:
            self.kill()
        elif self.starts:
            self.wait()  # it fell by itself

    def kill_worker(self) -> None:
        """The front brings another one up."""
        for pid in self._workers():
            _kill(pid)

    def freeze(self) -> None:
        """Both processes stand still, the worker first: the front must not find out."""
        for pid in (*self._workers(), self.pid):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in (self.pid, *self._workers()):
            os.kill(pid, signal.SIGCONT)

    def logs(self) -> list[Path]:
        return sorted(self.folder.glob("log-*"))

    def figures(self) -> dict[str, int]:
        """Resident bytes and open files of front, worker and its aide together."""
        workers = self._workers()
        pids = [self.pid, *workers, *(aide for worker in workers for aide in children(worker))]
        memory = sum(resident(pid) for pid in pids)
        files = sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)
        return {"rss": memory, "files": files}

    def _workers(self) -> list[int]:
        """The children of the front, from the kernel: the log may be late."""
        return children(self.pid) if self.is_running else []

    def _config(self) -> str:
        people = [f'[[operators]]\nname = "{name}"\naddress = "{who}"\n' for who, name in OPERATORS.items()]
        return _CONFIG.format(
            port=self.port,
            protocol=self.protocol,
            sink=self._sink,
            retry_for=self._retry_for,
            claim_window=self._claim_window,
            limits=f"[limits]\n{_GREETS_EVERYBODY}{self._limits_table}",
            store=f'url = "{self._store}"' if self._store else "",
            imap=_IMAP.format(port=self._imap, after=self._after) if self._imap else "",
            people="\n".join(people),
        )


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
