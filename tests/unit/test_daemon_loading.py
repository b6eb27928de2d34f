"""The garbage collector waits while a process is loaded, and looks at what was loaded never again."""

import gc
from contextlib import suppress
from importlib import import_module

import pytest

from helpdesk.daemon.loading import loading


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    gc.enable()


@pytest.mark.parametrize("fails", [False, True])
def test_it_collects_again_when_all_is_there(fails):
    began, kept = gc.get_freeze_count(), []
    with suppress(ModuleNotFoundError), loading():
        assert not gc.isenabled()
        kept.extend([] for _ in range(1000))
        if fails:
            import_module("helpdesk.nothing")

    assert gc.isenabled()
    assert gc.get_freeze_count() >= began + 1000
