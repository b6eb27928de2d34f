"""The desk is killed at random moments, whole or in halves, while hundreds of people write to it (MAIL_RULES 5.1a).

Lost 0, doubled tickets 0, doubled commands 0; a letter comes twice only if a kill fell into its dot (P4).
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from helpdesk.testing.chaos.campaign import Campaign, Tally, tally
from helpdesk.testing.chaos.judge import judge
from helpdesk.testing.chaos.range import Range
from helpdesk.testing.postgres import a_database

SEED = 20_261_122


def shot_at(folder: Path, mails: int, kills: int, seed: int = SEED, store: str = "") -> Tally:
    """Play it, print the figures, and let the judge say that nothing is wrong."""
    began = time.monotonic()
    with Range(folder, seed, store=store) as around:
        campaign = Campaign(around, mails, kills)
        evidence = campaign.run()
        findings = judge(evidence)
        figures = tally([evidence], findings, kills, time.monotonic() - began)
    print(f"seed {seed}: {sum(campaign.written.values())} mails {dict(campaign.written)},", end=" ")
    print(f"kills {dict(campaign.killed)}, drained in {evidence.measured.drained:.1f} s: {figures}")

    assert [str(finding) for finding in findings] == [], f"seed {seed}"
    assert sum(campaign.written.values()) == mails
    return figures


@pytest.mark.timeout(600)
def test_forty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    figures = shot_at(tmp_path, mails=240, kills=40)

    assert figures.letters <= figures.faults


@pytest.mark.chaos
@pytest.mark.timeout(4 * 3600)
def test_five_hundred_kills_over_ten_thousand_mails(tmp_path: Path) -> None:
    figures = shot_at(tmp_path, mails=10_000, kills=500)

    assert figures.letters <= figures.faults


@pytest.mark.chaos
@pytest.mark.postgres
@pytest.mark.timeout(3600)
def test_a_hundred_kills_on_a_server(tmp_path: Path) -> None:
    with a_database() as url:
        figures = shot_at(tmp_path, mails=1_000, kills=100, store=url)

    assert figures.letters <= figures.faults
