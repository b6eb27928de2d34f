"""What is logged in these tests is caught: many of them make trouble on purpose, and tracebacks take long to draw."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs


@pytest.fixture(autouse=True)
def log() -> Iterator[list[MutableMapping[str, Any]]]:
    """The events that were logged so far."""
    with capture_logs() as events:
        yield events
