"""`parse`: what the desk reads in a mail, one line of JSON each, whatever the mail is.

Mails are read in a child process under limits, as in the daemon: a mail that kills or hangs it is shown by
its head alone, with the repair noted, and the next one gets a new child (F4).
"""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
from pathlib import Path
from typing import IO, Annotated

import typer

from helpdesk.parse.message import read, read_headers_only
from helpdesk.parse.show import as_json

WALL_SECONDS = 10.0
ADDRESS_SPACE = 1024**3


def parse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Mails, one a file.")],
) -> None:
    """Show what the desk reads in these mails, in the order given."""
    missing = False
    reader = _Reader()
    for file in files:
        try:
            raw = file.read_bytes()
        except OSError as error:
            typer.echo(f"helpdesk: {file}: {error.strerror}; give the file of a mail", err=True)
            missing = True
            continue
        sys.stdout.buffer.write(reader.read(str(file), raw) + b"\n")
    reader.close()
    raise typer.Exit(1 if missing else 0)


class _Reader:
    """Hands mails to the child; gives the answer of the bounded reader when the child is lost over one."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, name: str, raw: bytes) -> bytes:
        child = self._child or self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        head = json.dumps({"name": name, "size": len(raw)}).encode()
        try:
            child.stdin.write(head + b"\n" + raw)
            child.stdin.flush()
            line = _line_in_time(child.stdout)
        except BrokenPipeError:
            line = b""
        if line:
            return line.rstrip(b"\n")
        self.close(kill=True)
        mail = as_json(name, read_headers_only(raw))
        return _json({**mail, "repairs": [*mail["repairs"], "could not be read; only its head was"]})

    def close(self, *, kill: bool = False) -> None:
        if self._child and self._child.stdin and self._child.stdout:
            if kill:
                self._child.kill()
            self._child.stdin.close()
            self._child.stdout.close()
            self._child.wait()
        self._child = None

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "helpdesk.cli.parsing"]
        # our own interpreter with our own module: nothing of the mail is in the command
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        return self._child


def _line_in_time(stream: IO[bytes]) -> bytes:
    """The next line, or b'' when the child has gone or takes too long."""
    ready, _, _ = select.select([stream], [], [], WALL_SECONDS)
    return stream.readline() if ready else b""


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _serve() -> None:
    """The child: read mails from standard input until it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    while head := source.readline():
        asked = json.loads(head)
        answers.write(_json(as_json(asked["name"], read(source.read(asked["size"])))) + b"\n")


if __name__ == "__main__":
    _serve()
