"""What every command shares: which configuration, how errors end, how results are shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from helpdesk.config import Config, ConfigError
from helpdesk.daemon import building
from helpdesk.flow.workshop import Workshop
from helpdesk.store.session import StoreError

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The desk's configuration; default $HELPDESK_CONFIG, else config.toml."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document, times in ISO-8601 UTC.")]

_WIDE = 180


def load(context: typer.Context, config: Path | None) -> Config:
    """The configuration named before or after the command."""
    return Config.load(config or (context.obj or {}).get("config"))


def open_shop(config: Config) -> Workshop:
    """Everything that reads the desk; the databases are made if they are not there yet."""
    for database in building.databases(config):
        database.close()
    return building.workshop(config, lambda: datetime.now(UTC))


def fail(message: str) -> NoReturn:
    """End with exit code 1 and the reason on standard error."""
    typer.echo(f"helpdesk: {message}", err=True)
    raise typer.Exit(1)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Troubles that the user can mend are told in words, without a traceback."""
    try:
        yield
    except (ConfigError, StoreError) as error:
        fail(str(error))


def print_json(document: Any) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table with colours on a terminal; elsewhere the same table, wide and plain."""
    console = Console() if sys.stdout.isatty() else Console(width=_WIDE, no_color=True)
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(table)


def local(moment: datetime | None, config: Config) -> str:
    """An instant as people of the desk read it."""
    return moment.astimezone(config.root.desk.timezone).strftime("%Y-%m-%d %H:%M:%S %Z") if moment else ""
