"""`store`: a spool and a desk, on SQLite and on PostgreSQL; whoever asks for it is tested on both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_helpers import KINDS, Store, open_store


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with open_store(request.param, tmp_path) as store:
        yield store
