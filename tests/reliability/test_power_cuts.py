"""The power is cut at every commit of a whole conversation, before it and after it: the end is the same.

Each cut starts from the same world at the beginning of its step: the files and what everybody outside has.
At the end of the step all that the desk knows must mean the same as in the life without cuts. Every twentieth
cut goes on to the end of the conversation.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from meaning import meaning, soundness
from whole_life import STEPS, rules

from helpdesk.testing.power import Mains, Moment, PoweredDesk, Saved

PARTS = 11
ALWAYS = range(0, PARTS, 3)
"""So many tests share the cuts; an odd number, since cuts before and after a commit alternate. A third of them is
made in every run of the tests, all of them in `make chaos`."""

LEAST_COMMITS = 300
"""The conversation had 392 commits when this was written; fewer means that the cuts have gone blind."""


@dataclass
class Life:
    """The conversation without a cut: the world before each step, commits and meaning after it."""

    desk: PoweredDesk
    starts: list[Saved] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)
    ends: list[dict[str, Any]] = field(default_factory=list)

    def cuts(self) -> list[tuple[int, Moment]]:
        """Every (step, moment) at which the power can go."""
        return [
            (step, moment)
            for step, commits in enumerate(self.commits)
            for n in range(1, commits + 1)
            for moment in ((n, "before"), (n, "after"))
        ]


@pytest.fixture(scope="module")
def life() -> Iterator[Life]:
    """In memory where that is possible: the cuts drop the process, not the disk's own cache."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="cuts-", dir=memory if memory.is_dir() else None))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    life = Life(PoweredDesk(folder, rules()))
    for index, (_, step) in enumerate(STEPS):
        life.starts.append(life.desk.save(folder / f"step-{index}"))
        life.desk.mains = Mains()
        step(life.desk)
        life.commits.append(life.desk.mains.commits)
        life.ends.append(meaning(life.desk))
    yield life
    life.desk.close()
    shutil.rmtree(folder)
    structlog.reset_defaults()


def test_the_conversation_holds_everything(life: Life) -> None:
    """The cuts are only worth something if the life has all of it: see to it that no step does nothing."""
    end = life.ends[-1]
    events = {line[1] for ticket in end["tickets"].values() for line in ticket["history"]}
    letters = {letter[1] for letter in end["letters"]}

    assert events >= {
        "created", "claimed", "assigned", "answered", "customer_wrote", "reminded", "breached", "yellow_card",
        "nudged", "automatic_mail", "confirm_sender", "undelivered", "solved", "closed", "rated", "unclaimed",
    }  # fmt: skip
    assert letters >= {"acknowledgement", "answer", "survey", "close_notice", "undelivered", "claim_lost"}
    assert [(h[0], h[3]) for h in end["held"]] == [("cate@staff.example", "released")]
    assert [c[1] for c in end["cards"]] == ["bart@staff.example"]
    assert end["tickets"][1]["rating"].score == 5


def test_the_cuts_are_counted(life: Life) -> None:
    assert sum(life.commits) >= LEAST_COMMITS
    assert all(commits >= 5 for commits in life.commits)
    assert len(life.cuts()) == 2 * sum(life.commits)


@pytest.mark.parametrize(
    "part", [n if n in ALWAYS else pytest.param(n, marks=pytest.mark.chaos) for n in range(PARTS)]
)
def test_a_power_cut_at_any_commit_changes_nothing_in_the_end(life: Life, part: int) -> None:
    mine = life.cuts()[part::PARTS]
    doubled = 0

    for number, (step, moment) in enumerate(mine):
        to_the_end = number % 20 == part
        doubled += _cut(life, step, moment, to_the_end=to_the_end)

    assert len(mine) >= 2 * LEAST_COMMITS // PARTS
    assert doubled > 0, "no cut fell between a dot and its mark: the window is not tested"


@pytest.mark.parametrize("stride", [7, 11, 29])
def test_a_life_with_a_power_cut_every_few_commits_ends_the_same(life: Life, stride: int) -> None:
    """Also in the middle of coming up again."""
    cuts: set[Moment] = {(n, "before" if n % 2 else "after") for n in range(stride, 5000, stride)}
    mains = Mains(cuts)
    life.desk.rewind(life.starts[0], mains)

    for _, step in STEPS:
        step(life.desk)

    assert len(mains.hit) >= LEAST_COMMITS // stride
    _same_world(life.desk, life.ends[-1], mains, f"every {stride} commits")


def _cut(life: Life, step: int, moment: Moment, *, to_the_end: bool) -> int:
    """Play a step with one cut in it, or that and all that follows; return the duplicates it cost."""
    mains = Mains({moment})
    where = f"{STEPS[step][0]}, {moment[1]} commit {moment[0]}"
    life.desk.rewind(life.starts[step], mains)
    last = len(STEPS) - 1 if to_the_end else step
    for _, play in STEPS[step : last + 1]:
        play(life.desk)

    assert mains.hit == [moment], f"{where}: the power was not cut"
    return _same_world(life.desk, life.ends[last], mains, where)


def _same_world(desk: PoweredDesk, expected: dict[str, Any], mains: Mains, where: str) -> int:
    found = meaning(desk)
    for part, value in expected.items():
        assert found[part] == value, f"{where}: {part} differ"
    assert soundness(desk) == [], where
    return _doubled_letters(desk, mains, where)


def _doubled_letters(desk: PoweredDesk, mains: Mains, where: str) -> int:
    """P3, P4: a letter that came twice is the same bytes, and was in its dot when the power went."""
    copies: dict[tuple[str, tuple[str, ...]], list[bytes]] = defaultdict(list)
    for letter in desk.sent:
        copies[letter["Message-ID"], letter.recipients].append(letter.raw)

    assert all(len(set(raws)) == 1 for raws in copies.values()), f"{where}: not the same bytes"
    doubled = sum(len(raws) - 1 for raws in copies.values())
    assert doubled <= mains.in_dot, f"{where}: {doubled} duplicates, {mains.in_dot} cuts in a dot"
    return doubled
