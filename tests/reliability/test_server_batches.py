"""On a server a node that is alone handles a batch in one transaction, and so among others if it is large (P12)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from helpdesk.flow.intake import MANY, take_in
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.store import handled, nodes
from helpdesk.store.holding import hold_everything
from helpdesk.testing.desk import ADDRESS, Desk
from helpdesk.testing.patience import until
from helpdesk.testing.postgres import a_database

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_database(upgraded=True) as url:
        desk = Desk(tmp_path, url=url)
        yield desk
        desk.close()


@pytest.fixture
def commits(desk: Desk) -> list[str]:
    """Filled with the names of the desk's commits."""
    passed: list[str] = []
    desk.shop.desk._passed = passed.append
    return passed


def questions(desk: Desk, number: int) -> list[int]:
    """Mails that wait in the spool."""
    return [question(desk, f"question {index}") for index in range(number)]


def question(desk: Desk, about: str) -> int:
    mail = desk.anne.new([ADDRESS], about, f"What about {about}?")
    return desk.receive(mail.as_bytes(), desk.anne.address, (ADDRESS,))


def nonsense(desk: Desk) -> int:
    """A row that no handler understands."""
    return desk.arrive(Arrival(raw=b"{", road=Road.WEB, received_at=desk.clock(), kind=Happening.VOTE))


def states(desk: Desk, rows: list[int]) -> list[str | None]:
    with desk.shop.desk.read() as connection:
        return [row and row.state for row in (handled.load(connection, each) for each in rows)]


def test_a_node_that_is_alone_commits_once_for_a_batch(desk: Desk, commits: list[str]) -> None:
    rows = questions(desk, 12)

    assert [take_in(desk.shop, limit) for limit in (11, 50, 50)] == [11, 1, 0]

    assert commits.count("after intake") == 2
    assert states(desk, rows) == ["done"] * len(rows)
    assert [desk.ticket(number).subject for number in (1, 12)] == ["question 0", "question 11"]


def test_among_other_nodes_a_few_mails_have_a_commit_each_and_many_one(
    desk: Desk, commits: list[str]
) -> None:
    with desk.shop.desk.write() as connection:
        nodes.register(connection, "another", "elsewhere", desk.clock(), timedelta(days=1))
    few = questions(desk, MANY - 1)
    assert [take_in(desk.shop) for _ in range(2)] == [MANY - 1, 0]
    assert commits.count("after intake") == len(few)

    many = questions(desk, MANY)
    assert [take_in(desk.shop) for _ in range(2)] == [MANY, 0]
    assert commits.count("after intake") == len(few) + 1
    assert states(desk, [*few, *many]) == ["done"] * (2 * MANY - 1)


def test_a_batch_waits_for_the_batch_of_another_node_and_loses_nothing(desk: Desk) -> None:
    rows = questions(desk, MANY)

    with ThreadPoolExecutor(1) as pool:
        with desk.shop.desk.write() as another:
            hold_everything(another)
            work = pool.submit(take_in, desk.shop)
            asyncio.run(until(lambda: somebody_waits(another), "nobody waited"))
            assert states(desk, rows) == [None] * MANY
        assert work.result(20) == MANY

    assert states(desk, rows) == ["done"] * MANY


def somebody_waits(connection: Connection) -> bool:
    return bool(connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


def test_a_mail_that_fails_undoes_the_batch_and_costs_the_others_nothing(
    desk: Desk, commits: list[str]
) -> None:
    rows = [question(desk, "one"), nonsense(desk), question(desk, "two")]

    take_in(desk.shop)

    assert commits.count("after intake") == 2
    assert states(desk, rows) == ["done", None, "done"]
    desk.run()
    assert len(desk.letters("acknowledgement")) == 2, "nothing of the batch that was undone is left"


def test_a_batch_that_others_have_taken_over_is_left_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = questions(desk, 2)
    take = handled.take

    def buried(connection, *args):
        taken = take(connection, *args)
        connection.exec_driver_sql("UPDATE handled SET owner = 'another'")
        return taken

    monkeypatch.setattr(handled, "take", buried)
    take_in(desk.shop)

    assert states(desk, rows) == [None, None]
