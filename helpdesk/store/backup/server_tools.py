"""PostgreSQL's own programs: found, of the right version, and without a password on their command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from helpdesk.store.session import StoreError

_DEBIAN = Path("/usr/lib/postgresql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


class ToolMissing(StoreError):
    """One of PostgreSQL's programs is not here, or too old for the server."""


@dataclass(frozen=True, slots=True)
class Address:
    """How libpq finds the database; the password, if any, only through the environment."""

    conninfo: str
    environ: Mapping[str, str]


def address(url: URL) -> Address:
    """Where the programs find what SQLAlchemy finds under this url."""
    from psycopg.conninfo import make_conninfo  # only with the extra `postgres`

    _, options = url.get_dialect()().create_connect_args(url)
    password = options.pop("password", None)
    environ = {**os.environ, "PGAPPNAME": "helpdesk", "PGCLIENTENCODING": "UTF8"}
    if password:
        environ["PGPASSWORD"] = str(password)
    return Address(make_conninfo("", **options), environ)


def find(name: str, server: int) -> Path:
    """The program, at least as new as the server (its major version). Raises ToolMissing with the remedy."""
    found = {path: version for path in _candidates(name) if (version := _version(path)) is not None}
    fitting = [path for path, version in found.items() if version >= server]
    if fitting:
        return fitting[0]
    remedy = (
        f"install PostgreSQL's programs of version {server} or newer (Debian: postgresql-client-{server})"
    )
    if found:
        path, version = max(found.items(), key=lambda item: item[1])
        raise ToolMissing(f"{path}: is of version {version}, the server of version {server}; {remedy}.")
    raise ToolMissing(f"{name}: is not installed here, or not on the PATH; {remedy}.")


def run(command: Sequence[str | Path], at: Address) -> str:
    """Run a program to its end; its output. Raises StoreError with its own words."""
    done = subprocess.run(  # noqa: S603 - no shell, our own words
        [str(word) for word in command], env=at.environ, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, errors="replace",
    )  # fmt: skip
    if done.returncode:
        raise failed(command[0], done.stderr)
    return done.stdout


def failed(program: str | Path, said: str) -> StoreError:
    lines = [line for line in said.splitlines() if line.strip()]
    return StoreError(f"{Path(program).name}: {'; '.join(lines[:4]) or 'ended without a word'}")


def _candidates(name: str) -> list[Path]:
    on_path = shutil.which(name)
    beside = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]), reverse=True)
    return [*([Path(on_path)] if on_path else []), *beside]


def _version(program: Path) -> int | None:
    try:
        said = subprocess.run(  # noqa: S603 - no shell, our own words
            [str(program), "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(said)
    return int(match[1]) if match else None
