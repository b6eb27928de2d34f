"""Every scenario gets desks of its own; `open_desk` takes the rules that differ from the plain ones."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scenario_rules import rules

from helpdesk.testing.desk import Desk


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Open a desk: `open_desk(mode="claim", claim_window=timedelta(minutes=15))`."""
    opened: list[Desk] = []

    def open_one(**changes: object) -> Desk:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(Desk(folder, rules(**changes)))
        return opened[-1]

    yield open_one
    for desk in opened:
        desk.close()


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """The plain desk: round robin, list, PIC, English and Indonesian, identity proven by signed addresses."""
    return open_desk()


@pytest.fixture
def claim_desk(open_desk: Callable[..., Desk]) -> Desk:
    """The milis: operators claim by an empty Reply All, the first one wins."""
    return open_desk(mode="claim")
