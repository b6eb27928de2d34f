"""What a test needs from the machine: a program, root. Missing: skipped with a loud reason, in CI a failure.

`scripts/setup-test-services` installs what is missing; in CI nothing may be skipped for that reason
(ARCHITECTURE, Real parts in the tests).
"""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import NoReturn

REMEDY = "run scripts/setup-test-services as root"
_BESIDE_PATH = ("usr/sbin", "usr/local/sbin", "sbin", "usr/lib/postgresql/*/bin")


def program(name: str) -> str:
    """Return the full path of a program; skip the test (in CI: fail it) when there is none."""
    return find(name) or lacking(f"needs {name}, which is not installed here: {REMEDY}")


def find(name: str) -> str | None:
    """Return the full path of a program, also from the places that are not on a user's PATH."""
    beside = [
        str(folder) for pattern in _BESIDE_PATH for folder in sorted(Path("/").glob(pattern), reverse=True)
    ]
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *beside]))


def root() -> None:
    """Skip the test (in CI: fail it) when it does not run as root."""
    if os.geteuid() != 0:
        lacking("needs root, and these tests run as a user: run them as root")


def lacking(what: str) -> NoReturn:
    """Skip the test with `what` as its reason; fail it where nothing may be skipped."""
    import pytest  # not at the top: only test runs have it

    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(f"{what} (nothing may be skipped in CI)", pytrace=False)
    pytest.skip(f"NOT TESTED: {what}")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
