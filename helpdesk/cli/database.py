"""`db`: the schema of the desk's databases."""

from __future__ import annotations

import typer

from helpdesk.cli.context import ConfigOption, load, told_plainly
from helpdesk.daemon import building
from helpdesk.store import migrate
from helpdesk.store.session import Database

app = typer.Typer(help="The databases: upgrade, check.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(context: typer.Context, config: ConfigOption = None) -> None:
    """Bring the databases to the newest schema; `serve` does it by itself."""
    with told_plainly():
        for database in building.databases(load(context, config)):
            typer.echo(f"{database.name}: at the newest schema")
            database.close()


@app.command("check")
def check(context: typer.Context, config: ConfigOption = None) -> None:
    """Look whether the databases are sound and at the newest schema; exit 1 if not."""
    with told_plainly():
        loaded = load(context, config)
        spool, desk = Database(loaded.spool_url), Database(loaded.desk_url)
        migrate.check(spool, "spool")
        typer.echo(f"{spool.name}: ok")
        migrate.check(desk, "desk")
        typer.echo(f"{desk.name}: ok")
