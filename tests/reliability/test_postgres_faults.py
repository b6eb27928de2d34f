"""A desk whose PostgreSQL crashes, cuts its connections, is locked by others or goes away (MAIL_RULES 5.6).

Nobody who writes hears a 5xx, every mail becomes its ticket once, every letter goes out once, no mail is charged
with an attempt, and the daemon lives through it all.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_faults import (
    RECOVERS_WITHIN,
    Fault,
    Outcome,
    away_for,
    frozen_for,
    in_turn,
    live_through,
    lock_for,
    restart,
    terminate,
)

pytestmark = pytest.mark.postgres

MOST_OF_A_NODE = 16


def unharmed(outcome: Outcome) -> None:
    print(outcome)
    assert [str(finding) for finding in outcome.findings] == []
    assert outcome.lived, "the daemon ended"
    assert outcome.attempts == []
    assert outcome.recovery <= RECOVERS_WITHIN
    assert outcome.connections <= MOST_OF_A_NODE


@pytest.mark.timeout(300)
def test_a_desk_lives_through_the_troubles_of_its_server(tmp_path: Path) -> None:
    """Connections are cut, it is restarted as after a crash, locked by somebody else, and away; twice."""
    troubles = in_turn(terminate, restart, lock_for(3.0), terminate, away_for(3.0))

    unharmed(live_through(tmp_path, troubles, times=10, every=0.6))


@pytest.mark.chaos
@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("fault", "times", "every"),
    [
        pytest.param(restart, 50, 10.0, id="restarted as after a crash every 10 s"),
        pytest.param(terminate, 300, 0.5, id="connections cut 300 times"),
        pytest.param(lock_for(30.0), 3, 5.0, id="locked for half a minute"),
        pytest.param(away_for(60.0), 2, 5.0, id="away for a minute"),
    ],
)
def test_a_desk_lives_through_long_troubles_of_its_server(
    tmp_path: Path, fault: Fault, times: int, every: float
) -> None:
    unharmed(live_through(tmp_path, fault, times, every, pause=0.5))


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_a_server_that_stands_still_costs_a_mail_an_attempt_and_nothing_else(tmp_path: Path) -> None:
    """Its kernel takes what is sent, so that nothing tells it from a mail that hangs: the worker is killed at
    its wall, and the mail in its hands is charged with it. Three times would make it a mail without text."""
    outcome = live_through(tmp_path, frozen_for(30.0), 3, 5.0, pause=0.5)

    print(outcome)
    assert [str(finding) for finding in outcome.findings] == []
    assert outcome.lived
    assert outcome.recovery <= RECOVERS_WITHIN
