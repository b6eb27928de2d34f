"""What goes wrong is said on standard error: file, key or address, value, remedy; never a traceback."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from helpdesk.testing.command_line import helpdesk
from helpdesk.testing.command_line import mail as a_mail
from helpdesk.testing.daemon import CONFIG

READING = [
    ["tickets"],
    ["ticket", "1"],
    ["explain", "1"],
    ["operators"],
    ["outbox"],
    ["inbox"],
    ["canned", "preview", "acknowledgement", "--ticket", "1"],
    ["outbox", "retry", "1"],
    ["inbox", "replay", "1"],
]


def refused(result, *words):
    """Exit 1, nothing on standard output, no traceback, and these words on standard error."""
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr
    return True


@pytest.mark.parametrize(
    "command", [["serve"], ["check"], ["tickets"], ["outbox", "retry", "1"], ["canned", "list"]]
)
def test_a_configuration_that_is_not_there(new_line, command):
    new_line.config.unlink()

    assert refused(new_line.run(*command), f"{new_line.config}: No such file", "helpdesk init")


@pytest.mark.parametrize("command", [["serve"], ["check"], ["db", "check"], ["explain", "1"]])
def test_a_configuration_that_is_not_toml(own_line, command):
    own_line.config.write_text("[desk\n")

    assert refused(own_line.run(*command), f"{own_line.config}: not TOML", "line 1")


def test_an_unknown_key_is_told_with_its_nearest(own_line):
    own_line.config.write_text(CONFIG.replace("first_response", "first_reponse"))

    assert refused(own_line.run("check"), "[sla] first_reponse", "first_response")


@pytest.mark.parametrize("command", READING)
def test_a_database_that_is_none(own_line, command):
    file = own_line.folder / "var" / "helpdesk.db"
    file.write_bytes(b"this is no database, whatever it is called\n" * 200)

    assert refused(own_line.run(*command), str(file), "Move the file away")


@pytest.mark.parametrize("command", [*READING, ["db", "check"], ["db", "upgrade"]])
def test_a_database_from_the_future(own_line, command):
    with sqlite3.connect(own_line.folder / "var" / "helpdesk.db") as file:
        file.execute("UPDATE alembic_version_desk SET version_num = '9999'")
    file.close()

    result = own_line.run(*command)

    assert result.exit_code == 1
    assert "schema 9999 is unknown" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", READING)
def test_a_database_of_an_older_version_is_refused_and_not_upgraded_on_the_way(own_line, command):
    path = own_line.folder / "var" / "helpdesk.db"
    path.unlink()
    sqlite3.connect(path).close()

    assert refused(own_line.run(*command), f"{path}: schema empty", "helpdesk db upgrade")
    assert not path.exists() or path.read_bytes() == b""


def test_a_database_server_that_cannot_be_reached(own_line):
    url = "postgresql+psycopg://desk@127.0.0.1:1/desk"
    own_line.config.write_text(f'{CONFIG}\n[store]\nurl = "{url}"\n')

    assert refused(own_line.run("tickets"), url, "Is it running")


def test_the_databases_are_not_upgraded_under_a_running_desk(own_line):
    lock = own_line.folder / "var" / "spool.db.lock"
    holder = "import fcntl,sys; f=open(sys.argv[1],'w'); fcntl.flock(f,2); print('held',flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holder, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        result = own_line.run("db", "upgrade")
        other.stdin.close()

    assert refused(result, str(lock), "another helpdesk", "Stop it first")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["ticket", "77"], "there is no ticket 77; helpdesk tickets lists them"),
        (["explain", "77"], "there is no ticket 77"),
        (["explain", "9" * 40], "there is no ticket 9999"),
        (["explain", "nowhere.eml"], "nowhere.eml: No such file or directory; give a ticket's number or"),
        (["tickets", "--operator", "Zoe"], "--operator 'Zoe' is nobody in [[operators]]"),
        (["outbox", "retry", "999"], "there is no letter 999; helpdesk outbox lists them"),
        (["outbox", "retry", "1"], "letter 1 is sent: only waiting and failed letters"),
        (["inbox", "replay", "999"], "there is no inbox row 999; helpdesk inbox lists them"),
        (["inbox", "replay", "1"], "inbox row 1 is not parked"),
        (["canned", "preview", "nothing"], "there is no canned response called 'nothing'"),
        (["canned", "preview", "closed", "--ticket", "77"], "there is no ticket 77"),
    ],
)
def test_what_is_not_there_is_named_with_what_to_do(line, command, words):
    assert refused(line.run(*command), words)


@pytest.mark.parametrize(
    "command",
    [
        ["nonsense"],
        ["ticket", "one"],
        ["ticket", "9" * 40],
        ["tickets", "--status", "lost"],
        ["outbox", "retry"],
        ["parse"],
        ["tickets", "--nonsense"],
    ],
)
def test_wrong_usage_is_2(line, command):
    result = line.run(*command)

    assert result.exit_code == 2
    assert result.stdout == ""


def test_init_refuses_to_overwrite_a_desk(own_line):
    before = own_line.config.read_text()

    assert refused(own_line.run("init", str(own_line.folder)), f"{own_line.config}: is there already")
    assert own_line.config.read_text() == before


@pytest.mark.parametrize("command", ["tickets", "operators", "outbox", "inbox"])
def test_a_desk_that_was_never_started_is_empty_and_stays_untouched(new_line, command):
    result = new_line.run(command, "--json")

    assert result.exit_code == 0
    assert "Traceback" not in result.stderr
    assert list((new_line.folder / "var").iterdir()) == []


def test_explaining_a_mail_to_a_desk_that_was_never_started_makes_no_files(new_line):
    file = new_line.folder / "mail.eml"
    file.write_bytes(a_mail("anne@customer.example", "My order").as_bytes())

    result = new_line.run("explain", str(file))

    assert "acknowledgement to anne@customer.example" in result.stdout
    assert list((new_line.folder / "var").iterdir()) == []


def test_a_reader_that_goes_away_is_no_disaster(line):
    """`helpdesk inbox | head -1`."""
    command = [sys.executable, "-m", "helpdesk", "canned", "list", "--config", str(line.config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()

    assert said == b""


def test_ctrl_c_ends_without_a_traceback(tmp_path):
    pipe = tmp_path / "mail.eml"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "helpdesk", "parse", str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        writer = once_it_reads(pipe, process)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        os.close(writer)

    assert b"Traceback" not in said
    assert process.returncode == 130


def once_it_reads(pipe, process):
    """Open our end; there is nobody to write to until the other end is open."""
    while process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.02)
    raise AssertionError(process.stderr.read())


def test_the_configuration_may_come_from_the_environment_or_the_folder(line):
    from_variable = helpdesk("db", "check", environ={"HELPDESK_CONFIG": str(line.config)})
    from_folder = helpdesk("db", "check", cwd=line.folder)

    assert from_variable.returncode == from_folder.returncode == 0
    assert str(line.folder / "var" / "spool.db") in from_variable.stdout
