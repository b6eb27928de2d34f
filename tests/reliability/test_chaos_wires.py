"""The wires between senders, desk, sink and mailbox misbehave while people write (MAIL_RULES 5.3, 5.4).

They stall, drop after any number of bytes, reset, carry a byte a second, or are dead without a word; the judge
says that nothing was lost and nothing doubled but letters whose reply was lost in their dot.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from helpdesk.testing.chaos.campaign import BEHIND, Town, tally
from helpdesk.testing.chaos.judge import judge
from helpdesk.testing.chaos.wires import TROUBLES, Wired

SEED = 53
HANDS = 4
"""So many letters are in their dots at once, and can lose their replies."""
AT_ONCE = 10
PAUSE_SECONDS = 0.05


def bad_wires(folder: Path, troubles: int) -> Wired:
    """People write for as long as there is trouble; then all comes to rest, and is judged."""
    began, names = time.monotonic(), sorted(TROUBLES)
    with Wired(folder, SEED) as around:
        around.target.start()
        around.files_before = around.target.figures()["files"]

        def misbehave() -> None:
            for number in range(troubles):
                around.trouble(names[number % len(names)])

        trouble = threading.Thread(target=misbehave, name="trouble")
        trouble.start()
        town = Town(around)
        while trouble.is_alive():
            if around.outstanding < AT_ONCE and town.unanswered <= BEHIND:
                town.write()
            time.sleep(PAUSE_SECONDS)
        around.nobody_answers()
        evidence = around.settle()
        findings = judge(evidence)
    figures = tally([evidence], findings, troubles, time.monotonic() - began)
    print(f"seed {SEED}: {sum(town.written.values())} mails {dict(town.written)},", end=" ")
    print(f"{dict(around.troubles)}, drained in {evidence.measured.drained:.1f} s: {figures}")

    assert [str(finding) for finding in findings] == []
    assert figures.letters <= HANDS * troubles
    return around


@pytest.mark.timeout(300)
def test_bad_wires_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    bad_wires(tmp_path, troubles=len(TROUBLES))


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_bad_wires_for_a_long_time(tmp_path: Path) -> None:
    around = bad_wires(tmp_path, troubles=16 * len(TROUBLES))

    assert len(around.troubles) == 3 * len(TROUBLES)
