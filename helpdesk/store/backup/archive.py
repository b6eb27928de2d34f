"""The file that `helpdesk backup` writes: a tar file with a manifest first, then the members it names.

Promises: readable by this user only, never half a file under its name, and every byte of a member is held by
the SHA-256 in the manifest. What is no archive of ours, or is damaged, is refused before anything is unpacked.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, Literal

from helpdesk.store.progress import Progress
from helpdesk.store.session import StoreError
from helpdesk.store.snapshot import sync

FORMAT = 1
MANIFEST = "manifest.json"
DESK, SPOOL, DUMP, SECRET, IDENTITY = "helpdesk.db", "spool.db", "server.dump", "secret", "desk"
_CHUNK = 1024 * 1024
_LONGEST_MANIFEST = 1024 * 1024


class ArchiveBroken(StoreError):
    """The file is no backup of a helpdesk, or it is damaged."""


@dataclass(frozen=True, slots=True)
class Member:
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at` and `last_received_at` are ISO-8601 UTC; `server` is None or the schema and version there."""

    helpdesk: str
    made_at: str
    kind: Literal["sqlite", "postgresql"]
    schema: Mapping[str, str]
    rows: Mapping[str, int]
    waiting_letters: int
    last_received_at: str | None
    desk_id: str | None
    members: Mapping[str, Member]
    server: Mapping[str, str] | None = None
    format: int = FORMAT


def measure(path: Path) -> Member:
    """Size and hash of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Member(size, digest.hexdigest())


def write(file: BinaryIO, manifest: Manifest, members: Mapping[str, Path], progress: Progress) -> None:
    """Write the archive to an open file, down to the disk."""
    document = json.dumps(asdict(manifest), indent=1).encode()
    total, done = sum(member.bytes for member in manifest.members.values()), 0
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_info(MANIFEST, len(document)), io.BytesIO(document))
        for name, path in members.items():
            with path.open("rb") as source:
                tar.addfile(_info(name, manifest.members[name].bytes), source)
            done += manifest.members[name].bytes
            progress("writing the archive", done, total)
    file.flush()
    os.fsync(file.fileno())


def check(file: Path, progress: Progress) -> Manifest:
    """Read the whole archive and compare every hash. Raises ArchiveBroken."""
    return unpack(file, {}, progress)


def unpack(file: Path, targets: Mapping[str, Path], progress: Progress) -> Manifest:
    """Write the members in `targets` to new private files, on disk when this returns; check all of them.

    Raises ArchiveBroken; what was written until then is to be removed by the caller.
    """
    with _opened(file) as tar:
        manifest = _manifest(tar, file)
        total, done, seen = sum(member.bytes for member in manifest.members.values()), 0, set()
        for info in islice(tar, 1, None):
            expected = manifest.members.get(info.name)
            source = tar.extractfile(info) if info.isreg() else None
            if expected is None or source is None or info.name in seen:
                raise ArchiveBroken(f"{file}: {info.name!r} does not belong there. Take another backup.")
            seen.add(info.name)
            if _drain(source, targets.get(info.name)) != expected:
                raise ArchiveBroken(f"{file}: {info.name} is damaged. Take another backup.")
            done += expected.bytes
            progress("reading the archive", done, total)
    if missing := manifest.members.keys() - seen:
        raise ArchiveBroken(f"{file}: {', '.join(sorted(missing))} is missing. Take another backup.")
    return manifest


def _drain(source: IO[bytes], target: Path | None) -> Member:
    digest, size = hashlib.sha256(), 0
    out = None if target is None else _private(target)
    try:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if out is not None:
                out.write(chunk)
    finally:
        if out is not None:
            out.close()
    if target is not None:
        sync(target)
    return Member(size, digest.hexdigest())


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar
    except tarfile.TarError as error:
        raise ArchiveBroken(
            f"{file}: {error}; it is no backup of a helpdesk, or only a part of one."
        ) from error


def _manifest(tar: tarfile.TarFile, file: Path) -> Manifest:
    first = tar.next()
    source = tar.extractfile(first) if first and first.isreg() else None
    if first is None or source is None or first.name != MANIFEST or first.size > _LONGEST_MANIFEST:
        raise ArchiveBroken(f"{file}: is no backup of a helpdesk.")
    try:
        read = json.loads(source.read())
        if read["format"] > FORMAT:
            raise StoreError(
                f"{file}: was made by a newer helpdesk ({read['helpdesk']}). Install that one first."
            )
        members = {name: Member(**member) for name, member in read.pop("members").items()}
        return Manifest(**read, members=members)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveBroken(f"{file}: its manifest cannot be read. Take another backup.") from error


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info
