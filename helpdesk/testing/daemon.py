"""A real `helpdesk serve`: its own folder, free ports, real processes; every wait is for a condition.

    with Daemon(tmp_path) as daemon:
        daemon.post(mail("anne@customer.example", "My order"))
        daemon.waits_for_letter("acknowledgement")
        assert daemon.stop() == 0

With `limits` the same daemon is started by this module instead of the command, since users cannot set them:
`python -m helpdesk.testing.daemon CONFIG '{"wall": 1.0}'`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.error import HTTPError
from urllib.request import urlopen

from helpdesk.config import Config, write_new
from helpdesk.daemon import logs, serving
from helpdesk.daemon.limits import Limits
from helpdesk.daemon.loading import command_of
from helpdesk.render.canned import shipped_folder
from helpdesk.store.session import Database
from helpdesk.testing.command_line import ADDRESS, helpdesk
from helpdesk.testing.letters import Letter
from helpdesk.testing.maildir_reader import MaildirReader

PATIENCE = 60.0
START_PATIENCE = 60.0
"""Seconds. Two processes load everything, and a worker that died does so again: ten seconds each on a machine that is
busy with other tests. Tests of how soon something happens measure it themselves."""
_LOOK_EVERY = 0.02
CONFIG = """\
[desk]
name = "iDuHelp!"
address = "help@desk.example"
list = "milis@lists.example"
pic = ["pic@desk.example"]

[receive.smtp]
port = 0
protocol = "smtp"

[send]
transport = "maildir"

[web]
port = 0

[sla]
first_response = "24h"

[[operators]]
name = "Bart"
address = "bart@staff.example"

[[operators]]
name = "Cate"
address = "cate@staff.example"

[[pic]]
name = "Dora"
address = "dora@staff.example"
"""

GREETS_EVERYBODY = {
    "HELPDESK_LIMITS__GREETINGS_PER_ADDRESS": "10000",
    "HELPDESK_LIMITS__GREETINGS_PER_DOMAIN": "10000",
    "HELPDESK_LIMITS__GREETINGS": "100000",
}
"""A few test people write more than all real ones."""

T = TypeVar("T")


class NeverHappened(AssertionError):
    """What was waited for did not come; the message shows the end of the daemon's log."""


class Daemon:
    """One desk in `folder`, started and stopped as often as a test likes. `environ` is added to our own."""

    def __init__(
        self,
        folder: Path,
        *,
        config: str = CONFIG,
        limits: Limits | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.file = folder / "config.toml"
        self.log_file = folder / "log"
        self.limits = limits
        self.environ = {**os.environ, **GREETS_EVERYBODY, **(environ or {})}
        if not self.file.exists():
            write_new(folder, shipped_folder())
        self.file.write_text(config)
        self.reader = MaildirReader(folder / "var" / "outgoing")
        self.letters: list[Letter] = []
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_running:
            self.wake_workers()
            self.stop()

    # Processes

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def worker_pid(self) -> int:
        """The newest worker's; it may be about to start or to end."""
        started = [line["pid"] for line in self.log() if line.get("action") == "worker_started"]
        return int(started[-1])

    def start(self, within: float = START_PATIENCE) -> Self:
        """Start it and wait for its line `ready`. What does not become ready is killed."""
        self.launch()
        try:
            self.until(lambda: not self.is_running or "\nready\n" in f"\n{self.log_text()}", "ready", within)
        except NeverHappened:
            self.kill()
            raise
        assert self.is_running, f"the daemon did not start:\n{self.log_text()}"
        return self

    def launch(self) -> None:
        """Start it and return at once; its log begins anew."""
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                self.command(), stderr=log, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.environ
            )

    def command(self) -> list[str]:
        """What is started."""
        if self.limits:
            limits = json.dumps(asdict(self.limits))
            return command_of("helpdesk.testing.daemon", str(self.file), limits)
        return [sys.executable, "-m", "helpdesk", "serve", "--config", str(self.file)]

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM, within: float = PATIENCE) -> int:
        """Stop it and return its exit code; it is killed, and the test fails, if it takes too long."""
        self.send_signal(number)
        return self.wait(within)

    def wait(self, within: float = PATIENCE) -> int:
        """Wait for its end; return its exit code."""
        assert self._process is not None
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise NeverHappened(f"it did not end within {within} s:\n{self._tail()}") from None
        if self._process.stdout:
            self._process.stdout.close()
        return code

    def kill(self) -> None:
        """The power goes: no goodbye to anybody."""
        self.stop(signal.SIGKILL)

    def wake_workers(self) -> None:
        """Let a worker that a test has stopped go on, so that it can end."""
        for line in self.log():
            if line.get("action") == "worker_started":
                try:
                    os.kill(int(line["pid"]), signal.SIGCONT)
                except ProcessLookupError:
                    pass

    # What it says

    def log_text(self) -> str:
        return self.log_file.read_text(errors="replace")

    def log(self, action: str = "") -> list[dict[str, Any]]:
        """The log's events, or those with this action. A line that is being written is left out."""
        lines = [line for line in self.log_text().split("\n")[:-1] if line.startswith("{")]
        events = [json.loads(line) for line in lines]
        return [event for event in events if not action or event.get("action") == action]

    def web(self, path: str) -> tuple[int, str]:
        """GET a page: status and text."""
        port = self.log("web.listening")[-1]["port"]
        try:
            with urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    # Mail

    @property
    def smtp_port(self) -> int:
        return int(self.log("smtp.listening")[-1]["port"])

    def post(self, *mails: EmailMessage, protocol: type[smtplib.SMTP] = smtplib.SMTP) -> None:
        """Hand mails in at its port; returns when all are accepted."""
        with protocol("127.0.0.1", self.smtp_port, timeout=PATIENCE) as client:
            for one in mails:
                client.send_message(one, one["From"], [ADDRESS])

    def named(self, name: str) -> list[Letter]:
        """The letters of this canned name that were sent so far."""
        self.letters += self.reader.fresh()
        return [letter for letter in self.letters if letter.name == name]

    def waits_for_letter(self, name: str, number: int = 1) -> Letter:
        """Wait until that many letters of this name are out; return the last."""
        self.until(lambda: len(self.named(name)) >= number, f"{number} {name}")
        return self.named(name)[-1]

    # Looking inside

    def databases(self) -> tuple[Database, Database]:
        """Spool and desk, to be closed by the caller."""
        config = Config.load(self.file)
        return Database(config.spool_url), Database(config.desk_url)

    def helpdesk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside it."""
        return helpdesk(*arguments, "--config", str(self.file))

    def until(self, happens: Callable[[], T], what: str, within: float = PATIENCE) -> T:
        """Wait until `happens()` is true; return what it returned. Raises NeverHappened."""
        give_up_at = time.monotonic() + within
        while not (answer := happens()):
            if time.monotonic() > give_up_at:
                raise NeverHappened(f"{what} never happened:\n{self._tail()}")
            time.sleep(_LOOK_EVERY)
        return answer

    def _tail(self) -> str:
        return "\n".join(self.log_text().splitlines()[-20:])


def main() -> None:
    """Serve with shorter limits."""
    logs.configure()
    limits = Limits(**json.loads(sys.argv[2]))
    asyncio.run(serving.serve(Config.load(Path(sys.argv[1])), serving.say_ready, limits))
