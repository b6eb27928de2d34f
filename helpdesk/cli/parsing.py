"""`parse`: what the desk reads in a mail, one line of JSON each, whatever the mail is.

Mails are read in a child process under limits, as in the daemon: a mail that kills or hangs it is shown by
its head alone, with the repair noted, and the next one gets a new child (F4). One child reads many mails.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.context import ConfigOption
from helpdesk.parse.message import read_headers_only
from helpdesk.parse.show import as_json

HEAD_ONLY = "could not be read; only its head was"
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """For one mail: seconds by the clock, seconds of CPU; bytes of memory for the child."""

    wall: float = 10.0
    cpu: int = 5
    memory: int = 1024**3


def parse(
    context: typer.Context,  # noqa: ARG001 - every command takes --config; this one reads no configuration
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Mails, one a file.")],
    config: ConfigOption = None,  # noqa: ARG001
) -> None:
    """Show what the desk reads in these mails: one line of JSON each, in the order given."""
    missing = False
    reader = GuardedReader()
    try:
        for file in files:
            try:
                raw = file.read_bytes()
            except OSError as error:
                typer.echo(f"helpdesk: {file}: {error.strerror}; give the file of a mail", err=True)
                missing = True
                continue
            sys.stdout.buffer.write(reader.read(str(file), raw) + b"\n")
            sys.stdout.buffer.flush()
    finally:
        reader.close()
    raise typer.Exit(1 if missing else 0)


class GuardedReader:
    """Hands mails to the child; gives the answer of the bounded reader when the child is lost over one."""

    def __init__(self, limits: ReadLimits | None = None) -> None:
        self._limits = limits or ReadLimits()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def child_pid(self) -> int:
        return self._child.pid if self._child else 0

    def read(self, name: str, raw: bytes) -> bytes:
        """One line of JSON without its end."""
        line = self._ask(json.dumps({"name": name, "size": len(raw)}).encode() + b"\n" + raw)
        if line is not None:
            return line
        self.close()
        mail = as_json(name, read_headers_only(raw))
        answer = json.dumps({**mail, "repairs": [*mail["repairs"], HEAD_ONLY]}, ensure_ascii=False)
        return answer.encode("utf-8", "replace")

    def close(self) -> None:
        """End the child, whatever it does."""
        if self._child and self._child.stdin and self._child.stdout:
            self._child.kill()
            self._child.stdin.close()
            self._child.stdout.close()
            self._child.wait()
        self._child = None

    def _ask(self, question: bytes) -> bytes | None:
        """The child's answer; None when it died or took too long. Writes and reads as the pipes allow."""
        child = self._child or self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        give_up_at = time.monotonic() + self._limits.wall
        answer = bytearray()
        left = memoryview(question)
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdin, selectors.EVENT_WRITE)
            selector.register(child.stdout, selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                ready = selector.select(max(0.0, give_up_at - time.monotonic()))
                if not ready:
                    return None
                for key, _ in ready:
                    if key.fileobj is child.stdout:
                        chunk = os.read(key.fd, _CHUNK)
                        if not chunk:
                            return None
                        answer += chunk
                        continue
                    try:
                        left = left[os.write(key.fd, left[:_CHUNK]) :]
                    except BrokenPipeError:
                        return None
                    if not left:
                        selector.unregister(child.stdin)
        return bytes(answer[:-1])

    def _start(self) -> subprocess.Popen[bytes]:
        limits = (str(self._limits.cpu), str(self._limits.memory))
        # our own interpreter with our own module: nothing of the mail is in the command. What a dying child
        # says is not for the user: the repair in the result is.
        self._child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "helpdesk.cli.parse_child", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        assert self._child.stdin is not None
        os.set_blocking(self._child.stdin.fileno(), False)
        return self._child
