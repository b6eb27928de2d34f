"""`backup` and `restore`: a whole desk in one file, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from helpdesk.cli.bars import bars
from helpdesk.cli.context import ConfigOption, fail, load, told_plainly
from helpdesk.cli.showing import local_iso
from helpdesk.config import Config
from helpdesk.daemon import building
from helpdesk.store.backup import making
from helpdesk.store.backup import restore as restoring
from helpdesk.store.backup.archive import Manifest
from helpdesk.store.session import Database, StoreError

_LOCK_SECONDS = 1.0

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a tar file.")]


def backup(
    context: typer.Context,
    file: File,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of an older FILE.")] = False,
    config: ConfigOption = None,
) -> None:
    """Write the whole desk to FILE while it works: databases and secret, checked."""
    with told_plainly():
        loaded = load(context, config)
        if not file.parent.is_dir():
            fail(f"{file.parent}: no such folder; make it first")
        with _place(loaded) as place, bars() as progress:
            manifest = making.make(
                place.spool,
                place.desk,
                place.state,
                file,
                now=datetime.now(UTC),
                replace=replace,
                progress=progress,
            )
    typer.echo(f"{file}: {_contents(manifest)}, {_megabytes(file)}")


def restore(
    context: typer.Context,
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="There is a desk with data: keep it beside as *.before-restore.")
    ] = False,
    hold_letters: Annotated[
        bool, typer.Option("--hold-letters", help="Set letters that waited aside as failed; send none.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Make the backup FILE the desk. Not beside a running desk; all or nothing."""
    with told_plainly():
        loaded = load(context, config)
        if not file.is_file():
            fail(f"{file}: no such file")
        _make_state_folder(loaded.state_folder)
        with ExitStack() as stack:
            place = stack.enter_context(_place(loaded))
            for database in (place.spool, place.desk):
                if database.path and not database.path.parent.is_dir():
                    fail(f"{database.path.parent}: no such folder; make it first")
                stack.enter_context(building.sole_writer(database, _LOCK_SECONDS))
            progress = stack.enter_context(bars())
            manifest = restoring.restore(
                file, place, replace=replace, hold=hold_letters, now=datetime.now(UTC), progress=progress
            )
    typer.echo(f"restored: {_contents(manifest)}, as of {local_iso(manifest.made_at, loaded)}")
    typer.echo(_letters(manifest, hold=hold_letters))


@contextmanager
def _place(config: Config) -> Iterator[restoring.Place]:
    with closing(Database(config.spool_url)) as spool, closing(Database(config.desk_url)) as desk:
        yield restoring.Place(spool, desk, config.state_folder)


def _make_state_folder(state: Path) -> None:
    """Root restores for the user that the desk runs as: that is whose folder the state folder lies in."""
    if state.is_dir():
        return
    try:
        state.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            owner = state.parent.stat()
            os.chown(state, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise StoreError(f"{state}: {error.strerror}.") from error


def _contents(manifest: Manifest) -> str:
    tickets, mails = manifest.rows["ticket"], manifest.rows["inbox"]
    return f"{tickets} tickets, {mails} mails, {manifest.waiting_letters} letters waiting"


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1_000_000:.1f} MB"


def _letters(manifest: Manifest, *, hold: bool) -> str:
    """Letters that waited when the backup was made may have gone out since."""
    number = manifest.waiting_letters
    if not number:
        return "no letter was waiting when the backup was made"
    if hold:
        return (
            f"{number} letters that waited then are set aside as failed, for they may have been sent since: "
            "`helpdesk outbox` lists them, `helpdesk outbox retry ID` sends one"
        )
    return (
        f"{number} letters waited when the backup was made and may have been sent since; the desk sends them at "
        "its next start. To hold them back instead: restore again with --replace --hold-letters before that"
    )
