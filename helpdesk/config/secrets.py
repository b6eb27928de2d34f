"""Secrets: read from files or environment variables, shown nowhere (T26).

A secret `password` of a table is named by `password_file` or `password_env`. Its file is looked at when the
configuration is read (is it there, is it private) and read each time it is asked for, so that a changed one counts.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, PrivateAttr, SecretStr

from helpdesk.config.errors import ConfigError

DESK_SECRET_BYTES = 32


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values never change, errors never quote what was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)


class SecretTable(Table):
    """A table whose `secrets` come by `<name>_file` or `<name>_env`."""

    secrets: ClassVar[tuple[str, ...]] = ("password",)
    _from_environ: dict[str, SecretStr] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any, /) -> None:
        environ: Mapping[str, str] = (context or {}).get("environ", {})
        for name in self.secrets:
            variable = getattr(self, f"{name}_env")
            if variable and environ.get(variable):
                self._from_environ[name] = SecretStr(environ[variable])

    def has_secret(self, name: str) -> bool:
        return bool(getattr(self, f"{name}_file") or getattr(self, f"{name}_env"))

    def secret(self, name: str) -> str:
        """Return the secret's text. Raises ConfigError when its file or variable is gone or not private."""
        path: Path | None = getattr(self, f"{name}_file")
        if path:
            if problem := file_problem(path):
                raise ConfigError([f"{path}: {problem}"])
            return path.read_text(encoding="utf-8").strip("\r\n")
        if name in self._from_environ:
            return self._from_environ[name].get_secret_value()
        raise ConfigError([f"{name}: none is configured; set {name}_file or {name}_env"])

    def secret_problems(self) -> Iterator[tuple[str, str]]:
        """Yield (key, what is wrong with it) for every secret that is named but cannot be had."""
        for name in self.secrets:
            path, variable = getattr(self, f"{name}_file"), getattr(self, f"{name}_env")
            if path and variable:
                yield f"{name}_env", f"{name}_file is set too; keep one of the two"
            elif path and (problem := file_problem(path)):
                yield f"{name}_file", problem
            elif variable and name not in self._from_environ:
                yield f"{name}_env", "this environment variable is not set; set it, or write its name right"


def file_problem(path: Path) -> str | None:
    """Return why a secret's file must not be used, None when it is fine."""
    try:
        found = path.stat()
    except OSError:
        return "no such file, or not readable; write the secret to it and make it mode 0600"
    if not stat.S_ISREG(found.st_mode):
        return "not a file; write the secret to a file of mode 0600"
    if stat.S_IMODE(found.st_mode) & 0o007:  # T26
        return f"everybody on this computer can read it; run: chmod o= {path.name}"
    if not os.access(path, os.R_OK):
        return "not readable for the user the desk runs as; change its owner or group"
    if not found.st_size:
        return "is empty; write the secret to it"
    return None


def load_or_make_secret(state: Path) -> bytes:
    """Return the desk's own 32 random bytes from `<state>/secret`; made, with mode 0600, when there are none.

    Two that start at the same time agree on one. Raises ConfigError when the file is open to others or damaged:
    a new secret would make every reply address that is already out there worthless.
    """
    path = state / "secret"
    try:
        if not path.exists():
            _make_secret(state, path)
        mode, secret = stat.S_IMODE(path.stat().st_mode), path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}; look at the folder's owner and mode"]) from error
    if mode & 0o077:
        raise ConfigError([f"{path}: others can read the desk's secret; run: chmod 600 {path}"])
    if len(secret) != DESK_SECRET_BYTES:
        remedy = (
            f"{len(secret)} bytes where {DESK_SECRET_BYTES} are expected; bring it back from a backup, or delete it, "
            "and then reply addresses and survey links sent so far no longer work"
        )
        raise ConfigError([f"{path}: {remedy}"])
    return secret


def _make_secret(state: Path, path: Path) -> None:
    """1. write a private file of another name; 2. give it its name, unless somebody was faster."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = state / f".secret.{secrets.token_hex(8)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(DESK_SECRET_BYTES))
        os.fsync(handle)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.close(handle)
        draft.unlink()
