"""What the front sees and the desk worker cannot: its mailboxes, its disks, the roads that are open for mail.

It goes along with every order `look`; the worker judges it and writes the letters (flow.alarms).
"""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from helpdesk.config import Config
from helpdesk.daemon.limits import Limits
from helpdesk.decide.seen import Disk, Mailbox, Patience, Seen
from helpdesk.model.mail import Road

_LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class _State:
    """Of one mailbox, as its reader told it last. Neither: it was not tried yet, or another node leads it."""

    readable: bool = False
    failing_since: float | None = None
    error: str = ""


class Lookout:
    """One front's view. `files` are its databases on disk, none on a server; `floor` is that of T20 in bytes."""

    def __init__(
        self,
        config: Config,
        files: Sequence[Path],
        floor: int,
        limits: Limits,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config, self._files, self._floor = config, files, floor
        self._limits, self._monotonic = limits, monotonic
        self._began = monotonic()
        self._counted_at = self._began
        self._mailboxes = {
            f"{account.name}/{folder}": _State()
            for account in config.imap_accounts
            for folder in account.folders
        }

    def mailbox(self, name: str) -> Callable[[str | None], None]:
        """What a reader calls, on its thread: None when it has looked into the mailbox, else what went wrong."""

        def told(trouble: str | None) -> None:
            if trouble is None:
                self._mailboxes[name] = _State(readable=True)
                return
            since = self._mailboxes.get(name, _State()).failing_since
            since = self._monotonic() if since is None else since
            self._mailboxes[name] = _State(failing_since=since, error=trouble[:_LONGEST_ERROR])

        return told

    def order(self) -> dict[str, Any]:
        """The details of the order `look`, as JSON can carry them. Blocking: it asks the disks."""
        limits = self._limits
        return {
            "host": "" if self._files else socket.gethostname(),
            "up_for": self._monotonic() - self._began,
            "mailboxes": [[name, self._failing_for(s), s.error] for name, s in self._mailboxes.items()],
            "disks": [[disk.folder, disk.free, disk.floor] for disk in self._disks()],
            "roads": self._roads(),
            "counts": self._may_count(),
            "patience": [limits.mailbox_alarm, limits.outbox_alarm, limits.deadline_alarm],
            "spare": limits.disk_alarm,
        }

    def _may_count(self) -> bool:
        now = self._monotonic()
        if now - self._counted_at < self._limits.count:
            return False
        self._counted_at = now
        return True

    def _failing_for(self, state: _State) -> float | None:
        if state.readable:
            return 0.0
        return None if state.failing_since is None else self._monotonic() - state.failing_since

    def _disks(self) -> Iterator[Disk]:
        """One for each file system that the desk writes to."""
        seen: set[int] = set()
        for folder in self._folders():
            try:
                device, free = folder.stat().st_dev, shutil.disk_usage(folder).free
            except OSError:  # not made yet
                continue
            if device not in seen:
                seen.add(device)
                yield Disk(str(folder), free, self._floor)

    def _folders(self) -> list[Path]:
        local = [self._config.state_folder] if self._files else []
        maildir = [self._config.maildir] if self._config.send.transport == "maildir" else []
        return [*(file.parent for file in self._files), *local, *maildir]

    def _roads(self) -> list[str]:
        listener = self._config.smtp_listener
        by_wire = [Road(listener.protocol).value] if listener else []
        return [*by_wire, *([Road.IMAP.value] if self._config.imap_accounts else [])]


def seen(order: dict[str, Any]) -> Seen:
    """The same on the worker's side of the pipe."""
    mailbox, outbox, deadline = (timedelta(seconds=seconds) for seconds in order["patience"])
    return Seen(
        host=order["host"],
        up_for=timedelta(seconds=order["up_for"]),
        mailboxes=tuple(
            Mailbox(name, None if failing is None else timedelta(seconds=failing), error)
            for name, failing, error in order["mailboxes"]
        ),
        disks=tuple(Disk(*disk) for disk in order["disks"]),
        roads=tuple(order["roads"]),
        counts=order["counts"],
        patience=Patience(mailbox, outbox, deadline, order["spare"]),
    )
