"""Reads one folder of one account for ever: one thread, one connection.

Promises: new is what has a UID above the stored cursor under the same UIDVALIDITY, whoever has read
it (R56, R57); trouble of any kind is logged, waited out and tried again, never fatal; a dead
connection costs no CPU (F6); `stop` ends an IDLE at once.

One turn: connect, look, take over what is new until nothing is, wait (IDLE or `poll`), look again.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from helpdesk.flow.receive import Receiver
from helpdesk.store.session import Database
from helpdesk.wire.imap_account import ImapAccount, OAuth2
from helpdesk.wire.imap_client import FolderRefused, LoginRefused, MailboxError, Unreachable, said
from helpdesk.wire.imap_harvest import Harvest
from helpdesk.wire.imap_oauth import TokenSource
from helpdesk.wire.imap_pause import Pause
from helpdesk.wire.imap_session import HEART_EVERY_SECONDS, Session

__all__ = [
    "FolderRefused",
    "ImapAccount",
    "ImapPoller",
    "LoginRefused",
    "MailboxError",
    "OAuth2",
    "Unreachable",
    "check_login",
]

CALM_SECONDS = 5.0

log = structlog.get_logger(__name__)


class ImapPoller:
    """`start` once, `stop` once. `heart` is called at least every few seconds while the thread lives.

    `told` hears None whenever the folder was looked into, else what kept us from it.
    """

    def __init__(
        self,
        account: ImapAccount,
        folder: str,
        receiver: Receiver,
        spool: Database,
        clock: Callable[[], datetime],
        heart: Callable[[], None],
        *,
        chance: Callable[[], float] = random.random,
        told: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self.account, self.folder = account, folder
        self._harvest = Harvest(account, folder, receiver, spool, clock)
        self._heart = heart
        self._pause = Pause(chance)
        self._told = told
        self._tokens = _tokens(account)
        self._stopping = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self._session: Session | None = None
        self._scanned_fully_at: float | None = None
        name = f"imap {account.name}/{folder}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> bool:
        """End within `timeout` seconds: half of it to finish the batch in hand, then the connection is cut.

        Return whether the thread has ended (a thread that is still connecting ends a little later).
        """
        if self._stopping.is_set() and not self._thread.is_alive():
            return True
        self._stopping.set()
        self._waker.send(b"!")
        self._thread.join(timeout / 2)
        session = self._session
        if self._thread.is_alive() and session is not None:
            session.cut()
        self._thread.join(timeout / 2)
        ended = not self._thread.is_alive()
        if ended:
            self._wake.close()
            self._waker.close()
        return ended

    def _run(self) -> None:
        while not self._stopping.is_set():
            began_at = time.monotonic()
            try:
                self._serve()
            except Exception as error:  # noqa: BLE001 - rim of the loop: log, wait, go on
                if self._stopping.is_set():
                    return
                self._bear(error, time.monotonic() - began_at)

    def _serve(self) -> None:
        """One connection, until it breaks or `stop`."""
        session = self._session = Session(self.account, self.folder, self._tokens, self._heart)
        session.open()
        log.info("mailbox opened", action="imap_open", mailbox=self._harvest.mailbox)
        try:
            self._scanned_fully_at = None
            in_vain = 0
            while not self._stopping.is_set():
                found = False
                while self._take_new(session):
                    found = True
                waited = self._rest(session, in_vain)
                in_vain = 0 if found or waited >= CALM_SECONDS else in_vain + 1
        finally:
            self._session = None
            session.close()

    def _rest(self, session: Session, in_vain: int) -> float:
        """Wait for news; return for how many seconds.

        A server that talks at every IDLE without bringing mail is listened to ever more rarely; mail that
        comes in between is told when the IDLE begins.
        """
        self._stopping.wait(min(CALM_SECONDS, 0.05 * 2.0 ** min(in_vain, 10)) if in_vain else 0)
        began_at = time.monotonic()
        if not self._stopping.is_set():
            session.wait(min(self.account.poll, self.account.idle).total_seconds(), self._wake)
        return time.monotonic() - began_at

    def _take_new(self, session: Session) -> bool:
        """Take over what is new; return whether there was anything, and so may be more.

        Only an answer to SELECT says for sure that nothing came since: news of mail that arrives while
        we fetch is swallowed by the answer to the fetch.
        """
        box = session.look()
        self._told(None)
        cursor = self._harvest.cursor(box)
        now = time.monotonic()
        first = self._scanned_fully_at is None
        full = first or now - (self._scanned_fully_at or 0.0) > self.account.full_scan.total_seconds()
        if box.uidnext is not None and box.uidnext <= cursor.uid + 1 and not full:
            return False
        uids = session.uids(box, cursor.uid)
        if first and self.account.after.startswith(("move", "delete")):
            # R60: what a crash left between the commit and the move; the dedupe key proves that we have it
            uids = sorted({*uids, *session.uids(box, also="UNDELETED")})
        self._harvest.take(session, box, uids, self._stopping.is_set)
        self._scanned_fully_at = now if full else self._scanned_fully_at
        return bool(uids) and not self._stopping.is_set()

    def _bear(self, error: Exception, lived: float) -> None:
        """Log the trouble and wait, longer each time."""
        seconds = self._pause.after_trouble(lived, refused=isinstance(error, LoginRefused))
        self._told(said(error))
        report = log.error if self._pause.is_alarming else log.warning
        report(
            "mailbox cannot be read",
            action="imap_trouble",
            mailbox=self._harvest.mailbox,
            error=said(error),
            kind=type(error).__name__,
            again_in_seconds=round(seconds),
        )
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._heart()
            if self._stopping.wait(min(left, HEART_EVERY_SECONDS)):
                return


def check_login(account: ImapAccount) -> str:
    """Log in, look into every folder and say what was found; raise a MailboxError with the remedy."""
    found = []
    abilities: list[str] = []
    for folder in account.folders:
        session = Session(account, folder, _tokens(account), _nobody)
        session.open()
        try:
            found.append(f"{folder} ({session.look().exists} mails)")
            abilities = session.abilities()
        except OSError as error:
            raise Unreachable(f"{account.where}: {said(error)}") from error
        finally:
            session.close()
    return f"{account.where}: {', '.join(found)}; {', '.join(abilities) or 'no extensions'}"


def _tokens(account: ImapAccount) -> Callable[[], str] | None:
    return TokenSource(account.oauth2) if isinstance(account.oauth2, OAuth2) else account.oauth2


def _nobody() -> None:
    pass
