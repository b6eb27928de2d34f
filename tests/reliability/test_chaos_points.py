"""The desk dies at every named point of its work, comes up again, and nobody notices (MAIL_RULES 5.1c).

In every run of the tests 27 points, six to eight deaths in one story; by `make chaos` also those before the commits
of a plain day, and each point alone, at its first, second and third passing. A point that is not reached fails:
the list stays honest.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from helpdesk.testing.chaos.bad_day import TOLD, on_a_bad_day
from helpdesk.testing.chaos.campaign import tally
from helpdesk.testing.chaos.points import (
    BAD_CHAIN,
    BAD_TIMES,
    CHAINS,
    NODE_CHAIN,
    NODE_TIMES,
    TIMES,
    Run,
    run,
    runs,
)
from helpdesk.testing.chaos.story import told
from helpdesk.testing.postgres import a_database

LETTERS = {
    ("acknowledgement", "anne"): 1, ("new_ticket", "bart"): 1, ("new_ticket", "cate"): 1,
    ("customer_reply", "milis"): 1, ("customer_reply", "pic"): 1,
    ("assignment", "bart"): 1, ("assignment", "milis"): 1, ("assignment", "pic"): 1, ("assigned", "anne"): 1,
    ("answer", "anne"): 1, ("answer", "milis"): 1, ("answer", "pic"): 1, ("nudge", "anne"): 2,
    ("closed", "anne"): 1, ("closed", "milis"): 1, ("closed", "pic"): 1, ("close_notice", "pic"): 1,
}  # fmt: skip
"""What the story tells its people, whatever dies in it."""


HANDS = 4
"""So many letters the sender has in their dots at once: a death there costs each of them one copy, no more (P4)."""

SHORT_LEASE = 'lease = "9s"\nheartbeat = "1s"'
"""What a dead node had in hand is free after six seconds."""

NOTHING_UNDER_WAY = ("begin:1", "alive:1", "receive:1", "take:1", "intake:1", "claim:1", "imap:1")
"""Before the first letter. At every other point letters may be in their dots, whatever else dies there."""


def readers(done: Run) -> dict[tuple[str, str], int]:
    short = lambda who: who.partition("@")[0].partition(".")[0]  # noqa: E731 - only here
    return {(name, short(to[0])): count for (name, _, to), count in told(done.evidence).items()}


def must_be_unharmed(done: Run, points: tuple[str, ...]) -> None:
    figures = tally([done.evidence], done.findings, len(done.reached), done.seconds)
    print(", ".join(points), "-", figures)

    assert done.reached == points, "a point was not reached: take it off the list, or mend the story"
    assert [str(finding) for finding in done.findings] == []
    assert readers(done) == LETTERS
    assert figures.letters <= HANDS * sum(not point.endswith(NOTHING_UNDER_WAY) for point in points)


def must_be_told(done: Run, points: tuple[str, ...]) -> None:
    """The bad day: PIC hear of everything, once."""
    print(", ".join(points), "-", tally([done.evidence], done.findings, len(done.reached), done.seconds))
    names = Counter(seen.name for seen in done.evidence.seen)

    assert done.reached == points, "a point was not reached: take it off the list, or mend the story"
    assert [str(finding) for finding in done.findings] == []
    assert {name: names[name] for name in TOLD} == TOLD


def on_a_server(folder: Path, points: tuple[str, ...]) -> None:
    with a_database() as url:
        must_be_unharmed(run(folder, *points, store=url, limits=SHORT_LEASE), points)


def test_every_point_is_in_a_chain() -> None:
    names = lambda *chains: sorted(point.partition(":")[0] for chain in chains for point in chain)  # noqa: E731

    assert names(*CHAINS) == sorted(TIMES)
    assert names(BAD_CHAIN) == sorted(BAD_TIMES)
    assert {point.partition(" ")[2] for point in names(NODE_CHAIN)} == {
        point.partition(" ")[2] for point in NODE_TIMES
    }


def test_there_are_as_many_points_as_the_rules_ask_for() -> None:
    assert len({*TIMES, *BAD_TIMES, *NODE_TIMES}) == len(TIMES) + len(BAD_TIMES) + len(NODE_TIMES) >= 25


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "chain",
    [
        chain if chain[0].startswith("after") else pytest.param(chain, marks=pytest.mark.chaos)
        for chain in CHAINS
    ],
    ids=lambda chain: chain[0],
)
def test_a_death_at_any_point_changes_nothing_in_the_end(tmp_path: Path, chain: tuple[str, ...]) -> None:
    must_be_unharmed(run(tmp_path, *chain), chain)


@pytest.mark.timeout(900)
def test_a_death_on_a_bad_day_changes_nothing_in_the_end(tmp_path: Path) -> None:
    must_be_told(run(tmp_path, *BAD_CHAIN, **on_a_bad_day(tmp_path)), BAD_CHAIN)


@pytest.mark.chaos
@pytest.mark.postgres
@pytest.mark.timeout(900)
@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain[0])
def test_a_death_at_any_point_on_a_server_changes_nothing_in_the_end(
    tmp_path: Path, chain: tuple[str, ...]
) -> None:
    on_a_server(tmp_path, chain)


@pytest.mark.postgres
@pytest.mark.timeout(900)
def test_a_death_among_nodes_changes_nothing_in_the_end(tmp_path: Path) -> None:
    on_a_server(tmp_path, NODE_CHAIN)


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", runs(TIMES))
def test_a_death_at_each_passing_changes_nothing_in_the_end(tmp_path: Path, point: str) -> None:
    must_be_unharmed(run(tmp_path, point), (point,))


@pytest.mark.chaos
@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", runs(BAD_TIMES))
def test_a_death_at_each_passing_of_a_bad_day_changes_nothing(tmp_path: Path, point: str) -> None:
    must_be_told(run(tmp_path, point, **on_a_bad_day(tmp_path)), (point,))


@pytest.mark.chaos
@pytest.mark.postgres
@pytest.mark.timeout(900)
@pytest.mark.parametrize("point", runs(NODE_TIMES))
def test_a_death_at_each_passing_among_nodes_changes_nothing(tmp_path: Path, point: str) -> None:
    on_a_server(tmp_path, (point,))
