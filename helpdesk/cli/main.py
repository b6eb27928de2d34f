"""`helpdesk`: the commands, each in the file of what it is about."""

from __future__ import annotations

import os
import sys
from typing import Annotated, ClassVar

import typer

from helpdesk import __version__
from helpdesk.cli.context import ConfigOption, remember, told_plainly
from helpdesk.cli.lazily import LazyGroup


class Commands(LazyGroup):
    """In the order in which `--help` shows them."""

    where: ClassVar = {
        "init": ("setup", "init"),
        "serve": ("running", "serve"),
        "demo": ("running", "demo"),
        "check": ("setup", "check"),
        "tickets": ("tickets", "list_tickets"),
        "ticket": ("tickets", "show_ticket"),
        "explain": ("explaining", "explain"),
        "parse": ("parsing", "parse"),
        "operators": ("tickets", "operators"),
        "backup": ("backup", "backup"),
        "restore": ("backup", "restore"),
        "audit": ("audit", "audit"),
        "report": ("report", "report"),
        "outbox": ("mail", "outbox_app"),
        "inbox": ("mail", "inbox_app"),
        "customer": ("customers", "app"),
        "canned": ("canned", "app"),
        "db": ("database", "app"),
    }


app = typer.Typer(
    name="helpdesk",
    cls=Commands,
    help="An e-mail-driven helpdesk: customers and operators need nothing but their mail program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"helpdesk {__version__}")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    config: ConfigOption = None,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Remember what was said before the command."""
    remember(context, config)


def run() -> None:
    """What was asked for; raises SystemExit with what the shell is told."""
    try:
        with told_plainly():
            app(prog_name="helpdesk")
    except typer.Exit as ended:
        raise SystemExit(ended.exit_code) from None
    except BrokenPipeError:  # whoever read our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
