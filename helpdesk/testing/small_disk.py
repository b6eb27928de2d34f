"""A disk of a few megabytes, which grows when told: a tmpfs that only our own processes see.

    with SmallDisk(folder / "var", "4m") as disk:
        daemon = Daemon(folder, ...)               # started by `disk.command([...])`
        disk.fill()
        disk.grow("64m")

It lives in a mount namespace of its own, so that no root is needed where users may make such; `disk.path` is
how everybody else sees it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from helpdesk.testing import needs

_BALLAST = "ballast"
_BLOCK = bytes(4096)


class SmallDisk:
    """Mounted on `folder` for the processes that are started by `command`, until `__exit__`."""

    def __init__(self, folder: Path, size: str) -> None:
        self._folder, self._size = folder, size
        self._holder: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        mounted = f'mount -t tmpfs -o size={self._size} tmpfs "$0" && echo mounted && exec cat'
        self._holder = subprocess.Popen(
            [needs.program("unshare"), "-rm", "sh", "-c", mounted, str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert self._holder.stdout is not None
        said = self._holder.stdout.readline()
        if said != b"mounted\n":
            self.__exit__(None, None, None)
            needs.lacking(f"no mount namespace may be made here: {said.decode().strip()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._holder is not None
        self._holder.communicate(timeout=10)  # the end of its input ends it

    @property
    def path(self) -> Path:
        """The disk as processes outside see it."""
        assert self._holder is not None
        return Path(f"/proc/{self._holder.pid}/root{self._folder}")

    def command(self, command: list[str]) -> list[str]:
        """The same command, started where the disk is."""
        assert self._holder is not None
        enter = [needs.program("nsenter"), "--preserve-credentials", "-U", "-m", "-t", str(self._holder.pid)]
        return [*enter, f"--wd={Path.cwd()}", "--", *command]

    def fill(self) -> None:
        """Somebody else takes all the room that is left."""
        ballast = os.open(self.path / _BALLAST, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while True:
                os.write(ballast, _BLOCK)
        except OSError:
            pass
        finally:
            os.close(ballast)

    def tidy(self) -> None:
        """Somebody else frees the room again."""
        (self.path / _BALLAST).unlink(missing_ok=True)

    def grow(self, size: str) -> None:
        """A bigger disk, while everything runs."""
        mount = ["mount", "-o", f"remount,size={size}", str(self._folder)]
        subprocess.run(self.command(mount), check=True, timeout=20)
