"""`canned`: the canned responses, whether they are sound, and how they look."""

from __future__ import annotations

from typing import Annotated

import typer

from helpdesk.cli.context import ConfigOption, fail, load, remember, stores, told_plainly
from helpdesk.cli.showing import print_table
from helpdesk.config import Config
from helpdesk.daemon import building, workplace
from helpdesk.model.decision import Value
from helpdesk.store import tickets

app = typer.Typer(help="Canned responses: list, check, preview.", no_args_is_help=True)


@app.callback()
def canned(context: typer.Context, config: ConfigOption = None) -> None:
    """Canned responses: list, check, preview."""
    remember(context, config)


@app.command("list")
def list_responses(context: typer.Context, config: ConfigOption = None) -> None:
    """List the canned responses and the languages each is written in."""
    with told_plainly():
        loaded = load(context, config)
        library = workplace.library(loaded, building.policy(loaded))
    languages = library.languages()
    names = sorted({name for language in languages for name in library.names(language)})
    rows = [(name, ", ".join(x for x in languages if name in library.names(x))) for name in names]
    print_table(str(loaded.canned_folder), ("name", "languages"), rows)


@app.command("check")
def check(context: typer.Context, config: ConfigOption = None) -> None:
    """Compile and try every canned response; exit 1 when one is not sound."""
    with told_plainly():
        loaded = load(context, config)
        problems = workplace.library(loaded, building.policy(loaded)).check()
    for problem in problems:
        typer.echo(problem)
    if problems:
        fail(f"{len(problems)} canned responses must be mended")
    typer.echo(f"{loaded.canned_folder}: all canned responses are sound")


@app.command("preview")
def preview(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="For example acknowledgement, or replies/close.")
    ],
    ticket: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=10**15, help="Fill in this ticket's values, not samples."),
    ] = None,
    language: Annotated[str, typer.Option(metavar="L", help="Language; default the desk's.")] = "",
    config: ConfigOption = None,
) -> None:
    """Show a canned response filled in."""
    with told_plainly():
        loaded = load(context, config)
        library = workplace.library(loaded, building.policy(loaded))
        values = _values(loaded, ticket) if ticket is not None else None
        words = library.preview(name, language or loaded.root.desk.language, values)
    if words.subject:
        typer.echo(f"Subject: {words.subject}\n")
    typer.echo(words.body, nl=False)


def _values(config: Config, number: int) -> dict[str, Value]:
    with stores(config) as opened, opened.desk.read() as desk:
        ticket = tickets.load(desk, number)
    if ticket is None:
        fail(f"there is no ticket {number}; helpdesk tickets lists them")
    operator = building.policy(config).operator(ticket.operator)
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "customer_name": ticket.customer.name,
        "customer_address": ticket.customer.address,
        "operator_name": operator.name if operator else "",
    }
