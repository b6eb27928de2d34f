"""The tests of power cuts, of repeated mails and of any order, in a short form on PostgreSQL.

The long form is on SQLite, where a cut costs a tenth of the time. What could differ here: every mail has a
transaction of its own, nodes are registered, numbers come from a sequence and may have gaps.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import test_power_cuts as cuts
from meaning import meaning, soundness
from sqlalchemy import func, select
from whole_life import STEPS, rules

from helpdesk.model.mail import Arrival, Road
from helpdesk.store.schema import TICKET
from helpdesk.testing import postgres
from helpdesk.testing.desk import ADDRESS, LIST
from helpdesk.testing.mailing_list import MailingList
from helpdesk.testing.power import Mains, PoweredDesk

pytestmark = pytest.mark.postgres

EVERY = 37
"""Of so many cuts one is made. A prime: they fall on all kinds of commits."""
OPENING = {"the question reaches desk and list", "a second question, its letters refused"}
"""Steps that open a ticket: a cut in them may cost a number."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cuts.Life]:
    """The conversation without a cut; the world before each step is a database to copy."""
    folder = tmp_path_factory.mktemp("life")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with postgres.a_database(upgraded=True) as url:
        life = cuts.Life(PoweredDesk(folder, rules(), url=url))
        for index, (_, step) in enumerate(STEPS):
            life.starts.append(life.desk.save(folder / f"step-{index}"))
            life.desk.mains = Mains()
            step(life.desk)
            life.commits.append(life.desk.mains.commits)
            life.ends.append(meaning(life.desk))
        yield life
        life.desk.close()
        for saved in life.starts:
            postgres.shared().drop(saved.url or "")
    structlog.reset_defaults()


def test_a_power_cut_changes_nothing_in_the_end(life: cuts.Life) -> None:
    chosen = [cut for cut in life.cuts() if STEPS[cut[0]][0] not in OPENING][::EVERY]
    for step, moment in chosen:
        cuts._cut(life, step, moment, to_the_end=False)

    assert len(chosen) >= 15


def test_a_power_cut_while_a_ticket_is_opened_opens_it_once(life: cuts.Life) -> None:
    for n in range(1, life.commits[0] + 1, 3):
        mains = Mains({(n, "before" if n % 2 else "after")})
        life.desk.rewind(life.starts[0], mains)
        STEPS[0][1](life.desk)

        with life.desk.shop.desk.read() as connection:
            assert connection.scalar(select(func.count()).select_from(TICKET)) == 1
        assert len(mains.hit) == 1
        assert soundness(life.desk) == []
        cuts._doubled_letters(life.desk, mains, f"commit {n}")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PoweredDesk]:
    with postgres.a_database(upgraded=True) as url:
        desk = PoweredDesk(tmp_path, url=url)
        yield desk
        desk.close()


@pytest.mark.parametrize("seed", range(6))
def test_one_mail_by_any_roads_in_any_order_is_one_ticket(desk: PoweredDesk, seed: int) -> None:
    chance = random.Random(seed)
    raw = desk.anne.new(
        [ADDRESS], "My order 12", "Where is my order 12? I have waited.", cc=[LIST]
    ).as_bytes()
    milis = MailingList(LIST)
    mailbox = Arrival(raw=raw, road=Road.IMAP, received_at=desk.clock(), mailbox="help")
    roads = [
        lambda: desk.receive(raw, desk.anne.address, (ADDRESS,)),
        lambda: desk.receive(milis.copy(raw), milis.bounces, (ADDRESS,)),
        lambda: desk.arrive(mailbox),
    ]
    rows = []
    for bring in chance.choices(roads, k=5):
        rows.append(bring())
        if chance.random() < 0.5:
            desk.run()
    desk.run()

    outcomes = sorted(desk.outcome(row).outcome for row in rows)
    assert outcomes == ["customer_wrote", *["duplicate"] * 4]
    assert desk.newest().number == 1
    assert len(desk.letters("acknowledgement")) == 1


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_written_in_any_order_adds_up(desk: PoweredDesk, seed: int) -> None:
    """Claims, answers, questions, time and cuts as the dice say."""
    chance = random.Random(seed)
    desk.mains = Mains({(chance.randrange(5, 200), "before"), (chance.randrange(5, 200), "after")})
    desk.anne.asks("My order", "Where is it?")
    deeds = {
        "asks": lambda: desk.anne.asks("An invoice", f"Please send invoice {chance.random()}."),
        "writes again": lambda: desk.anne.replies("And the receipt?", "acknowledgement"),
        "passes": lambda: desk.passes(hours=chance.randrange(1, 20)),
        "answers": lambda: _operator(desk).answers("It is on its way."),
        "votes": lambda: desk.votes(1, 4, "fine"),
    }
    for name in chance.choices(list(deeds), k=6):
        deeds[name]()

    assert soundness(desk) == []
    cuts._doubled_letters(desk, desk.mains, f"seed {seed}")


def _operator(desk: PoweredDesk):
    return desk.bart if desk.ticket().operator == desk.bart.address else desk.cate
