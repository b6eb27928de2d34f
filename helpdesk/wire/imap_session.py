"""One logged-in connection with one folder selected: the IMAP commands the poller needs, and no others.

Promises:
- UIDs only; nothing out of a mail is ever sent to the server (F7);
- BODY.PEEK only, so that reading changes nothing; never ENVELOPE or BODYSTRUCTURE (R66);
- UID EXPUNGE only of our own UIDs, never a plain EXPUNGE (R59);
- waiting always ends with a round trip, so that a dead connection cannot look like a quiet mailbox (F6).
Blocking and not thread-safe, but `cut` may be called from another thread.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from helpdesk.wire.imap_account import ImapAccount
from helpdesk.wire.imap_client import READ_SECONDS, BoundedClient, FolderRefused, connect, said, shut

SEARCHED_AT_ONCE = 2_000  # R64: imaplib gives up on lines above 1,000,000 bytes
NAMED_AT_ONCE = 500  # 500 UIDs stay below the 8,192 bytes of a command line (RFC 7162 section 4)
PROBE_SECONDS = 15.0
HEART_EVERY_SECONDS = 5.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Box:
    """What SELECT said. `uidnext` is None where the server does not tell."""

    uidvalidity: int
    exists: int
    uidnext: int | None


class Session:
    """`open` logs in, `look` selects the folder; everything else works on what was selected."""

    def __init__(
        self, account: ImapAccount, folder: str, tokens: Callable[[], str] | None, heart: Callable[[], None]
    ) -> None:
        self.account, self.folder = account, folder
        self._tokens, self._heart = tokens, heart
        self._typed: BoundedClient
        self._client: Any = None

    def open(self) -> None:
        """Raises Unreachable or LoginRefused, and is closed then."""
        connect(self.account, self._tokens, self._heart, self._opened)
        self._heart()

    def _opened(self, client: BoundedClient) -> None:
        self._typed = self._client = client

    def look(self) -> Box:
        """Select the folder anew: fresh UIDVALIDITY and count, and imaplib forgets what it has piled up."""
        with self._quick():
            try:
                # EXAMINE where nothing is to be changed
                answer = self._client.select_folder(self.folder, readonly=self.account.after == "keep")
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                raise FolderRefused(f"{self.account.where}, folder {self.folder}: {said(error)}") from error
        if not answer.get(b"UIDVALIDITY"):
            # RFC 3501 section 6.3.1: "If this is missing, the server does not support unique identifiers."
            raise FolderRefused(
                f"{self.account.where}, folder {self.folder}: the server keeps no UIDs for it"
            )
        self._heart()
        return Box(answer[b"UIDVALIDITY"], answer[b"EXISTS"], answer.get(b"UIDNEXT"))

    def uids(self, box: Box, above: int = 0, also: str = "") -> list[int]:
        """UIDs above a UID, ascending; `also` is one more search key of ours.

        By message numbers from the end, 2,000 at a time (R64), until the UIDs are old: what others
        expunge meanwhile moves numbers down, so walking down meets a mail twice but misses none.
        """
        found: set[int] = set()
        for high in range(box.exists, 0, -SEARCHED_AT_ONCE):
            low = max(1, high - SEARCHED_AT_ONCE + 1)
            uids = self._client.search(f"{low}:{high} {also}".strip())
            found.update(uid for uid in uids if uid > above)
            self._heart()
            if above and any(uid <= above for uid in uids):
                break
        return sorted(found)

    def still_there(self, uids: Sequence[int]) -> set[int]:
        """Those of the UIDs (at most NAMED_AT_ONCE) that are in the folder."""
        wanted = ",".join(map(str, uids))
        return set(self._client.search(f"UID {wanted}")) & set(uids) if uids else set()

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """RFC822.SIZE of each of the UIDs (at most NAMED_AT_ONCE) that the server gives."""
        return {uid: int(item[b"RFC822.SIZE"]) for uid, item in self._fetch(uids, "RFC822.SIZE").items()}

    def whole(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The raw bytes of each of the UIDs that the server gives."""
        return {uid: item[b"BODY[]"] or b"" for uid, item in self._fetch(uids, "BODY.PEEK[]").items()}

    def head(self, uid: int) -> bytes | None:
        """The header block of one mail."""
        items = self._fetch([uid], "BODY.PEEK[HEADER]")
        return items[uid][b"BODY[HEADER]"] or b"" if uid in items else None

    def mark_seen(self, uids: Sequence[int]) -> None:
        for some in _by_names(uids):
            self._client.add_flags(some, [rb"\Seen"], silent=True)

    def move(self, uids: Sequence[int], folder: str) -> None:
        """MOVE where announced, else COPY, STORE and UID EXPUNGE (R60). Makes the folder when it is missing."""
        for some in _by_names(uids):
            try:
                self._move_some(some, folder)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                if "TRYCREATE" not in str(error).upper() and self._client.folder_exists(folder):
                    raise
                self._client.create_folder(folder)
                self._move_some(some, folder)

    def _move_some(self, uids: Sequence[int], folder: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, folder)
        else:
            self._client.copy(uids, folder)
            self.delete(uids)

    def delete(self, uids: Sequence[int]) -> None:
        """Without UIDPLUS the mails stay behind as \\Deleted: a plain EXPUNGE would take others' along (R59)."""
        for some in _by_names(uids):
            self._client.add_flags(some, [rb"\Deleted"], silent=True)
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(some)

    def wait(self, seconds: float, wake: socket.socket) -> None:
        """Return after `seconds`, when the server says anything, or when `wake` is readable.

        Whatever ended an IDLE, its DONE must be answered within PROBE_SECONDS: EOF, reset, BYE and
        half-open connections all come out here as an error, not as silence (F6).
        """
        if not self._client.has_capability("IDLE"):
            self._poll([wake], seconds)
            return
        with self._quick():
            self._client.idle()
        if not self._typed.has_read_ahead():
            self._poll([wake, self._typed.raw_socket], seconds)
        with self._quick():
            self._client.idle_done()

    def abilities(self) -> list[str]:
        """Which of the extensions we use the server announces."""
        return [name for name in ("IDLE", "MOVE", "UIDPLUS") if self._client.has_capability(name)]

    def close(self) -> None:
        """Say goodbye when the server still listens; the connection is closed in any case."""
        try:
            self._typed.limit_reads_to(1.0)
            self._client.logout()
        except (OSError, ValueError, IMAPClientError):
            shut(self._typed)

    def cut(self) -> None:
        """From another thread: whatever the session is doing ends with an error now."""
        if self._client is None:
            return  # still connecting, which ends by itself
        try:
            # not SSLSocket.shutdown: it takes the TLS object away from under the reading thread
            socket.socket.shutdown(self._typed.raw_socket, socket.SHUT_RDWR)
        except OSError:
            pass

    def _fetch(self, uids: Sequence[int], what: str) -> dict[int, dict[bytes, Any]]:
        """Answers that hold what was asked for: others' flag changes come as FETCH too (R63)."""
        items = self._client.fetch(uids, [what]) if uids else {}
        key = what.replace(".PEEK", "").encode()
        self._heart()
        return {uid: item for uid, item in items.items() if key in item}

    def _poll(self, sockets: Iterable[socket.socket], seconds: float) -> None:
        poller = select.poll()  # select.select fails above 1,024 descriptors
        for one in sockets:
            poller.register(one.fileno(), select.POLLIN)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._heart()
            if poller.poll(min(left, HEART_EVERY_SECONDS) * 1000):
                return

    def _quick(self) -> _Probe:
        return _Probe(self._typed)


class _Probe:
    """Inside, the server must answer within PROBE_SECONDS: these commands carry no mail."""

    def __init__(self, client: BoundedClient) -> None:
        self._client = client

    def __enter__(self) -> None:
        self._client.limit_reads_to(PROBE_SECONDS)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._client.limit_reads_to(READ_SECONDS)


def _by_names(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), NAMED_AT_ONCE):
        yield uids[start : start + NAMED_AT_ONCE]
