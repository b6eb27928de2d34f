"""SIGTERM under load (MAIL_RULES 5.12): it accepts no more, finishes the dots in flight, ends soon, loses nothing."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
from faults_world import STORES, FaultyDesk, Upstream, a_store, config

from helpdesk.testing.mood import How, Mood, Step

SENDERS = 4
MAILS = 10


@pytest.mark.parametrize("kind", STORES)
def test_a_stop_under_load_ends_within_20_seconds_and_loses_nothing(tmp_path: Path, kind: str) -> None:
    """Four senders at once; a letter waits for the reply to its dot while the desk ends."""
    with (
        Upstream() as upstream,
        a_store(kind) as store,
        FaultyDesk(tmp_path, config(upstream.port, store=store)) as desk,
    ):
        senders = [threading.Thread(target=send, args=(desk, n), daemon=True) for n in range(SENDERS)]
        upstream.will_be(None, None, None, Mood(breaks=Step.DOT, how=How.STALL))
        for sender in senders:
            sender.start()
        desk.until(lambda: upstream.office.stalled and len(desk.replies) > 5, "load")
        began = time.monotonic()
        desk.send_signal(signal.SIGTERM)
        desk.until(lambda: desk.log("stopping"), "the stop")
        upstream.go_on()
        code = desk.wait(30)
        took = time.monotonic() - began
        for sender in senders:
            sender.join(60)
            assert not sender.is_alive()
        desk.comes_up()
        desk.drains()
        sums = desk.sums(upstream.copies)

        assert code == 0
        assert took <= 20
        assert (sums.bad, sums.doubled_letters) == ([], 0)
        assert set(desk.replies) <= {250, 421, 451, 0}
        assert desk.logged("part_ended") == []


def send(desk: FaultyDesk, number: int) -> None:
    desk.hand_in([f"Sender {number} question {n}" for n in range(MAILS)])
