"""Reads the Maildir that `deliver.maildir` writes: what is new since the last look, as the readers get it."""

from __future__ import annotations

from pathlib import Path

from helpdesk.testing.letters import Letter

_ENVELOPE = (b"return-path", b"delivered-to")


class MaildirReader:
    """`fresh()` gives every letter once, oldest first; the files stay where they are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()

    def fresh(self) -> list[Letter]:
        files = [file for file in self._files() if file.name not in self._seen]
        self._seen.update(file.name for file in files)
        return [unwrapped(file.read_bytes()) for file in files]

    def _files(self) -> list[Path]:
        try:
            files = list((self._folder / "new").iterdir())
        except FileNotFoundError:  # nothing was delivered yet
            return []
        return sorted(files, key=lambda file: (file.stat().st_mtime_ns, file.name))


def unwrapped(stored: bytes) -> Letter:
    """The letter below its envelope lines, with sender and recipients read from them."""
    sender, recipients = "", list[str]()
    while True:
        line, _, rest = stored.partition(b"\r\n")
        name, _, value = line.partition(b":")
        if name.lower() not in _ENVELOPE:
            return Letter(stored, sender, tuple(recipients))
        address = value.strip().decode().strip("<>")
        if name.lower() == b"delivered-to":
            recipients.append(address)
        else:
            sender = address
        stored = rest
