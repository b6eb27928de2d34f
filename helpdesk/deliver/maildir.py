"""Letters go into a Maildir folder: for desks without a smarthost, for trials, and for whoever collects them.

Each letter is one file, its bytes unchanged (P3) below lines that carry the envelope: one `Return-Path:`
and one `Delivered-To:` per recipient. The file's name is made of the message id and the bytes, so that a
repeated delivery is the same file and never a second one (P4).

Order: written to tmp/, fsync; `before_dot()`; renamed into new/; the folder fsynced. Only then Accepted.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from helpdesk.deliver import replies
from helpdesk.deliver.envelope import path, recipient_path
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater


class MaildirTransport:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(
        self, letter: QueuedLetter, before_dot: Callable[[], Awaitable[None]]
    ) -> Mapping[str, Outcome]:
        """One outcome per recipient; all of a letter's writable recipients end alike."""
        refused = {one: Refused(replies.BAD_ADDRESS) for one in letter.recipients if not recipient_path(one)}
        writable = tuple(one for one in letter.recipients if one not in refused)
        if not writable:
            return refused
        try:
            end = await self._stored(letter, writable, before_dot)
        except OSError as trouble:
            end = TryLater(f"{self._folder}: {trouble.strerror}", host_down=True)
        return {**refused, **dict.fromkeys(writable, end)}

    async def check(self) -> str:
        """For `helpdesk check --online`: the folder can be made and written; raises OSError."""
        await asyncio.to_thread(_make_folders, self._folder)
        if not os.access(self._folder / "new", os.W_OK):
            raise PermissionError(f"{self._folder / 'new'} cannot be written")
        return f"{self._folder} can be written"

    async def close(self) -> None:
        """Nothing is kept open."""

    async def _stored(
        self, letter: QueuedLetter, writable: tuple[str, ...], before_dot: Callable[[], Awaitable[None]]
    ) -> Outcome:
        name = file_name(letter)
        if await asyncio.to_thread(_is_there, self._folder, name):
            return Accepted(f"already stored as {name}")
        await asyncio.to_thread(_write, self._folder, name, _with_envelope(letter, writable))
        await before_dot()
        await asyncio.to_thread(_publish, self._folder, name)
        return Accepted(f"stored as {name}")


def file_name(letter: QueuedLetter) -> str:
    """The same for every attempt at one letter, different for any two letters."""
    parts = (letter.message_id.encode("utf-8", "replace"), letter.raw)
    return ".".join(hashlib.sha256(part).hexdigest()[:24] for part in parts) + ".helpdesk"


def _with_envelope(letter: QueuedLetter, recipients: tuple[str, ...]) -> bytes:
    sender = path(letter.sender)
    lines = [f"Return-Path: <{sender.text if sender else ''}>"]
    lines += [f"Delivered-To: {there.text}" for one in recipients if (there := recipient_path(one))]
    return "".join(f"{line}\r\n" for line in lines).encode() + letter.raw


def _make_folders(folder: Path) -> None:
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)


def _is_there(folder: Path, name: str) -> bool:
    """Also when a mail reader has moved it to cur/ and added its flags."""
    return (folder / "new" / name).exists() or any((folder / "cur").glob(f"{name}*"))


def _write(folder: Path, name: str, content: bytes) -> None:
    _make_folders(folder)
    with (folder / "tmp" / name).open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _publish(folder: Path, name: str) -> None:
    (folder / "tmp" / name).rename(folder / "new" / name)
    handle = os.open(folder / "new", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
