"""What every command shares: which configuration, how errors end, how a stored desk is read.

Who may touch the files: `serve` alone writes the desk. Commands that look read the databases beside a running
daemon and never write; a desk that was never started looks empty to them, and they make no files for it. A
database of another version is refused with what to do, never upgraded on the way: that is for `serve` and
`db upgrade`, which both need the desk's locks. What a command wants done (`outbox retry`, `inbox replay`) goes
into the spool as an order, like everything from outside (ARCHITECTURE, way 5).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.config import Config, ConfigError
from helpdesk.render.trouble import CannedError
from helpdesk.store.migrate import is_empty, require_current, upgrade
from helpdesk.store.session import Database, StoreError

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The desk's configuration; default $HELPDESK_CONFIG, else config.toml."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document, times in ISO-8601 UTC.")]

_CONFIG = "helpdesk.config"


def remember(context: typer.Context, config: Path | None) -> None:
    """Keep what was said before the command, for the command."""
    if config is not None:
        context.meta[_CONFIG] = config


def load(context: typer.Context, config: Path | None) -> Config:
    """The configuration named after the command, else before it, else the default."""
    return Config.load(config or context.meta.get(_CONFIG))


def fail(message: str) -> NoReturn:
    """End with exit code 1 and the reason on standard error."""
    typer.echo(f"helpdesk: {message}", err=True)
    raise typer.Exit(1)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Troubles that the user can mend are told in words, without a traceback."""
    try:
        yield
    except (ConfigError, StoreError, CannedError) as error:
        fail(str(error))
    except BrokenPipeError:  # our reader has seen enough; that is for `run`
        raise
    except OSError as error:
        fail(f"{error.filename or 'the desk'}: {error.strerror or error}; look at its owner, mode and disk")
    except SQLAlchemyError as error:
        what = getattr(error, "orig", None) or type(error).__name__
        fail(f"the database could not do it: {what}. Run `helpdesk db check`.")


@dataclass(frozen=True, slots=True)
class Stores:
    """Spool and desk, to be read."""

    spool: Database
    desk: Database


@contextmanager
def stores(config: Config) -> Iterator[Stores]:
    """The desk's databases for reading; an empty desk in a temporary folder when it was never started.

    Raises StoreError when they are of another version, broken or out of reach.
    """
    spool, desk = Database(config.spool_url), Database(config.desk_url)
    with tempfile.TemporaryDirectory(prefix="helpdesk-") as folder:
        try:
            if is_empty(spool, "spool") and is_empty(desk, "desk"):
                spool, desk = _empty(Path(folder))
            require_current(spool, "spool")
            require_current(desk, "desk")
            yield Stores(spool, desk)
        finally:
            spool.close()
            desk.close()


def _empty(folder: Path) -> tuple[Database, Database]:
    spool, desk = Database(f"sqlite:///{folder}/spool.db"), Database(f"sqlite:///{folder}/helpdesk.db")
    upgrade(spool, "spool")
    upgrade(desk, "desk")
    return spool, desk
