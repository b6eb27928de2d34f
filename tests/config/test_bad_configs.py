"""Each broken file in bad/ stops the start with exactly the lines beside it: file, key, value, remedy.

After a deliberate change of a message: HELPDESK_WRITE_EXPECTED=1 pytest tests/config, and read the diff.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

from helpdesk.config import Config, ConfigError
from helpdesk.daemon import workplace

BAD = Path(__file__).parent / "bad"
NAMES = sorted(path.stem for path in BAD.glob("*.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_configuration_says_what_and_where_and_the_remedy(name, folder):
    shutil.copy(BAD / f"{name}.toml", folder)

    with pytest.raises(ConfigError) as refused:
        Config.load(Path(f"{name}.toml"), {})

    if os.environ.get("HELPDESK_WRITE_EXPECTED"):
        (BAD / f"{name}.expected").write_text(f"{refused.value}\n")
    assert f"{refused.value}\n" == (BAD / f"{name}.expected").read_text()
    assert "hunter2" not in str(refused.value)  # T26: no secret in any message


@pytest.mark.parametrize("missing", ["dkim", "dns"])
def test_a_key_that_needs_an_extra_says_how_to_get_it(folder, monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)  # as where it was never installed
    (folder / "config.toml").write_text('[desk]\naddress = "help@desk.example"\n[trust]\ncheck_dkim = true\n')

    with pytest.raises(ConfigError) as refused:
        Config.load(Path("config.toml"), {})

    assert str(refused.value) == (
        "config.toml: [trust] check_dkim = true: dkimpy and dnspython are not installed; "
        "write false, or do: pip install 'helpdesk[dkim]'"
    )


def test_with_the_extra_it_is_as_good_as_any(folder):
    (folder / "config.toml").write_text('[desk]\naddress = "help@desk.example"\n[trust]\ncheck_dkim = true\n')

    assert workplace.dkim_keys(Config.load(Path("config.toml"), {})) is not None


def test_every_broken_file_has_its_message_and_every_message_its_file():
    assert len(NAMES) >= 30
    assert sorted(path.stem for path in BAD.glob("*.expected")) == NAMES


def test_every_message_names_the_file_and_a_remedy():
    for path in BAD.glob("*.expected"):
        for line in path.read_text().splitlines():
            assert line.startswith((f"{path.stem}.toml: ", "environment: ")), line
            assert line.count(": ") >= 2, line
