"""The daily report is written once: by many nodes at the same instant, and whatever commit the power fails at."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from helpdesk.flow.daily import report_if_due
from helpdesk.store.schema import OCCASION, OUTBOX
from helpdesk.testing.desk import Desk
from helpdesk.testing.postgres import a_database
from helpdesk.testing.power import Mains, PoweredDesk

NODES = 4


def morning_after(desk):
    """A desk with a mail of yesterday, just before it opens."""
    desk.daily = True
    desk.run()
    desk.anne.asks("My order", "Where is it?")
    desk.passes(hours=22)
    return desk


def written(desk):
    with desk.shop.desk.read() as connection:
        letters = select(func.count()).where(OUTBOX.c.letter == "daily_report")
        return connection.scalar(letters), connection.scalar(select(func.count()).select_from(OCCASION))


def test_nodes_that_ask_at_the_same_instant_write_one_report(tmp_path):
    with a_database() as url:
        nodes = []
        for number in range(NODES):
            (tmp_path / str(number)).mkdir()
            nodes.append(Desk(tmp_path / str(number), url=url))
        morning_after(nodes[0]).clock.now = nodes[0].clock.now.replace(hour=1, minute=1)
        for day in range(1, 6):
            _report_together(nodes, nodes[0].clock.now.replace(day=2 + day))

            assert written(nodes[0]) == (
                day if day < 5 else 4,
                day if day < 5 else 4,
            )  # the fifth is a Saturday
        for node in nodes:
            node.close()


def _report_together(nodes, now):
    start, wrote = Barrier(NODES), []

    def ask(node):
        node.clock.now = now
        start.wait(10)
        wrote.append(report_if_due(node.shop))

    threads = [Thread(target=ask, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(wrote) == NODES
    assert sum(wrote) <= 1


@pytest.fixture(scope="module")
def opening(tmp_path_factory):
    """The moment before the desk opens, to come back to, and how many commits the report takes."""
    folder = tmp_path_factory.mktemp("opening")
    desk = morning_after(PoweredDesk(folder))
    saved = desk.save(folder / "saved")
    desk.rewind(saved, Mains())  # a sender that has just begun shares fewer commits
    desk.passes(hours=2)
    commits = desk.mains.commits
    yield desk, saved, commits
    desk.close()


@pytest.mark.timeout(300)
def test_a_power_cut_at_any_commit_of_the_morning_leaves_one_report(opening):
    desk, saved, commits = opening
    assert commits >= 5, "the test went blind"
    # after a commit and before the next one nothing lies that a new start would see
    for number, when in [(1, "before"), *((n, "after") for n in range(1, commits + 1))]:
        mains = Mains({(number, when)})
        desk.rewind(saved, mains)
        desk.passes(hours=2)

        assert mains.hit == [(number, when)]
        assert written(desk) == (1, 1), (number, when)
        told = [letter for letter in desk.sent if letter.name == "daily_report"]
        assert len(told) <= 1 + mains.in_dot
        assert len({letter.raw for letter in told}) == 1
