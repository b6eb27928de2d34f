"""`db`: the schema of the desk's databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli import stores
from helpdesk.cli.bars import bars
from helpdesk.cli.context import ConfigOption, fail, load, remember, told_plainly
from helpdesk.daemon import building
from helpdesk.store import copying, migrate
from helpdesk.store.session import Database, spool_url

app = typer.Typer(help="The databases: upgrade, check, copy.", no_args_is_help=True)

_LOCK_SECONDS = 1.0


@app.callback()
def database(context: typer.Context, config: ConfigOption = None) -> None:
    """The databases: upgrade, check, copy."""
    remember(context, config)


@app.command("upgrade")
def upgrade(
    context: typer.Context,
    new_secret: Annotated[
        bool, typer.Option("--new-secret", help="The desk's secret was changed on purpose; accept it.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Bring the databases to the newest schema; `serve` does it by itself. Not beside a running desk."""
    with told_plainly():
        loaded = load(context, config)
        loaded.state_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(loaded.spool_url, loaded.desk_url):
            for opened in building.databases(loaded, new_secret=new_secret):
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


@app.command("copy")
def copy(
    context: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            envvar=stores.URL_VARIABLE,
            show_envvar=False,
            help="Where to; the form of [store] url.",
        ),
    ],
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="The password for URL, in a private file.")
    ] = None,
    password_env: Annotated[
        str | None, typer.Option("--password-env", help="The environment variable that holds it.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Copy the whole desk to the empty store URL. Not beside a running desk; this store stays as it is."""
    with told_plainly():
        loaded = load(context, config)
        wanted = stores.Wanted(url, password_file, password_env, in_words=stores.was_typed(context))
        target = stores.target_url(wanted, loaded.file.parent)
        if target == loaded.desk_url:
            fail("URL: is the store that the desk uses already; name another")
        with (
            _alone(loaded.spool_url, loaded.desk_url) as here,
            _alone(spool_url(target), target) as there,
            bars() as progress,
        ):
            rows = copying.copy(here, there, progress)
    for name, number in rows.items():
        typer.echo(f"{name:<18}{number:>10}  copied and counted")
    typer.echo(f"\nnext, in {loaded.file}:\n\n{stores.as_toml(wanted)}\nthen start the desk.")


@contextmanager
def _alone(spool_url: str, desk_url: str) -> Iterator[dict[migrate.Which, Database]]:
    """Spool and desk with both locks of the daemon, so that nothing changes under one (P13); a server has none."""
    spool, desk = Database(spool_url), Database(desk_url)
    locks = (building.sole_writer(database, _LOCK_SECONDS) for database in (spool, desk))
    with closing(spool), closing(desk), next(locks), next(locks):
        yield {"spool": spool, "desk": desk}
