"""docs/commands.md holds every command, argument and option of the program, and no others."""

import re
from pathlib import Path

import click
import pytest
import typer.main

from helpdesk.cli.main import app

TEXT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
SECTION = re.compile(r"^## helpdesk (.+?)\n(.*?)(?=^## |\Z)", re.M | re.S)
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
EVERYWHERE = {"--config", "--help"}


def commands(group, path=()):
    """Every command that does something: its words and itself."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = getattr(command, "commands", None)
        if not inner or command.invoke_without_command:
            yield " ".join((*path, name)), command
        if inner:
            yield from commands(command, (*path, name))


ROOT = typer.main.get_command(app)
COMMANDS = dict(commands(ROOT))
DOCUMENTED = {}
for heading, body in SECTION.findall(TEXT):
    words = [word for word in heading.split() if word.islower()]
    DOCUMENTED[" ".join(words)] = (heading, body)


def options(command):
    found = {
        name for p in command.params if p.param_type_name == "option" for name in p.opts if name[:2] == "--"
    }
    return found - EVERYWHERE


def arguments(command):
    return [p.metavar.strip("[]") for p in command.params if p.param_type_name == "argument"]


def test_every_command_is_documented_and_none_that_is_not_there():
    assert set(DOCUMENTED) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented_and_none_that_is_not_there(name):
    _, body = DOCUMENTED[name]
    table = "\n".join(line for line in body.splitlines() if line.startswith("| `--"))

    assert set(OPTION.findall(table)) == options(COMMANDS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_stands_in_the_heading(name):
    heading, _ = DOCUMENTED[name]
    given = [word.strip("[]") for word in heading.removeprefix(name).split()]

    assert given == arguments(COMMANDS[name])


def test_the_options_of_helpdesk_itself_are_documented():
    head = TEXT.partition("\n## ")[0]

    assert set(OPTION.findall(head)) >= options(ROOT) | {"--config"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_config(name):
    names = {option for p in COMMANDS[name].params for option in p.opts}

    assert "--config" in names
