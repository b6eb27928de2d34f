"""A group of commands that reads a command's file only when it is wanted: `helpdesk tickets` needs no letters."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from helpdesk.daemon.loading import loading


class LazyGroup(TyperGroup):
    """Subclasses name their commands: each with the file below `helpdesk.cli` and the function or app in it.

    Contexts and commands are of the click that typer brings along, whose types it keeps to itself.
    """

    where: ClassVar[Mapping[str, tuple[str, str]]] = {}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.where)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in self.where:
            return None
        if cmd_name not in self.commands:
            file, name = self.where[cmd_name]
            with loading():
                module = import_module(f"helpdesk.cli.{file}")
            self.add_command(_command(cmd_name, getattr(module, name)))
        return self.commands[cmd_name]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """A wrong name gets a suggestion out of all commands, so all are read."""
        if args and args[0] not in self.where:
            for name in self.where:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


def _command(name: str, found: Any) -> Any:
    """Of a function, or of an app with commands of its own."""
    if isinstance(found, typer.Typer):
        group = get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)
