"""A backup becomes the desk: checked whole before anything is touched, then all or nothing.

Files change places by a plan (`store/backup/switching.py`). On a server everything happens in one transaction, and the
state folder follows if and only if that was committed. Nothing of the old desk is deleted: its files stay
beside as *.before-restore, its tables in the schema `before_restore`.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from helpdesk.store import identity, migrate, snapshot, standstill
from helpdesk.store.backup import archive, server_dump, switching
from helpdesk.store.backup.archive import Manifest
from helpdesk.store.progress import Progress
from helpdesk.store.schema import NUMBERS_FROM
from helpdesk.store.session import Database, DatabaseFromTheFuture, StoreError

HELD = "restored from a backup; may have been sent already"
_WAITING = "state IN ('queued', 'sending')"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a desk lives: its databases and its state folder."""

    spool: Database
    desk: Database
    state: Path


_GAP = 1000
"""After a restore tickets go on at a round number, at least so many above the last one that the backup knows."""


def restore(
    file: Path, place: Place, *, replace: bool, hold: bool, now: datetime, progress: Progress
) -> Manifest:
    """Make the backup `file` the desk at `place`. Raises StoreError, and then the old desk is as it was.

    The caller holds the desk's locks. `replace`: the desk there has data, keep it beside. `hold`: letters that
    waited are set aside as failed instead of being sent.
    """
    switching.finish(place.state, place.desk)  # of an earlier restore that was killed
    manifest = archive.check(file, progress)
    _require_fitting(file, manifest, place)
    standstill.require_nobody(place.desk)
    _require_room(place, replace=replace)
    afterwards = _afterwards(manifest, hold=hold, now=now)
    try:
        if manifest.kind == "sqlite":
            _restore_files(file, place, afterwards, progress)
        else:
            _restore_server(file, place, afterwards, progress)
    except OSError as error:
        raise StoreError(f"{error.filename or place.state}: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise StoreError(f"{file}: its database cannot be used: {error}. Take another backup.") from error
    return manifest


def _require_fitting(file: Path, manifest: Manifest, place: Place) -> None:
    here = "sqlite" if place.desk.path else "postgresql"
    if manifest.kind != here:
        raise StoreError(
            f"{file}: is of a desk on {manifest.kind}, [store] url names {here}. Restore it with a url of its own "
            "kind, then move it: helpdesk db copy URL"
        )
    for which in ("spool", "desk"):
        known = migrate.known_revisions("spool" if which == "spool" else "desk")
        if manifest.schema[which] not in known:
            raise DatabaseFromTheFuture(
                f"{file}: schema {manifest.schema[which]} of the {which} is unknown to this helpdesk (newest known: "
                f"{max(known)}). Install helpdesk {manifest.helpdesk} or newer first."
            )


def _require_room(place: Place, *, replace: bool) -> None:
    try:
        used = identity.has_data(place.spool, place.desk)
        broken = ""
    except StoreError as error:  # then a restore is what is needed, but not without being told
        used, broken = True, f" ({error})"
    if used and not replace:
        raise StoreError(
            f"{place.desk.name}: there is a desk with data already{broken}. "
            "Say --replace to put the backup in its place; the old one is kept beside."
        )
    if used and not place.desk.path and server_dump.has_kept(place.desk):
        raise StoreError(
            f"{place.desk.name}: has the schema {server_dump.KEPT}, kept by an earlier restore. When you need it no "
            f"more, as the database's owner: DROP SCHEMA {server_dump.KEPT} CASCADE"
        )
    older = [str(switching.kept(path)) for path in _places(place) if switching.kept(path).exists()]
    if older:
        raise StoreError(f"{', '.join(older)}: kept by an earlier restore. Move it away or delete it first.")


def _places(place: Place) -> tuple[Path, ...]:
    databases = [path for path in (place.desk.path, place.spool.path) if path]
    return (*databases, place.state / identity.SECRET_FILE, place.state / identity.DESK_FILE)


def _restore_files(file: Path, place: Place, afterwards: Sequence[str], progress: Progress) -> None:
    assert place.desk.path is not None
    assert place.spool.path is not None
    targets = {archive.DESK: place.desk.path, archive.SPOOL: place.spool.path, **_state_targets(place.state)}
    manifest = _prepare(file, place, targets, progress)
    try:
        for path in (place.desk.path, place.spool.path):
            progress(f"checking {path.name}", 0, 1)
            _make_ready(switching.staged(path), manifest, afterwards)
    except BaseException:
        switching.clear(targets.values())
        raise
    _fold_logs(place)
    switching.commit(place.state, _present(targets))
    switching.finish(place.state, place.desk)


def _restore_server(file: Path, place: Place, afterwards: Sequence[str], progress: Progress) -> None:
    """1. The state folder's files and the dump stand ready. 2. The plan names a token. 3. The server's transaction
    writes the token. 4. The plan is carried out if the token is there."""
    targets = _state_targets(place.state)
    dump = place.state / archive.DUMP
    manifest = _prepare(file, place, {**targets, archive.DUMP: dump}, progress)
    token = secrets.token_hex(8)
    server = manifest.server or {}
    dumped = server_dump.Dumped(dict(manifest.rows), server.get("schema", ""), int(server.get("version", 0)))
    with place.desk.read() as connection:
        old = server_dump.our_names(connection)
    place.desk.close()
    progress("filling the server", 0, 1)
    switching.commit(place.state, _present(targets), token)
    try:
        server_dump.load(
            place.desk,
            switching.staged(dump),
            dumped,
            old=old,
            keep=identity.has_data(place.spool, place.desk),
            afterwards=[*afterwards, *_number_on(manifest), switching.write_token(token)],
        )
    finally:
        place.spool.close()
        place.desk.close()
        switching.clear([dump])
        switching.finish(place.state, place.desk)


def _number_on(manifest: Manifest) -> list[str]:
    if "setting" not in manifest.rows:
        return []
    first = f"(SELECT value::bigint FROM setting WHERE name = '{NUMBERS_FROM}')"  # noqa: S608
    return [f"SELECT setval('ticket_number', {first}, false)"]


def _state_targets(state: Path) -> dict[str, Path]:
    return {archive.SECRET: state / identity.SECRET_FILE, archive.IDENTITY: state / identity.DESK_FILE}


def _prepare(file: Path, place: Place, targets: Mapping[str, Path], progress: Progress) -> Manifest:
    """Unpack beside the places, for the user that the desk runs as."""
    place.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    switching.clear(targets.values())
    try:
        manifest = archive.unpack(
            file, {name: switching.staged(path) for name, path in targets.items()}, progress
        )
    except BaseException:
        switching.clear(targets.values())
        raise
    owner = place.state.stat()
    if os.geteuid() == 0:  # else the desk could not open what root has restored
        for path in _present(targets):
            os.chown(switching.staged(path), owner.st_uid, owner.st_gid)
    return manifest


def _present(targets: Mapping[str, Path]) -> list[Path]:
    return [path for path in targets.values() if switching.staged(path).exists()]


def _make_ready(path: Path, manifest: Manifest, afterwards: Sequence[str]) -> None:
    """Check an unpacked database, and run the statements about its tables."""
    with closing(sqlite3.connect(path)) as connection, connection:
        snapshot.require_sound(connection, str(path))
        rows = snapshot.row_counts(connection)
        if any(manifest.rows.get(name) != number for name, number in rows.items()):
            raise StoreError(
                f"{path}: has {rows} rows, the manifest says {manifest.rows}. Take another backup."
            )
        for statement in afterwards:
            if _table(statement) in rows:
                connection.execute(statement)
    snapshot.sync(path)


def _table(statement: str) -> str:
    first, second, third, *_ = statement.split()
    return second if first == "UPDATE" else third


def _afterwards(manifest: Manifest, *, hold: bool, now: datetime) -> list[str]:
    """Nodes of the backup's time do not work on this copy; letters that waited may have been sent since."""
    always = ["DELETE FROM node"] if "node" in manifest.rows else []
    if "setting" in manifest.rows:
        always += _leave_a_gap()
    return [*always, *_hold(now)] if hold else always


def _leave_a_gap() -> list[str]:
    """Numbers that were given since the backup are on letters out there: nobody else may get them."""
    first = f"CAST(coalesce(max(number), 0) / {_GAP} * {_GAP} + {2 * _GAP} AS TEXT)"
    return [
        f"DELETE FROM setting WHERE name = '{NUMBERS_FROM}'",  # noqa: S608 - our own words
        f"INSERT INTO setting (name, value) SELECT '{NUMBERS_FROM}', {first} FROM ticket",  # noqa: S608
    ]


def _hold(now: datetime) -> list[str]:
    moment = now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    ended = f"state = 'gave_up', reply = '{HELD}', settled_at = '{moment}'"
    failed = f"state = 'failed', last_error = '{HELD}'"
    free = "next_attempt_at = NULL, lease_until = NULL, lease_owner = NULL"
    letters = f"(SELECT id FROM outbox WHERE {_WAITING})"  # noqa: S608 - our own words
    return [
        f"UPDATE outbox_recipient SET {ended} WHERE state = 'waiting' AND letter_id IN {letters}",  # noqa: S608
        f"UPDATE outbox SET {failed}, {free} WHERE {_WAITING}",  # noqa: S608
    ]


def _fold_logs(place: Place) -> None:
    """What is kept beside should be whole files; a damaged one is kept as it is, with its log."""
    for database in (place.spool, place.desk):
        if database.path and database.path.exists():
            try:
                with closing(sqlite3.connect(database.path)) as connection:
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error:
                pass
        database.close()
