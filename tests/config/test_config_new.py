"""`helpdesk init`: a new desk that works as it is; and the desk's own secret."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from helpdesk.config import Config, ConfigError, load_or_make_secret, write_new


@pytest.fixture
def canned(tmp_path):
    (tmp_path / "shipped" / "en").mkdir(parents=True)
    (tmp_path / "shipped" / "en" / "closed.txt").write_text("Subject: Closed\n\nGoodbye.\n")
    return tmp_path / "shipped"


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_desk_loads_and_has_somebody_to_work(tmp_path, canned):
    folder = tmp_path / "new" / "desk"

    made = write_new(folder, canned)

    assert made == [folder / "config.toml", folder / "canned_responses", folder / "var"]
    assert mode(folder / "var") == 0o700
    assert (folder / "canned_responses" / "en" / "closed.txt").read_text().endswith("Goodbye.\n")
    config = Config.load(folder / "config.toml", {})
    assert [person.name for person in config.policy(date(2026, 6, 1)).operators] == ["Bart"]
    assert [line for line in config.warnings() if "maildir" not in line] == []


def test_a_configuration_that_is_there_is_never_overwritten(tmp_path, canned):
    (tmp_path / "config.toml").write_text("mine")

    with pytest.raises(ConfigError, match=r"config\.toml: is there already; name another folder"):
        write_new(tmp_path, canned)

    assert (tmp_path / "config.toml").read_text() == "mine"
    assert not (tmp_path / "var").exists()


def test_canned_responses_that_are_there_are_left_alone(tmp_path, canned):
    mine = tmp_path / "canned_responses" / "en" / "closed.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    made = write_new(tmp_path, canned)

    assert made == [tmp_path / "config.toml", tmp_path / "var"]
    assert mine.read_text() == "mine"


def test_the_secret_is_made_once_and_private(tmp_path):
    state = tmp_path / "var"

    secret = load_or_make_secret(state)

    assert len(secret) == 32
    assert load_or_make_secret(state) == secret
    assert (mode(state), mode(state / "secret")) == (0o700, 0o600)
    assert [path.name for path in state.iterdir()] == ["secret"]


def test_many_that_start_at_once_agree_on_one_secret(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(load_or_make_secret, [tmp_path] * 8))

    assert len(secrets) == 1


def test_a_secret_that_others_can_read_is_refused(tmp_path):
    load_or_make_secret(tmp_path)
    (tmp_path / "secret").chmod(0o640)

    with pytest.raises(ConfigError, match="chmod 600"):
        load_or_make_secret(tmp_path)


def test_a_damaged_secret_is_not_replaced_in_silence(tmp_path):
    """A new one would make every reply address that is out there worthless."""
    (tmp_path / "secret").write_bytes(b"short")
    (tmp_path / "secret").chmod(0o600)

    with pytest.raises(ConfigError, match="5 bytes where 32 are expected"):
        load_or_make_secret(tmp_path)
