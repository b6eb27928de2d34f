"""IMAPClient with the bounds it lacks, and how one connection to an account is made.

Promises: no literal larger than allowed is read into memory (T40); every network operation has a
time limit (P10); a connection made here is logged in; what goes wrong is one of three errors.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from helpdesk.wire.imap_account import ImapAccount, reveal
from helpdesk.wire.imap_oauth import TokenRefused, TokenSource, TokenUnreachable

CONNECT_SECONDS = 15
READ_SECONDS = 60
LITERAL_ROOM = 1_000_000
LITERAL_SECONDS = 30 * 60.0  # as for DATA (R8)
_READ_AT_ONCE = 16 * 1024
# RFC 5530: the account is right, the server cannot or will not at this moment
_PASSING_REFUSALS = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")


class MailboxError(Exception):
    """A mailbox cannot be read now; the message names the account and the remedy."""


class Unreachable(MailboxError):
    """The server does not answer, or the connection broke; it is tried again by itself."""


class LoginRefused(MailboxError):
    """The server does not let this account in: check user name, password or token, and tls."""


class FolderRefused(MailboxError):
    """The account has no such folder, or may not read it: check `folders`."""


class BoundedClient(IMAPClient):
    """IMAPClient that refuses literals above `max_literal` bytes and can tell what it has read ahead.

    `heart` is called while a long literal comes in.
    """

    def __init__(self, host: str, max_literal: int, heart: Callable[[], None], **options: Any) -> None:
        self.max_literal, self.heart = max_literal, heart
        super().__init__(host, **options)

    def _create_IMAP4(self) -> Any:  # noqa: N802 - IMAPClient's name
        imap: Any = super()._create_IMAP4()  # type: ignore[no-untyped-call]
        imap.read = self._bounded(imap, imap.read)
        # IMAPClient sends the end of a SEARCH on its own, and that would wait for the server's ACK of the rest of it
        imap.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return imap

    def _bounded(self, imap: Any, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        def bounded(size: int) -> bytes:
            if size > self.max_literal:
                raise imap.abort(f"literal of {size} bytes, {self.max_literal} allowed")
            chunks = []
            end = time.monotonic() + LITERAL_SECONDS
            while size > 0:
                chunks.append(read(min(size, _READ_AT_ONCE)))
                if not chunks[-1]:
                    raise imap.abort("socket error: EOF")  # imaplib would take the short text for the whole
                if time.monotonic() > end:
                    raise imap.abort(f"a mail took longer than {LITERAL_SECONDS:g} s")
                size -= len(chunks[-1])
                self.heart()
            return b"".join(chunks)

        return bounded

    def has_read_ahead(self) -> bool:
        """Is something of the server's in our buffer already, where polling the socket cannot see it?

        Dovecot sends `+ idling` and the news of mail that came meanwhile in one packet.
        """
        file: Any = getattr(self._imap, "file", None)
        sock = self._imap.sock
        if not hasattr(file, "peek"):
            return False  # Python 3.14 buffers elsewhere; the safety poll covers it
        try:
            sock.setblocking(False)
            return bool(file.peek(1))
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        finally:
            sock.settimeout(READ_SECONDS)

    def limit_reads_to(self, seconds: float) -> None:
        self._imap.sock.settimeout(seconds)

    @property
    def raw_socket(self) -> Any:
        return self._imap.sock


def connect(
    account: ImapAccount,
    tokens: Callable[[], str] | None,
    heart: Callable[[], None],
    opened: Callable[[BoundedClient], None],
) -> None:
    """Hand a client to `opened` as soon as the server has greeted, then log in.

    Raises Unreachable or LoginRefused; the connection is closed then.
    """
    try:
        client = BoundedClient(
            account.host,
            account.max_size + LITERAL_ROOM,
            heart,
            port=account.port,
            ssl=account.tls == "implicit",
            timeout=SocketTimeout(CONNECT_SECONDS, READ_SECONDS),
        )
    except (OSError, IMAPClientError) as error:
        raise Unreachable(f"{account.where}: {said(error)}") from error
    opened(client)
    try:
        if account.tls == "starttls":
            client.starttls()
        _log_in(client, account, tokens)
    except BaseException as error:
        shut(client)
        if isinstance(error, LoginError) and _is_final(error):
            raise LoginRefused(f"{account.where} refuses the login: {said(error)}") from error
        if isinstance(error, OSError | IMAPClientError | TokenUnreachable):
            raise Unreachable(f"{account.where}: {said(error)}") from error
        if isinstance(error, TokenRefused):
            raise LoginRefused(f"{account.where} cannot log in: {said(error)}") from error
        raise


def _is_final(error: LoginError) -> bool:
    """IMAPClient calls a connection that broke during the login a LoginError too."""
    broke = isinstance(error.__context__, IMAPClientAbortError)
    return not broke and not any(code in str(error).upper() for code in _PASSING_REFUSALS)


def _log_in(client: Any, account: ImapAccount, tokens: Callable[[], str] | None) -> None:
    if tokens is not None:
        _log_in_by_token(client, account, tokens)
        return
    password = reveal(account.password) if account.password is not None else ""
    if client.has_capability("LOGINDISABLED"):
        raise LoginError("it takes no password without encryption: set tls to implicit or starttls")
    if any(sign in account.username + password for sign in "\r\n\0"):
        raise LoginError("user name or password holds a line end: look into the password file")
    if (account.username + password).isascii():
        client.login(account.username, password)
    else:
        client.plain_login(account.username, password)  # LOGIN of imaplib knows ASCII only


def _log_in_by_token(client: Any, account: ImapAccount, tokens: Callable[[], str]) -> None:
    """XOAUTH2, or OAUTHBEARER (RFC 7628) where only that is offered.

    After a refusal the server sends `+ <base64 of JSON>` and waits for one more line (R62): empty for
    XOAUTH2, %x01 for OAUTHBEARER ("the client MUST send a kvsep", RFC 7628 section 3.2.3).
    """
    bearer = client.has_capability("AUTH=OAUTHBEARER") and not client.has_capability("AUTH=XOAUTH2")
    token, user = tokens(), account.username
    if bearer:
        escaped = user.replace("=", "=3D").replace(",", "=2C")
        answers = [f"n,a={escaped},\1auth=Bearer {token}\1\1", "\1"]
    else:
        answers = [f"user={user}\1auth=Bearer {token}\1\1", ""]

    def answer(_: bytes) -> bytes | None:
        return answers.pop(0).encode() if answers else None

    try:
        client.sasl_login("OAUTHBEARER" if bearer else "XOAUTH2", answer)
    except LoginError:
        if isinstance(tokens, TokenSource):
            tokens.forget()
        raise


def shut(client: BoundedClient) -> None:
    """Close the connection without a word; never raises for a connection that is gone already."""
    try:
        client.shutdown()
    except (OSError, IMAPClientError):
        pass


def said(error: BaseException) -> str:
    """An error in one printable line for logs: what a server says is a stranger's text."""
    text = " ".join(str(error).split()) or type(error).__name__
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:200]
