"""README is run: its commands, its configurations, its links, its picture of the table (STYLE 47)."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from typer.main import get_command

from helpdesk.cli.main import app
from helpdesk.config import Config
from helpdesk.render.canned import shipped_folder

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HELPDESK = [sys.executable, "-m", "helpdesk"]


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{re.escape(kind)}\n(.*?)^```$", README, re.M | re.S)


def drawing():
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import draw_lifecycle
    finally:
        sys.path.pop(0)
    return draw_lifecycle


def test_the_state_diagram_is_the_one_of_the_table():
    drawn = drawing().with_diagram(README)

    assert drawn == README, "run: python scripts/draw_lifecycle.py --write"
    assert drawn.count("stateDiagram-v2") == 1


def test_the_diagram_changes_with_the_table():
    scripts = drawing()
    table = dict(scripts.TRANSITIONS)
    new = scripts.Status.NEW
    table[new] = {**table[new], "operator_slept": frozenset({scripts.Status.CLOSED})}

    assert "operator slept" in scripts.draw(table)


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_configuration_loads_and_warns_of_nothing_unmeant(text, tmp_path):
    (tmp_path / "secrets").mkdir()
    for name in ("imap", "db"):
        (tmp_path / "secrets" / name).write_text("correct-horse-27")
        (tmp_path / "secrets" / name).chmod(0o600)
    (tmp_path / "canned_responses").symlink_to(shipped_folder())
    desk = "" if "[desk]" in text else '[desk]\naddress = "help@desk.example"\n'
    file = tmp_path / "config.toml"
    file.write_text(desk + text)

    assert Config.load(file, environ={}).root.desk.address == "help@desk.example"


def test_the_first_desk_is_made_checked_and_served(tmp_path):
    init, change, check, serve = blocks("sh first-desk")[0].splitlines()
    folder = tmp_path / change.split()[1]
    environ = {**os.environ, "HELPDESK_RECEIVE__SMTP__PORT": "0", "HELPDESK_WEB__PORT": "0"}

    for line, where in ((init, tmp_path), (check, folder)):
        subprocess.run([*HELPDESK, *line.split()[1:]], cwd=where, env=environ, check=True, timeout=60)
    with subprocess.Popen(
        [*HELPDESK, *serve.split()[1:]], cwd=folder, env=environ, stderr=subprocess.PIPE, text=True
    ) as desk:
        assert desk.stderr is not None
        ready = any(line == "ready\n" for line in desk.stderr)
        desk.send_signal(signal.SIGTERM)
        desk.stderr.read()

    assert ready
    assert desk.returncode == 0


def test_every_command_that_is_named_exists():
    group = get_command(app)
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    known = {name: getattr(command, "commands", {}) for name, command in found.items()}
    commands = README.index("## Commands")
    table = README[commands : README.index("Planned:", commands)]
    named = [words.removeprefix("helpdesk ").split() for words in re.findall(r"`([^`]+)`", table)]

    for first, *rest in named:
        assert first in known
        assert not rest or not known[first] or rest[0] in known[first] or rest[0].isupper()
    assert {first for first, *_ in named} == set(known)


def test_every_make_target_that_is_named_exists():
    makefile = (ROOT / "Makefile").read_text()

    for target in re.findall(r"^make (\w+)", "\n".join(blocks("sh")), re.M):
        assert re.search(rf"^{target}:", makefile, re.M)


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_page_about_the_flow_names_files_that_exist():
    page = (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")
    files = re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)", page)

    assert len(files) > 20
    assert [name for name in files if not (ROOT / "helpdesk" / name).exists()] == []
