"""The judge finds every one of the eight bugs of MAIL_RULES 5 when it is planted, and nothing where none is.

A fault stands in the place of a good part of a real daemon (`helpdesk.testing.chaos.faulty`); what no daemon can
be given stands in the hands at an outbox (`chaos.hands`). Each scene is played with the bug and without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from helpdesk.testing.chaos import faulty
from helpdesk.testing.chaos.hands import Deferred, Hands, claim_without_locks
from helpdesk.testing.chaos.judge import Finding, judge
from helpdesk.testing.chaos.points import run
from helpdesk.testing.chaos.story import three_by_mailbox
from helpdesk.testing.mood import Mood
from helpdesk.testing.postgres import a_database

NO_LIST = Mood(rcpt={"milis@lists.example": "550 5.1.1 no such list"})
PATIENCE = 15.0
"""A bug may lose the letter that the story waits for. It does not count from the start, which may take long."""


@dataclass(frozen=True)
class Scene:
    """`sees` are invariants of which one at least must find the bug."""

    bug: str
    sees: frozenset[str]
    points: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


SCENES = (
    # the third mail is the claim: what went before comes once more by the mailbox, and would make up for the loss
    Scene("commit after 250", frozenset({"I1"}), ("before receive:3",)),
    Scene("mark sent before send", frozenset({"I7"}), ("before dot:2",)),
    Scene("no dedupe", frozenset({"I3", "I5"})),
    Scene(
        "cursor before commit",
        frozenset({"I1"}),
        ("before imap:2,before receive:1",),
        {"after": "keep", "play": three_by_mailbox},
    ),
    Scene("new Message-ID per try", frozenset({"I7"}), ("after dot:2",)),
    Scene("swallowed refusal", frozenset({"I7"}), (), {"weather": lambda: NO_LIST}),
)
AT_ONE_OUTBOX = {"deferred BEGIN", "no SKIP LOCKED"}


def played(folder: Path, scene: Scene, bug: str = "", **waits: float) -> list[Finding]:
    return run(folder, *scene.points, bug=bug, **waits, **scene.options).findings


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder}/helpdesk.db"


def found_by(findings: list[Finding]) -> set[str]:
    return {finding.invariant for finding in findings}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.bug)
def test_the_judge_finds_a_planted_bug(tmp_path: Path, scene: Scene) -> None:
    bad = played(tmp_path, scene, scene.bug, patience=PATIENCE, drains=10.0)

    assert found_by(bad) & scene.sees, bad


@pytest.mark.chaos
@pytest.mark.timeout(300)
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.bug)
def test_the_judge_finds_nothing_where_no_bug_is(tmp_path: Path, scene: Scene) -> None:
    """In short by test_chaos_points: the same story, with deaths at other points."""
    assert played(tmp_path, scene) == []


def test_the_judge_finds_a_deferred_begin(tmp_path: Path) -> None:
    """F8: two hands that read before they write fail or lose; with BEGIN IMMEDIATE neither happens."""
    for name, database in (("good", None), ("bad", Deferred)):
        (tmp_path / name).mkdir()
        with sqlite(tmp_path / name) as url:
            # so many that two of them do meet between reading and writing
            hands = Hands(
                tmp_path / name, url, letters=300, number=6, **({"database": database} if database else {})
            )
            findings = judge(hands.run())

        assert bool(findings) is bool(database), findings


@pytest.mark.postgres
def test_the_judge_finds_claims_without_skip_locked(tmp_path: Path) -> None:
    for name, options in (("good", {}), ("bad", {"claim": claim_without_locks})):
        (tmp_path / name).mkdir()
        with a_database(upgraded=True) as url:
            findings = judge(Hands(tmp_path / name, url, **options).run())

        assert ("I7" in found_by(findings)) is bool(options), findings
        assert bool(findings) is bool(options), findings


def test_all_eight_bugs_are_planted() -> None:
    planted = {scene.bug for scene in SCENES} | AT_ONE_OUTBOX

    assert len(planted) == 8
    assert {scene.bug for scene in SCENES} == set(faulty.BUGS)
