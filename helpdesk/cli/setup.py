"""`init` makes a desk, `check` looks whether it would run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.cli.context import ConfigOption, load, stores, told_plainly
from helpdesk.config import Config, load_or_make_secret, write_new
from helpdesk.config.load import DEFAULT_FILE
from helpdesk.daemon import building, workplace
from helpdesk.render.canned import shipped_folder
from helpdesk.store import alarms
from helpdesk.store.migrate import check as check_schema
from helpdesk.store.session import Database, NeedsUpgrade, StoreError
from helpdesk.wire.imap_poller import check_login


def init(
    context: typer.Context,  # noqa: ARG001 - every command takes --config; this one writes a new one
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where the new desk lives.")] = Path(),
    config: ConfigOption = None,  # noqa: ARG001
) -> None:
    """Write a new desk: config.toml, canned_responses/ and var/."""
    with told_plainly():
        for path in write_new(directory, shipped_folder()):
            typer.echo(path)
        load_or_make_secret(directory / "var")
    typer.echo(
        f"next: look at {directory / DEFAULT_FILE}, then `helpdesk check` and `helpdesk serve`", err=True
    )


def check(
    context: typer.Context,
    config: ConfigOption = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also log in to IMAP and to the smarthost.")
    ] = False,
) -> None:
    """Check configuration, canned responses and database; exit 1 when something must be mended."""
    with told_plainly():
        loaded = load(context, config)
        typer.echo(f"configuration  {loaded.file}: ok")
        for warning in loaded.warnings():
            typer.echo(f"warning        {warning}")
        findings = [*_canned_findings(loaded), *_database_findings(loaded)]
        _show_alarms(loaded)
        if online:
            findings += _online_findings(loaded)
    for finding in findings:
        typer.echo(f"helpdesk: {finding}", err=True)
    raise typer.Exit(1 if findings else 0)


def _canned_findings(config: Config) -> list[str]:
    library = workplace.library(config, building.policy(config))
    problems = [str(problem) for problem in library.check()]
    if not problems:
        typer.echo(f"canned         {', '.join(library.languages())}: ok")
    return problems


def _database_findings(config: Config) -> Iterator[str]:
    for which, url in (("spool", config.spool_url), ("desk", config.desk_url)):
        database = Database(url)
        try:
            if database.path and not database.path.exists():
                typer.echo(f"database       {database.name}: will be made at the first start")
                continue
            check_schema(database, "spool" if which == "spool" else "desk")
            typer.echo(f"database       {database.name}: ok")
        except NeedsUpgrade as error:
            typer.echo(f"warning        {error}")
        except StoreError as error:
            yield str(error)
        finally:
            database.close()


def _show_alarms(config: Config) -> None:
    """Alarms that stand are shown; they do not keep a desk from being started, so they are no findings."""
    try:
        with stores(config) as opened, opened.desk.read() as desk:
            standing = alarms.raised(desk)
    except (StoreError, SQLAlchemyError):  # the findings about the database have told why
        return
    for one in standing:
        since = f"{one.at.astimezone(config.root.desk.timezone):%Y-%m-%d %H:%M}"
        typer.echo(f"alarm          {one.alarm.name}, since {since}: {' '.join(one.alarm.text.split())}")


def _online_findings(config: Config) -> Iterator[str]:
    for table in config.imap_accounts:
        try:
            typer.echo(f"imap           {check_login(building.imap_account(table, config.limits))}")
        except Exception as error:  # noqa: BLE001 - whatever goes wrong on the way is the finding
            yield f"imap: {error}"
    try:
        typer.echo(f"send           {asyncio.run(building.plain_transport(config).check())}")
    except Exception as error:  # noqa: BLE001 - whatever goes wrong on the way is the finding
        yield f"send: {error}"
