"""`customer export` and `customer erase`: what the desk keeps about somebody, to show or to forget."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from helpdesk.cli.context import ConfigOption, fail, load, remember, stores, told_plainly
from helpdesk.cli.showing import print_json
from helpdesk.flow import admin
from helpdesk.store import inbox, personal

app = typer.Typer(name="customer", help="What the desk keeps about a customer.", no_args_is_help=True)

CustomerAddress = Annotated[str, typer.Argument(metavar="A", help="The customer's e-mail address.")]


@app.callback()
def customer(context: typer.Context, config: ConfigOption = None) -> None:
    """What the desk keeps about a customer: to hand over, or to forget."""
    remember(context, config)


@app.command("export")
def export(context: typer.Context, address: CustomerAddress, config: ConfigOption = None) -> None:
    """Print all that is kept about this address as JSON, as the customer may see it."""
    with told_plainly(), stores(load(context, config)) as opened, opened.desk.read() as desk:
        everything = personal.kept(desk, address)
    _require_known(everything["tickets"] or everything["mails_received"], address)
    print_json(everything)


@app.command("erase")
def erase(
    context: typer.Context,
    address: CustomerAddress,
    config: ConfigOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Forget a customer: their tickets lose every word and name, their mails are overwritten. There is no way back."""
    with told_plainly(), stores(load(context, config)) as opened:
        with opened.desk.read() as desk:
            everything = personal.kept(desk, address)
        _require_known(everything["tickets"] or everything["mails_received"], address)
        if not yes:
            number = len(everything["tickets"])
            typer.confirm(f"forget {address} for good (tickets: {number})?", abort=True, err=True)
        with opened.spool.write("order") as spool:
            inbox.append(spool, [admin.ask_to_erase(address, datetime.now(UTC))])
    typer.echo("noted; the running desk does it within half a minute, a stopped one when it starts")


def _require_known(found: object, address: str) -> None:
    if not found:
        fail(f"nothing is kept about {address}; helpdesk tickets --search finds tickets by their words")
