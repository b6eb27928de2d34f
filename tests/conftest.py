"""What holds for all tests."""

import gc
import signal

import pytest

# A shell that starts us in the background has SIGINT ignored, and every daemon that we start would inherit that:
# no Ctrl-C of a test would ever end one.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Ten thousand collected tests are no garbage, and nobody is to look through them again and again.
gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    gc.freeze()
    gc.enable()
