"""`backup`, `restore` and `db copy`: what they say, and what they refuse."""

import contextlib
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from helpdesk.store.lock import FileLock
from helpdesk.testing.command_line import helpdesk
from helpdesk.testing.postgres import a_database


@pytest.fixture
def archive(own_line, tmp_path):
    """A backup of the desk in `own_line`."""
    own_line.run("db", "upgrade")
    made = own_line.run("backup", str(tmp_path / "desk.tar"))
    assert made.exit_code == 0, made.stderr
    return tmp_path / "desk.tar"


def test_a_backup_says_what_is_in_it(own_line, tmp_path):
    own_line.run("db", "upgrade")
    made = own_line.run("backup", str(tmp_path / "desk.tar"))

    assert made.exit_code == 0, made.stderr
    assert "2 tickets, " in made.stdout
    assert "3 letters waiting" in made.stdout
    assert made.stderr == ""  # no bar where there is no terminal


def test_a_desk_is_brought_back_and_the_waiting_letters_are_told_of(own_line, archive):
    tickets, audit = own_line.json("tickets"), own_line.run("audit").stdout
    own_line.run("outbox", "retry", "1")

    refused = own_line.run("restore", str(archive))
    done = own_line.run("restore", str(archive), "--replace")

    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    assert done.exit_code == 0, done.stderr
    assert "3 letters waited" in done.stdout
    assert "--hold-letters" in done.stdout
    assert own_line.json("tickets") == tickets
    assert own_line.run("audit").stdout == audit
    assert (own_line.folder / "var" / "helpdesk.db.before-restore").exists()


def test_held_letters_can_be_sent_one_by_one(own_line, archive):
    done = own_line.run("restore", str(archive), "--replace", "--hold-letters")
    held = [
        row for row in own_line.json("outbox") if "may have been sent already" in (row["last_error"] or "")
    ]

    assert "set aside as failed" in done.stdout
    assert [row["state"] for row in held] == ["failed"] * 3
    assert own_line.run("outbox", "retry", str(held[0]["id"])).exit_code == 0


@pytest.mark.parametrize("words", [["restore", "{archive}"], ["db", "copy", "sqlite:///var/new.db"]])
@pytest.mark.parametrize("file", ["helpdesk.db", "spool.db"])
def test_not_beside_a_running_desk(own_line, archive, words, file):
    lock = FileLock(own_line.folder / "var" / f"{file}.lock")
    lock.acquire(0)

    refused = own_line.run(*[word.format(archive=archive) for word in words])
    lock.release()

    assert refused.exit_code == 1
    assert "another helpdesk" in refused.stderr


def test_a_desk_that_was_never_started_has_nothing_to_back_up(new_line, tmp_path):
    refused = new_line.run("backup", str(tmp_path / "desk.tar"))

    assert refused.exit_code == 1
    assert "nothing to back up" in refused.stderr
    assert not (tmp_path / "var" / "helpdesk.db").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["backup", "/nowhere/desk.tar"], "no such folder"),
        (["restore", "nowhere.tar"], "no such file"),
        (["db", "copy", "mysql://x/y"], "must begin with"),
        (["db", "copy", "nonsense"], "not a database address"),
        (["db", "copy", "sqlite:///var/helpdesk.db"], "uses already"),
        (["db", "copy", "postgresql+psycopg://u:hunter2@127.0.0.1/x"], "does not belong on a command line"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(own_line, words, complaint):
    refused = own_line.run(*words)

    assert refused.exit_code == 1
    assert complaint in refused.stderr
    assert "hunter2" not in refused.stderr


def test_a_copy_to_another_file_counts_and_says_what_to_write(own_line):
    own_line.run("db", "upgrade")

    audit = own_line.run("audit").stdout

    done = own_line.run("db", "copy", "sqlite:///var/new.db")

    assert done.exit_code == 0, done.stderr
    assert 'url = "sqlite:///var/new.db"' in done.stdout
    with closing(sqlite3.connect(own_line.folder / "var" / "new.db")) as new:
        assert new.execute("SELECT count(*) FROM ticket").fetchone() == (2,)
    own_line.config.write_text(own_line.config.read_text() + '\n[store]\nurl = "sqlite:///var/new.db"\n')
    assert own_line.run("db", "upgrade").exit_code == 0  # it is this desk
    assert own_line.run("audit").stdout == audit


@pytest.mark.postgres
def test_a_copy_to_a_server_takes_its_password_from_a_file_or_the_environment(own_line, tmp_path):
    own_line.run("db", "upgrade")
    (tmp_path / "password").write_text("hunter2\n")
    (tmp_path / "password").chmod(0o600)
    with a_database() as one, a_database() as two:
        audit = own_line.run("audit").stdout
        by_file = own_line.run("db", "copy", one, "--password-file", str(tmp_path / "password"))
        own_line.config.write_text(own_line.config.read_text() + f'\n[store]\nurl = "{one}"\n')
        assert own_line.run("audit").stdout == audit
        with_password = two.replace("helpdesk@", "helpdesk:hunter2@")
        by_url = helpdesk(
            "db", "copy", "--config", str(own_line.config), environ={"HELPDESK_COPY_URL": with_password}
        )

    assert by_file.exit_code == 0, by_file.stderr
    assert f'password_file = "{tmp_path / "password"}"' in by_file.stdout
    assert by_url.returncode == 0, by_url.stderr
    assert "hunter2" not in by_file.stdout + by_url.stdout + by_url.stderr


@pytest.mark.postgres
@pytest.mark.parametrize("version", [None, 9])
def test_a_server_without_fitting_programs_is_told_what_to_install(own_line, tmp_path, version):
    """The programs beside the PATH are the machine's own: here they are hidden by a path without them."""
    from helpdesk.store.backup import server_tools

    program = "pg_no_such_dump"
    if version:
        (tmp_path / program).write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) {version}.6'\n")
        (tmp_path / program).chmod(0o755)
    path, os.environ["PATH"] = os.environ["PATH"], f"{tmp_path}:{os.environ['PATH']}"
    try:
        with pytest.raises(server_tools.ToolMissing, match=r"postgresql-client-15") as refused:
            server_tools.find(program, 15)
    finally:
        os.environ["PATH"] = path

    assert ("of version 9, the server of version 15" if version else "not installed") in str(refused.value)


@pytest.mark.postgres
def test_no_password_stands_on_a_command_line(own_line):
    from sqlalchemy import make_url

    from helpdesk.store.backup import server_tools

    at = server_tools.address(make_url("postgresql+psycopg://helpdesk:hunter2@127.0.0.1:5/x?sslmode=disable"))

    assert "hunter2" not in at.conninfo
    assert at.environ["PGPASSWORD"] == "hunter2"
    assert "sslmode=disable" in at.conninfo


def test_a_copy_shows_a_bar_on_a_terminal_and_none_without(own_line):
    own_line.run("db", "upgrade")
    by_pipe = own_line.run("db", "copy", "sqlite:///var/one.db")
    command = [
        sys.executable,
        "-m",
        "helpdesk",
        "--config",
        str(own_line.config),
        "db",
        "copy",
        "sqlite:///var/two.db",
    ]
    terminal, end = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=end, cwd=own_line.folder) as copying:
        os.close(end)
        shown = seen_on(terminal)
        told = copying.stdout.read()

    assert copying.returncode == 0, shown
    assert b"100%" in shown
    assert b'url = "sqlite:///var/two.db"' in told
    assert by_pipe.exit_code == 0, by_pipe.stderr
    assert by_pipe.stderr == ""


def seen_on(terminal: int) -> bytes:
    """Everything until the other end is closed, which Linux tells by EIO."""
    shown = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 4096):
            shown += part
    os.close(terminal)
    return shown
