"""One file that holds a whole desk, made while the desk works: both databases, the secret, a manifest.

The desk's instant is taken first and the spool's second. So the copy of the spool holds every mail that the
copy of `handled` knows; mails that came between the two lie above its watermark and are handled again after a
restore, as new. The other way round, mails would count as handled that the copied spool does not have, and the
next mails to get their ids would never be looked at. The same gap leaves marks in the spool for letters that
the copied desk has not written yet; their ids will be given to other letters, which must not be taken for
sent: those marks are left out. A server is copied in one instant.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from sqlalchemy import func, inspect, select

from helpdesk import __version__
from helpdesk.store import identity, migrate, snapshot
from helpdesk.store.backup import archive, server_dump
from helpdesk.store.backup.archive import Manifest
from helpdesk.store.progress import Progress
from helpdesk.store.schema import INBOX, OUTBOX, SETTING
from helpdesk.store.session import Database, StoreError

WAITING = ("queued", "sending")
"""States of letters that have not been sent as far as the desk knows."""


@dataclass(frozen=True, slots=True)
class _Copied:
    kind: Literal["sqlite", "postgresql"]
    members: Mapping[str, Path]
    rows: Mapping[str, int]
    server: Mapping[str, str] | None = None


def make(
    spool: Database,
    desk: Database,
    state: Path,
    file: Path,
    *,
    now: datetime,
    replace: bool,
    progress: Progress,
) -> Manifest:
    """Write the backup `file`; what was there before stays until the new one is whole. Raises StoreError."""
    if file.exists() and not replace:
        raise StoreError(f"{file}: is there already. Name another file, or say --replace.")
    schema = _schema(spool, desk)
    try:
        with _unfinished(file) as (out, folder):
            copied = _copy(spool, desk, folder, progress)
            members = {**copied.members, **_state_files(state)}
            manifest = Manifest(
                helpdesk=__version__,
                made_at=now.astimezone(UTC).isoformat(),
                kind=copied.kind,
                schema=schema,
                rows=copied.rows,
                waiting_letters=_waiting(copied, desk, folder),
                last_received_at=_last_received(spool),
                desk_id=_desk_id(desk),
                members={name: archive.measure(path) for name, path in members.items()},
                server=copied.server,
            )
            archive.write(out, manifest, members, progress)
            archive.check(unfinished(file), progress)  # read back what the disk has
    except OSError as error:
        raise StoreError(
            f"{file}: {error.strerror or error}. Make room there, or name another place."
        ) from error
    except sqlite3.Error as error:
        raise StoreError(f"{desk.name}: cannot be copied: {error}. Run `helpdesk db check`.") from error
    return manifest


def unfinished(file: Path) -> Path:
    return file.with_name(file.name + ".unfinished")


@contextmanager
def _unfinished(file: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """The file under its working name, and a folder for the copies; under its own name when all went well.

    What a killed backup has left is taken over and cleared; one that still runs is not disturbed.
    """
    draft, folder = unfinished(file), file.with_name(file.name + ".copies")
    with _alone(draft) as out:
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            out.truncate()
            yield out, folder
            draft.replace(file)
            snapshot.sync(file.parent)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(draft: Path) -> Iterator[BinaryIO]:
    """The file, locked as long as it is open. Raises StoreError where another backup has it."""
    while True:
        with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b") as out:
            try:
                fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(f"{draft}: another backup writes this file just now.") from None
            # the one who had it may have finished and renamed it while we waited
            if draft.exists() and os.path.samestat(os.fstat(out.fileno()), draft.stat()):
                yield out
                return


def _schema(spool: Database, desk: Database) -> dict[str, str]:
    if migrate.is_empty(spool, "spool") or migrate.is_empty(desk, "desk"):
        raise StoreError(f"{desk.name}: there is no desk yet, nothing to back up.")
    return {
        "spool": migrate.revision(spool, "spool") or "",
        "desk": migrate.revision(desk, "desk") or "",
    }


def _state_files(state: Path) -> dict[str, Path]:
    names = {archive.SECRET: identity.SECRET_FILE, archive.IDENTITY: identity.DESK_FILE}
    found = {member: state / name for member, name in names.items() if (state / name).exists()}
    if archive.SECRET not in found:
        raise StoreError(
            f"{state / identity.SECRET_FILE}: is not there; without it no reply address that is out there works, "
            "and a backup without it is none. Run this where the desk runs."
        )
    return found


def _copy(spool: Database, desk: Database, folder: Path, progress: Progress) -> _Copied:
    if desk.path is None:
        return _copy_server(desk, folder, progress)
    return _copy_files(spool, desk, folder, progress)


def _copy_files(spool: Database, desk: Database, folder: Path, progress: Progress) -> _Copied:
    """Both instants first, one after the other; then the copying, however long it takes."""
    assert desk.path is not None
    assert spool.path is not None
    members = {archive.DESK: folder / archive.DESK, archive.SPOOL: folder / archive.SPOOL}
    with snapshot.frozen(desk.path) as of_desk, snapshot.frozen(spool.path) as of_spool:
        snapshot.write(of_desk, members[archive.DESK], progress, "copying the desk")
        snapshot.write(of_spool, members[archive.SPOOL], progress, "copying the spool")
        expected = {**snapshot.row_counts(of_desk), **snapshot.row_counts(of_spool)}
    rows: dict[str, int] = {}
    for name, path in members.items():
        progress(f"checking the copy of {name}", 0, 1)
        with closing(sqlite3.connect(path)) as copy:
            snapshot.require_sound(copy, f"the copy of {name}")
            rows |= snapshot.row_counts(copy)
    if rows != expected:
        raise StoreError(f"{folder}: the copies hold {rows} rows where the desk had {expected}. Try again.")
    rows["mark"] -= _drop_strange_marks(members[archive.DESK], members[archive.SPOOL])
    return _Copied("sqlite", members, rows)


def _drop_strange_marks(desk: Path, spool: Path) -> int:
    """Marks of letters that this copy of the desk has not written; how many there were."""
    with closing(sqlite3.connect(desk)) as connection:
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
    with closing(sqlite3.connect(spool)) as connection, connection:
        return connection.execute("DELETE FROM mark WHERE letter_id > ?", (row[0] if row else 0,)).rowcount


def _copy_server(desk: Database, folder: Path, progress: Progress) -> _Copied:
    target = folder / archive.DUMP
    dumped = server_dump.dump(desk, target, progress)
    server = {"schema": dumped.schema, "version": str(dumped.version)}
    return _Copied("postgresql", {archive.DUMP: target}, dumped.rows, server)


def _waiting(copied: _Copied, desk: Database, folder: Path) -> int:
    """Letters that wait in the copy; on a server, where the copy cannot be asked, those that wait now."""
    source = Database(f"sqlite:///{folder / archive.DESK}") if copied.kind == "sqlite" else desk
    with source.read() as connection:
        query = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.state.in_(WAITING))
        number = connection.scalar(query) or 0
    if source is not desk:
        source.close()
    return number


def _last_received(spool: Database) -> str | None:
    with spool.read() as connection:
        newest = connection.scalar(select(INBOX.c.received_at).order_by(INBOX.c.id.desc()).limit(1))
    return newest.isoformat() if newest else None


def _desk_id(desk: Database) -> str | None:
    with desk.read() as connection:
        if not inspect(connection).has_table(SETTING.name):
            return None  # from before there were ids; the next start gives it one
        return identity.id_of(connection)
