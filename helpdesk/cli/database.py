"""`db`: the schema of the desk's databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from helpdesk.cli.context import ConfigOption, load, remember, told_plainly
from helpdesk.config import Config
from helpdesk.daemon import building
from helpdesk.store import migrate
from helpdesk.store.session import Database

app = typer.Typer(help="The databases: upgrade, check.", no_args_is_help=True)

_LOCK_SECONDS = 1.0


@app.callback()
def database(context: typer.Context, config: ConfigOption = None) -> None:
    """The databases: upgrade, check."""
    remember(context, config)


@app.command("upgrade")
def upgrade(context: typer.Context, config: ConfigOption = None) -> None:
    """Bring the databases to the newest schema; `serve` does it by itself. Not beside a running desk."""
    with told_plainly():
        loaded = load(context, config)
        loaded.state_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(loaded):
            for opened in building.databases(loaded):
                typer.echo(f"{opened.name}: at the newest schema")
                opened.close()


@app.command("check")
def check(context: typer.Context, config: ConfigOption = None) -> None:
    """Look whether the databases are sound and at the newest schema; exit 1 if not."""
    with told_plainly():
        loaded = load(context, config)
        for opened, which in ((Database(loaded.spool_url), "spool"), (Database(loaded.desk_url), "desk")):
            if opened.path and not opened.path.exists():
                typer.echo(f"{opened.name}: not there yet, made at the first start")
                continue
            migrate.check(opened, "spool" if which == "spool" else "desk")
            opened.close()
            typer.echo(f"{opened.name}: ok")


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Hold both locks of the daemon, so that no schema changes under one (P13)."""
    spool, desk = Database(config.spool_url), Database(config.desk_url)
    with building.sole_writer(spool, _LOCK_SECONDS), building.sole_writer(desk, _LOCK_SECONDS):
        yield
