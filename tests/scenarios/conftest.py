"""Every scenario gets desks of its own; `open_desk` takes the rules that differ from the plain ones.

All of them run on SQLite and on PostgreSQL; `-m postgres` and `-m "not postgres"` choose. On PostgreSQL those of
ON_SERVER_ALWAYS run in every test run; the others, which hold words and rules more than SQL, in `make chaos`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from scenario_rules import rules

from helpdesk.testing import postgres
from helpdesk.testing.desk import Desk

ON_SERVER_ALWAYS = {
    "test_a1_question_becomes_ticket",
    "test_a2_operators_claim",
    "test_a7_customer_writes_back",
    "test_daily_report",
    "test_letters_that_do_not_arrive",
    "test_threads_found",
    "test_trouble_and_restarts",
}
"""Races, counting, searching, once-only things: where the two databases could differ."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        rare = item.path.parent == here and item.path.stem not in ON_SERVER_ALWAYS
        if rare and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.chaos)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_url(request: pytest.FixtureRequest) -> Iterator[Callable[[], str | None]]:
    """Gives the url of a database for one more desk; None where its stores shall be files."""
    with ExitStack() as databases:
        if request.param == "sqlite":
            yield lambda: None
        else:
            yield lambda: databases.enter_context(postgres.a_database(upgraded=True))


@pytest.fixture
def open_desk(tmp_path: Path, new_url: Callable[[], str | None]) -> Iterator[Callable[..., Desk]]:
    """Open a desk: `open_desk(mode="claim", claim_window=timedelta(minutes=15))`."""
    opened: list[Desk] = []

    def open_one(**changes: object) -> Desk:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(Desk(folder, rules(**changes), url=new_url()))
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
