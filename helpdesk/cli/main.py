"""`helpdesk`: the commands, each in the file of what it is about."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from helpdesk import __version__
from helpdesk.cli import (
    audit,
    backup,
    canned,
    customers,
    database,
    explaining,
    mail,
    parsing,
    report,
    running,
    setup,
    tickets,
)
from helpdesk.cli.context import ConfigOption, remember, told_plainly

app = typer.Typer(
    name="helpdesk",
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


app.command("init")(setup.init)
app.command("serve")(running.serve)
app.command("demo")(running.demo)
app.command("check")(setup.check)
app.command("tickets")(tickets.list_tickets)
app.command("ticket")(tickets.show_ticket)
app.command("explain")(explaining.explain)
app.command("parse")(parsing.parse)
app.command("operators")(tickets.operators)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("audit")(audit.audit)
app.command("report")(report.report)
app.add_typer(mail.outbox_app, name="outbox")
app.add_typer(mail.inbox_app, name="inbox")
app.add_typer(customers.app, name="customer")
app.add_typer(canned.app, name="canned")
app.add_typer(database.app, name="db")


def run() -> None:
    """The entry point: exit 0 on success, 1 on a finding or failure, 2 on wrong usage."""
    try:
        with told_plainly():
            app(prog_name="helpdesk")
    except typer.Exit as ended:
        raise SystemExit(ended.exit_code) from None
    except BrokenPipeError:  # whoever read our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None


if __name__ == "__main__":
    run()
