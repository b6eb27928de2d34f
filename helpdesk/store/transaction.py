"""What is known for the length of one transaction of `Database.write`, and forgotten with what a savepoint undoes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

MEMORY = "memory"
"""The execution option of a connection that holds it."""


def begin(connection: Connection) -> None:
    connection.execution_options(**{MEMORY: {}})


def memory(connection: Connection) -> dict[str, Any] | None:
    """None outside of `Database.write`."""
    kept: dict[str, Any] | None = connection.get_execution_options().get(MEMORY)
    return kept
