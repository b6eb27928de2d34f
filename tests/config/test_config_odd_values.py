"""Whatever stands in a key: the configuration loads or is refused in readable lines, never with a traceback."""

import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from helpdesk.config import Config, ConfigError, load
from helpdesk.config.errors import Loc, value_at

EXAMPLE = (Path(__file__).parents[2] / "config.example.toml").read_text()
DATA = tomllib.loads(re.sub(r"^#(?=\[|[a-z_0-9]+ = )", "", EXAMPLE, flags=re.M))
ODD = [
    "", " ", "x", "\x00", "é\n", "9" * 400, -1, 0, 10**30, 1.5, float("nan"), float("inf"), True,
    date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), [],
    [[]], [1, "a", {}], {}, {"a": {"b": 1}}, [{}], [{"name": []}],
]  # fmt: skip


def places(data: Any, loc: Loc = ()) -> Iterator[Loc]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*loc, key)
        if isinstance(value, dict | list):
            yield from places(value, (*loc, key))


@pytest.mark.parametrize("odd", ODD, ids=lambda value: repr(value)[:20])
def test_an_odd_value_anywhere_is_at_worst_refused(odd, folder, monkeypatch):
    for loc in places(DATA):
        data = deepcopy(DATA)
        value_at(data, loc[:-1])[loc[-1]] = odd
        monkeypatch.setattr(load, "_read", lambda _path, data=data: data)

        with pytest.raises(ConfigError) as refused:  # at least for the secrets, whose files do not exist
            Config.load(folder / "config.toml", {})

        for line in refused.value.findings:
            assert "\n" not in line, (loc, odd)
            assert "pydantic" not in line, (loc, odd)
            assert not re.search("Input should|Unable to|Value error", line), (loc, odd, line)
