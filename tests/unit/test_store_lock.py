"""One daemon per file (P13): held by a living process, free the moment it dies."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import helpdesk
from helpdesk.store.lock import FileLock
from helpdesk.store.session import AlreadyRunning

HOLDER = """
import sys, time
from helpdesk.store.lock import FileLock
FileLock(sys.argv[1]).acquire(0)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "helpdesk.db.lock"


@pytest.fixture
def holder(path):
    root = Path(helpdesk.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_daemon_is_refused_with_file_and_process(path, holder):
    with pytest.raises(AlreadyRunning, match=rf"helpdesk\.db\.lock: .*process {holder.pid}\b.*Stop it first"):
        FileLock(path).acquire(0.1)


def test_the_lock_of_a_killed_process_is_free(path, holder):
    """A pid file would have stayed."""
    holder.send_signal(signal.SIGKILL)

    lock = FileLock(path)
    lock.acquire(5)
    lock.release()


def test_a_released_lock_can_be_taken_again(path):
    first, second = FileLock(path), FileLock(path)
    first.acquire(0)
    with pytest.raises(AlreadyRunning):
        second.acquire(0)
    first.release()
    first.release()

    second.acquire(0)
    second.release()
    assert path.exists(), "removing the file would let two hold a lock each"
