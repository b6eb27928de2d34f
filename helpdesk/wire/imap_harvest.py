"""From UIDs on a server to rows in the spool, in bounded batches.

For each batch, in this order:
1. fetch the raw bytes; of what is too big or keeps failing only the headers, with a note (R65);
2. leave out what the spool has already from this mailbox, by dedupe key (R56, R60);
3. store the rest and move the cursor, in one transaction (P1);
4. only then do on the server what `after` says (R60).
Stopped anywhere, the next run starts at the cursor: nothing is lost and nothing is doubled.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from helpdesk.flow.receive import Receiver
from helpdesk.model.fingerprint import dedupe_key
from helpdesk.model.mail import Arrival, Road
from helpdesk.store import inbox
from helpdesk.store.inbox import Cursor
from helpdesk.store.session import Database
from helpdesk.wire import imap_stub
from helpdesk.wire.imap_account import ImapAccount
from helpdesk.wire.imap_client import MailboxError, said
from helpdesk.wire.imap_session import NAMED_AT_ONCE, Box, Session

BATCH_MAILS = 50
BATCH_BYTES = 10_000_000
ATTEMPTS = 3  # P6
# a link that breaks three times in a second says nothing against the mail that was on its way
ATTEMPTS_APART_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Withheld(MailboxError):
    """The server lists a mail but does not hand it over; it is tried again, in the end without its text."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`complete`: these are all bytes of the mail, the copy on the server is not needed any more."""

    uid: int
    raw: bytes
    complete: bool = True


@dataclass(slots=True)
class Attempts:
    """Of one mail; counted before the work, for what kills the connection counts too."""

    count: int = 0
    counted_at: float = float("-inf")

    def begin(self) -> None:
        now = time.monotonic()
        if now - self.counted_at >= ATTEMPTS_APART_SECONDS:
            self.count, self.counted_at = self.count + 1, now


class Harvest:
    """Takes mails of one folder over. Failed attempts are remembered in memory, per UID."""

    def __init__(
        self,
        account: ImapAccount,
        folder: str,
        receiver: Receiver,
        spool: Database,
        clock: Callable[[], datetime],
    ) -> None:
        self.account, self.folder = account, folder
        self.mailbox = f"{account.name}/{folder}"
        self._receiver, self._spool, self._clock = receiver, spool, clock
        self._attempts: defaultdict[tuple[int, int], Attempts] = defaultdict(Attempts)

    def cursor(self, box: Box) -> Cursor:
        """How far this folder has been read; from the start when it was never read or its UIDs are new (R56)."""
        with self._spool.read() as connection:
            cursor = inbox.read_cursor(connection, self.account.name, self.folder)
        if cursor is not None and cursor.uidvalidity == box.uidvalidity:
            return cursor
        return Cursor(self.account.name, self.folder, box.uidvalidity, 0)

    def take(self, session: Session, box: Box, uids: Sequence[int], stop: Callable[[], bool]) -> None:
        """Take over these UIDs (ascending), until `stop()`."""
        cursor = self.cursor(box)
        for start in range(0, len(uids), NAMED_AT_ONCE):
            chunk = uids[start : start + NAMED_AT_ONCE]
            sizes = session.sizes(chunk)
            for batch in self._batches(box, chunk, sizes):
                if stop():
                    return
                fetched = self._fetch(session, box, batch, sizes)
                cursor = self._store(fetched, cursor, batch[-1])
                self._tidy(session, fetched)

    def _batches(self, box: Box, uids: Sequence[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
        """Bounded by count and bytes; what is big, of unknown size or has failed before goes alone."""
        batch: list[int] = []
        weight = 0
        for uid in uids:
            size = sizes.get(uid, BATCH_BYTES)
            big = size >= min(BATCH_BYTES, self.account.max_size)
            alone = big or (box.uidvalidity, uid) in self._attempts
            if batch and (alone or len(batch) >= BATCH_MAILS or weight + size > BATCH_BYTES):
                yield batch
                batch, weight = [], 0
            batch.append(uid)
            weight += BATCH_BYTES if alone else size
        if batch:
            yield batch

    def _fetch(
        self, session: Session, box: Box, batch: Sequence[int], sizes: Mapping[int, int]
    ) -> list[Fetched]:
        keys = [(box.uidvalidity, uid) for uid in batch]
        tried = max(self._attempts[key].count for key in keys)
        for key in keys:
            self._attempts[key].begin()
        if tried >= 2 * ATTEMPTS:
            fetched = [Fetched(batch[0], imap_stub.bare(self.mailbox, *keys[0]), complete=False)]
        elif tried >= ATTEMPTS or sizes.get(batch[0], 0) > self.account.max_size:
            fetched = self._fetch_head(session, batch[0], sizes)
        else:
            fetched = [Fetched(uid, raw) for uid, raw in sorted(session.whole(batch).items())]
        self._demand(session, set(batch) - {one.uid for one in fetched})
        for key in keys:
            del self._attempts[key]
        return fetched

    def _fetch_head(self, session: Session, uid: int, sizes: Mapping[int, int]) -> list[Fetched]:
        head = session.head(uid)
        if head is None:
            return []
        size, limit = sizes.get(uid, 0), self.account.max_size
        log.warning("mail taken over without its text", action="imap_stub", mailbox=self.mailbox, uid=uid)
        raw = imap_stub.too_big(head, size, limit) if size > limit else imap_stub.unreadable(head)
        return [Fetched(uid, raw, complete=False)]

    def _demand(self, session: Session, missing: set[int]) -> None:
        """What was not handed over must be gone: somebody deleted or moved it before we came."""
        withheld = session.still_there(sorted(missing))
        if withheld:
            raise Withheld(f"{self.account.where}, folder {self.folder}: no bytes for UID {min(withheld)}")

    def _store(self, fetched: Sequence[Fetched], cursor: Cursor, uid: int) -> Cursor:
        """Return after the commit. What the spool has already is left out, the cursor moves over it."""
        arrivals = [self._arrival(raw) for raw in self._unknown(fetched)]
        moved = Cursor(cursor.account, cursor.folder, cursor.uidvalidity, max(cursor.uid, uid))
        if arrivals or moved != cursor:
            self._receiver.accept_now(arrivals, moved)
            log.info(
                "mail taken over", action="imap_take", mailbox=self.mailbox, mails=len(arrivals), uid=uid
            )
        return moved

    def _unknown(self, fetched: Sequence[Fetched]) -> list[bytes]:
        by_key = {dedupe_key(one.raw): one.raw for one in fetched}
        with self._spool.read() as connection:
            return [raw for key, raw in by_key.items() if not inbox.has_key(connection, key, self.mailbox)]

    def _arrival(self, raw: bytes) -> Arrival:
        return Arrival(raw=raw, road=Road.IMAP, received_at=self._clock(), mailbox=self.mailbox)

    def _tidy(self, session: Session, fetched: Sequence[Fetched]) -> None:
        """Do what `after` says. A mail of which the desk has only the headers is never marked or deleted."""
        uids = [one.uid for one in fetched if one.complete or self.account.move_to]
        if not uids or self.account.after == "keep":
            return
        try:
            if self.account.after == "seen":
                session.mark_seen(uids)
            elif self.account.after == "delete":
                session.delete(uids)
            else:
                session.move(uids, self.account.move_to)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:  # the mails are safe in the spool: go on
            log.warning(
                "mails could not be tidied away",
                action="imap_after",
                mailbox=self.mailbox,
                after=self.account.after,
                error=said(error),
            )
