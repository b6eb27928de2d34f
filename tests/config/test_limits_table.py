"""[limits]: each key has its bounds, says so when it is beyond them, and reaches the part that obeys it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from helpdesk.config import Config, ConfigError
from helpdesk.config.limits import LimitsTable
from helpdesk.daemon import building, workplace
from helpdesk.model.limits import NORMAL, USUAL, MailLimits
from helpdesk.model.policy import Caps
from helpdesk.wire.smtp_settings import ListenerSettings

BAD = {
    "header_block": ("4095B", "17MiB"),
    "header_value": ("1023B", "2MiB"),
    "header_fields": (19, 100_001),
    "addresses": (0, 10_001),
    "subject": (19, 10_001),
    "mime_depth": (0, 101),
    "mime_parts": (0, 10_001),
    "attachments": (0, 10_001),
    "html": ("4095B", "17MiB"),
    "html_tags": (9, 100_001),
    "html_depth": (9, 1001),
    "reply_text": ("1023B", "2MiB"),
    "reply_lines": (9, 100_001),
    "line": ("999B", "17MiB"),
    "hops": (9, 1001),
    "errors": (0, 10_001),
    "data_rate": (-1, "2MB"),
    "data_for": ("59s", "25h"),
    "mails_per_minute": (0, 1_000_001),
    "own_servers": ("everybody", "10.0.0.0/40"),
    "free_disk": (0, "10001GB"),
    "worker_cpu": ("0.5s", "11m"),
    "worker_wall": ("0.5s", "61m"),
    "worker_memory": ("191MiB", "1001GB"),
    "attempts": (0, 101),
    "retry_first": ("0.5s", "25h"),
    "retry_longest": ("0.5s", "8d"),
    "idle": ("0.5s", "30m"),
    "full_scan": ("0.5s", "25h"),
    "lease": ("0.4s", "61m"),
    "heartbeat": ("0.05s", "21m"),
    "greetings_per_address": (0, 10_001),
    "greetings_per_known_address": (0, 10_001),
    "greetings_per_domain": (0, 10_001),
    "greetings": (0, 100_001),
    "loop_mails": (1, 10_001),
    "reopenings": (0, 10_001),
    "reply_address_for": ("23h", "3651d"),
    "survey_link_for": ("23h", "3651d"),
}


@pytest.fixture
def write(folder):
    def config(lines: str) -> Path:
        file = folder / "limits.toml"
        file.write_text(f'[desk]\naddress = "help@desk.example"\n[receive.smtp]\n[limits]\n{lines}\n')
        return file

    return config


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, two in BAD.items() for value in two])
def test_a_limit_beyond_its_bounds_stops_the_start_with_the_remedy(write, key, value):
    """STYLE 27: file, key, value, what to write instead."""
    written = f'"{value}"' if isinstance(value, str) else str(value)
    line = f"own_servers = [{written}]" if key == "own_servers" else f"{key} = {written}"

    file = write(line)
    with pytest.raises(ConfigError) as refused:
        Config.load(file, {})

    said = str(refused.value)
    assert said.count("\n") == 0
    assert said.startswith(f"{file}: ")
    assert all(word in said for word in ("limits", key, str(value), "write"))


def test_every_limit_has_bounds_that_are_tested():
    assert set(BAD) == set(LimitsTable.model_fields)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('header_block = "8KiB"', "more than header_block"),
        ('retry_first = "2h"', "longer than retry_longest"),
        ('heartbeat = "21s"', "more than a third of lease"),
        ('worker_cpu = "11s"', "longer than worker_wall"),
    ],
)
def test_limits_that_contradict_each_other_stop_the_start(write, lines, words):
    with pytest.raises(ConfigError, match=words):
        Config.load(write(lines), {})


def test_the_defaults_of_the_table_are_those_of_the_parts():
    """Nobody who builds a part without a configuration gets other limits."""
    table, alone = LimitsTable(), ListenerSettings()

    assert table.mail() == NORMAL == MailLimits()
    assert table.caps() == Caps()
    assert (table.attempts, table.retry_first) == (USUAL.attempts, USUAL.pauses.first)
    assert table.retry_longest == USUAL.pauses.longest
    assert (table.line, table.hops, table.errors) == (alone.max_line, alone.max_hops, alone.max_errors)
    assert (table.data_rate, table.data_for) == (alone.min_rate, alone.transfer_for)
    assert (table.mails_per_minute, table.own_servers) == (alone.mails_per_minute, alone.own_servers)


def test_what_is_written_reaches_the_listener_and_the_worker(write):
    lines = """
line = "2KiB"
hops = 30
errors = 3
data_rate = "1KB"
data_for = "5m"
mails_per_minute = 7
own_servers = ["192.0.2.7", "2001:db8::/32"]
header_fields = 77
attempts = 2
retry_first = "1m"
retry_longest = "10m"
worker_wall = "20s"
lease = "30s"
heartbeat = "5s"
"""
    config = Config.load(write(lines), {})

    listener = building.listener_settings(config)
    assert (listener.max_line, listener.max_hops, listener.max_errors) == (2048, 30, 3)
    assert (listener.min_rate, listener.transfer_for) == (1000, timedelta(minutes=5))
    assert listener.mails_per_minute == 7
    assert listener.own_servers == (ip_network("192.0.2.7/32"), ip_network("2001:db8::/32"))
    assert listener.folder == config.state_folder
    limits = workplace.work_limits(config)
    assert (limits.mail.header_fields, limits.attempts) == (77, 2)
    assert (limits.pauses.first, limits.pauses.longest) == (timedelta(minutes=1), timedelta(minutes=10))
    waits = building.waits(config)
    assert (waits.wall, waits.lease, waits.heartbeat) == (20.0, 30.0, 5.0)


def test_what_is_written_reaches_the_proofs_and_the_mailboxes(write, folder):
    """How long a token lives; R58: the turns of a mailbox."""
    (folder / "password").write_text("secret")
    (folder / "password").chmod(0o600)
    box = '[[receive.imap]]\nhost = "imap.desk.example"\nusername = "help"\npassword_file = "password"'
    lines = f'reply_address_for = "3d"\nsurvey_link_for = "5d"\nidle = "2m"\nfull_scan = "1m"\n{box}'
    config = Config.load(write(lines), {})
    config.state_folder.mkdir(exist_ok=True)

    signer, now = building.signer(config), datetime(2026, 3, 2, tzinfo=UTC)
    token = signer.survey_token(7, now)
    assert signer.staff_for == timedelta(days=3)
    assert signer.read_survey_token(token, now + timedelta(days=5)) == 7
    assert signer.read_survey_token(token, now + timedelta(days=6)) is None
    account = building.imap_account(config.imap_accounts[0], config.limits)
    assert (account.idle, account.full_scan) == (timedelta(minutes=2), timedelta(minutes=1))
