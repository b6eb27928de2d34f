"""`init`, `check`, `canned check`, `db`, help and completion."""

import os
import pty
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from helpdesk import __version__
from helpdesk.cli.main import app
from helpdesk.testing.command_line import helpdesk

COMMANDS = (
    "init serve demo check tickets ticket explain parse operators backup restore audit report outbox inbox customer "
    "canned db"
).split()


def test_init_makes_a_desk_that_check_finds_in_order(tmp_path):
    made = CliRunner().invoke(app, ["init", str(tmp_path / "desk")])
    checked = CliRunner().invoke(app, ["check", "--config", str(tmp_path / "desk" / "config.toml")])

    assert made.exit_code == 0
    assert made.stdout.splitlines() == [
        str(tmp_path / "desk" / x) for x in ("config.toml", "canned_responses", "var")
    ]
    assert checked.exit_code == 0, checked.stderr
    assert "ok" in checked.stdout
    assert oct((tmp_path / "desk" / "var" / "secret").stat().st_mode)[-3:] == "600"


def test_check_finds_a_broken_canned_response_and_names_file_line_and_what_was_meant(own_line):
    file = own_line.folder / "canned_responses" / "en" / "acknowledgement.txt"
    file.write_text("Subject: We have it\n\nHello {{ customer_nam }}\n")

    for command in (["check"], ["canned", "check"]):
        result = own_line.run(*command)
        assert result.exit_code == 1
        assert f"{file}, line 3" in result.output
        assert "customer_name" in result.output


def test_canned_check_of_sound_responses_is_0(line):
    assert line.run("canned", "check").exit_code == 0


def test_check_online_logs_in_and_reports_what_it_cannot_reach(own_line):
    text = own_line.config.read_text()
    own_line.config.write_text(text.replace('transport = "maildir"', 'host = "127.0.0.1"\nport = 1'))

    result = own_line.run("check", "--online")

    assert result.exit_code == 1
    assert "127.0.0.1" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_databases_are_made_and_found_sound(new_line):
    before = new_line.run("db", "check")
    upgraded = new_line.run("db", "upgrade")
    after = new_line.run("db", "check")

    assert before.stdout.count("not there yet") == 2
    assert upgraded.stdout.count("at the newest schema") == 2
    assert after.stdout.count(": ok") == 2
    assert before.exit_code == upgraded.exit_code == after.exit_code == 0


def test_help_lists_every_command_and_no_other():
    text = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80"}).stdout

    assert re.findall(r"^│ (\w+) {2,}", text, re.M) == COMMANDS
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize(
    "command",
    [
        *COMMANDS,
        "outbox retry",
        "inbox replay",
        "inbox dismiss",
        "canned preview",
        "customer export",
        "customer erase",
        "db upgrade",
        "db copy",
    ],
)
def test_every_command_has_help_and_takes_config(command):
    result = CliRunner().invoke(app, [*command.split(), "--help"])

    assert result.exit_code == 0
    assert "--config" in result.stdout


def test_completion_knows_the_commands():
    environ = {"_HELPDESK_COMPLETE": "complete_bash", "COMP_WORDS": "helpdesk ", "COMP_CWORD": "1"}
    # without this Typer asks the process tree which shell it runs in, and make runs none it knows
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown = helpdesk("--show-completion", "bash", environ=named)
    completed = helpdesk(environ=environ)

    assert "_HELPDESK_COMPLETE=complete_bash" in shown.stdout
    assert set(completed.stdout.split()) >= set(COMMANDS)


def test_version():
    assert CliRunner().invoke(app, ["--version"]).stdout == f"helpdesk {__version__}\n"


@pytest.mark.parametrize("command", ["outbox", "inbox"])
def test_a_terminal_of_80_columns_gets_a_coloured_table_that_fits(line, command):
    shown = on_a_terminal(line, command)
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)

    assert "\x1b[" in shown
    assert max(len(text) for text in plain.splitlines()) <= 80


def on_a_terminal(line, command):
    ours, theirs = pty.openpty()
    environ = {**os.environ, "COLUMNS": "80", "TERM": "xterm-256color"}
    words = [sys.executable, "-m", "helpdesk", command, "--config", str(line.config)]
    with subprocess.Popen(words, stdout=theirs, env=environ):
        os.close(theirs)
        shown = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    return shown.decode()


def read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # EIO: the other end is closed
        return b""
