"""The process of a private PostgreSQL: made, started, stopped, restarted, frozen, and ended by its id.

It listens on a port of 127.0.0.1 of its own and stays on it; its data is in a temporary folder, in memory where
there is room. It dies with the process that started it, even when that is killed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from helpdesk.testing import needs

Haste = Literal["fast", "immediate"]
_SIGNALS: Mapping[Haste, signal.Signals] = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
_PATIENCE = 60.0
_ROOM = 2 * 1024**3
_PLAIN = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",  # the default, which many nodes must share
    "shared_buffers": "64MB",
    "jit": "off",
    "timezone": "Pacific/Chatham",
    "log_timezone": "UTC",
}
# A killed server loses nothing by it, only a killed machine would
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}
_GUARD = """cat >/dev/null; kill -INT {pid}
for _ in $(seq 100); do [ -e '{folder}/data/postmaster.pid' ] || break; sleep 0.1; done
rm -rf '{folder}'"""


class ServerProcess:
    """`durable`: wait for the disk at every commit, as in life. `settings`: further lines of postgresql.conf."""

    def __init__(self, *, durable: bool = False, settings: Mapping[str, str] | None = None) -> None:
        self._programs = Path(needs.program("initdb")).resolve().parent
        try:
            import psycopg  # noqa: F401 - an extra of the package
        except ImportError:
            needs.lacking("needs psycopg, which is not installed here: pip install 'helpdesk[postgres]'")
        # PostgreSQL refuses to be run by root
        self._user = "postgres" if os.geteuid() == 0 else None
        self._settings = _PLAIN | ({} if durable else _NOT_DURABLE) | dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self.port = _quiet_port()
        self.folder = Path(tempfile.mkdtemp(prefix="helpdesk-postgres-", dir=None if durable else _memory()))

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    def start(self) -> None:
        """Until it takes connections; on the same port every time."""
        command = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
        end = time.monotonic() + _PATIENCE
        while not self._answers():
            if time.monotonic() > end:
                raise TimeoutError(f"PostgreSQL does not answer:\n{self.log[-3000:]}")
            if not self.is_running:  # at first, or its port was taken for a moment
                self._unguard()
                with (self.folder / "log").open("ab") as log:
                    self._process = subprocess.Popen(
                        command,
                        stdout=log,
                        stderr=log,
                        stdin=subprocess.DEVNULL,
                        user=self._user,
                        start_new_session=True,
                    )
                self._guard = self._guarded(self._process.pid)
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """The server's own; its connections are its children."""
        assert self._process is not None
        return self._process.pid

    def stop(self, haste: Haste = "fast") -> None:
        """`fast`: connections are cut, all is written. `immediate`: as if it had crashed."""
        if self._process is None:
            return
        process, self._process = self._process, None
        self._unguard()
        process.send_signal(_SIGNALS[haste])
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self, haste: Haste = "fast") -> None:
        self.stop(haste)
        self.start()

    def freeze(self) -> None:
        """It stands still, as a machine that is moved: its kernel takes what is sent, nobody answers."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        main = self._process.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for pid in (main, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    @contextmanager
    def superuser(self, name: str = "postgres") -> Iterator[Any]:
        """A psycopg connection of the administrator, in autocommit."""
        with administrator(self.port, name) as connection:
            yield connection

    def remove(self) -> None:
        """It ends at once, and its data is gone."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self) -> None:
        """Make its data folder."""
        if self._user:
            shutil.chown(self.folder, self._user, self._user)
        command = [str(self._programs / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres"]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        # texts sort as people expect, not as bytes do: so do the servers in the world
        command += ["--locale-provider=icu", "--icu-locale=en-US"]
        done = subprocess.run(
            command, user=self._user, cwd="/", capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode:
            raise RuntimeError(f"initdb: {done.stderr}")
        with (self.folder / "data" / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())

    def _answers(self) -> bool:
        import psycopg

        if not self.is_running:
            return False
        try:
            with self.superuser():
                return True
        except psycopg.OperationalError:
            return False

    def _guarded(self, pid: int) -> subprocess.Popen[bytes]:
        """Ends the server when we are gone: then nobody holds the other end of its standard input.

        In a session of its own, or what ends our whole group of processes would end it first.
        """
        script = _GUARD.format(pid=pid, folder=self.folder)
        return subprocess.Popen(
            ["/bin/sh", "-c", script], stdin=subprocess.PIPE, user=self._user, cwd="/", start_new_session=True
        )

    def _unguard(self) -> None:
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None


@contextmanager
def administrator(port: int, name: str) -> Iterator[Any]:
    """As `ServerProcess.superuser`, for whoever knows only where a test server is."""
    import psycopg

    dsn = f"host=127.0.0.1 port={port} user=postgres dbname={name} connect_timeout=10"
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def _memory() -> Path | None:
    """A folder in memory, where there is room: making a database there takes a tenth of the time."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM else None


def _quiet_port() -> int:
    """A free port below those that outgoing connections take: nobody must get it while the server is away."""
    while True:
        port = random.randint(15_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
