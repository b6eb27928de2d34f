"""Memory that front, worker and aide see together."""

from __future__ import annotations

import subprocess
import sys

from helpdesk.daemon.pulse import Pulse
from helpdesk.daemon.slate import CALLS, Slate


def run(program: str, file: int) -> int:
    return subprocess.run(
        [sys.executable, "-c", program, str(file)], pass_fds=(file,), check=False
    ).returncode


def test_what_a_worker_had_in_hand_is_known_when_it_is_killed() -> None:
    """F4, P6: it has no time to say anything."""
    pulse = Pulse()
    assert pulse.in_hand is None

    ended = run(
        "import os, signal, sys\n"
        "from helpdesk.daemon.pulse import Pulse\n"
        "Pulse(int(sys.argv[1])).take_up(4_000_000_000_017)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        pulse.file,
    )

    assert ended == -9
    assert pulse.in_hand == 4_000_000_000_017
    pulse.take_up(None)
    assert pulse.in_hand is None
    pulse.close()


def test_an_aide_sees_which_calls_are_struck_and_which_begun_anew() -> None:
    slate = Slate()
    for number in (3, 4, CALLS + 5):
        slate.write(number)
        slate.strike(number)
    slate.write(CALLS + 4)

    ended = run(
        "import sys\n"
        "from helpdesk.daemon.slate import CALLS, Slate\n"
        "slate = Slate(int(sys.argv[1]))\n"
        "sys.exit([slate.is_struck(n) for n in (2, 3, CALLS + 4, CALLS + 5)] != [False, True, False, True])\n",
        slate.file,
    )

    assert ended == 0
    slate.close()
