"""How results look: tables with colours on a terminal, plain text in columns elsewhere, or one JSON document.

Every cell of a table goes through `cell`: text from mails can neither colour a terminal nor move its cursor.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from helpdesk.config import Config

_SHORT = 60


def print_json(document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    # a name that is no valid text must not break the document
    typer.echo(text.encode("utf-8", "replace").decode())


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A title and a table; without rows the title alone. Columns that are empty in every row are left out."""
    cells = [[cell(value) for value in row] for row in rows]
    filled = [index for index in range(len(columns)) if any(row[index] for row in cells)]
    columns = [columns[index] for index in filled]
    cells = [[row[index] for index in filled] for row in cells]
    if sys.stdout.isatty():
        _print_rich(title, columns, cells)
    else:
        _print_plain(title, columns, cells)


def cell(value: Any) -> str:
    """A value as one line of text without control characters."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    return "".join(c if c.isprintable() else " " for c in str(value))


def clean(text: str) -> str:
    """Text of a mail for the terminal: its lines stay, control characters go."""
    return "\n".join(cell(line) for line in text.splitlines())


def short(text: str, longest: int = _SHORT) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def local(moment: datetime | None, config: Config) -> str:
    """An instant as people of the desk read it."""
    return moment.astimezone(config.root.desk.timezone).strftime("%Y-%m-%d %H:%M:%S %Z") if moment else ""


def local_iso(text: str | None, config: Config) -> str:
    """An instant of a JSON document as people of the desk read it, to the minute."""
    if not text:
        return ""
    return datetime.fromisoformat(text).astimezone(config.root.desk.timezone).strftime("%Y-%m-%d %H:%M")


def _print_rich(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    console = Console()
    if not cells:
        console.print(Text(title, style="bold"))
        return
    table = Table(
        title=Text(title, style="bold"), title_justify="left", header_style="bold cyan", box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0), pad_edge=False,
    )  # fmt: skip
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*(Text(value, style=_STYLES.get(value, "")) for value in row))
    console.print(table)


_STYLES = {
    "new": "yellow", "open": "yellow", "pending": "cyan", "solved": "green", "closed": "dim",
    "queued": "yellow", "sent": "green", "failed": "bold red", "parked": "bold red", "done": "green",
}  # fmt: skip


def _print_plain(title: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    """Columns two spaces apart, as wide as they must be: for grep, less and mails."""
    lines = [list(columns), *map(list, cells)] if cells else []
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))] if lines else []
    typer.echo(title)
    for line in lines:
        padded = (value.ljust(width) for value, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())
