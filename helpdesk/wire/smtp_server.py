"""The SMTP/LMTP listener: accepts sessions in the daemon's own loop and hands each mail to the receiver.

The threaded Controller of aiosmtpd is not used: it runs a loop of its own and connects to itself at start.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from helpdesk.flow.receive import Receiver
from helpdesk.wire.smtp_caps import MailRate, Room
from helpdesk.wire.smtp_sessions import Common, Sessions
from helpdesk.wire.smtp_settings import ListenerSettings
from helpdesk.wire.smtp_transfer import Session

__all__ = ["CannotListen", "Listener", "ListenerSettings"]

log = structlog.get_logger(__name__)


class CannotListen(Exception):
    """The listener cannot start; the message names the address or the file, and what to do."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Listener:
    """`knows` says which recipients are ours; every other one is refused (R18).

    `start` raises CannotListen. `stop` refuses new sessions, answers 421 to idle ones and lets transfers
    in flight end within `grace` seconds.
    """

    def __init__(
        self,
        settings: ListenerSettings,
        receiver: Receiver,
        knows: Callable[[str], bool],
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._settings = settings
        self._receiver = receiver
        self._knows = knows
        self._now = now
        self._sessions = Sessions(settings.max_sessions, settings.max_sessions_per_ip)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is bound, also when the settings say 0."""
        if self._server is None or not self._server.sockets:
            return self._settings.port
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        # T24: aiosmtpd logs every command line at INFO and every line of a mail at DEBUG.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        # It also warns of a PROXY header that the session names itself, with its peer.
        logging.getLogger("mail.debug").setLevel(logging.ERROR)
        settings = self._settings
        mails = MailRate(settings.mails_per_minute, settings.own_servers, proxies=settings.proxies)
        common = Common(self._sessions, mails, Room(settings.room), self._tls_context())

        def session() -> Session:
            return Session(settings, common, self._receiver, self._knows, self._now)

        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(session, settings.host, settings.port)
        except OSError as error:
            # asyncio writes the address into the text once more
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise CannotListen(
                f"cannot listen on {settings.host}:{settings.port}: {reason}; "
                "choose another receive.smtp.port, or stop the program that has it"
            ) from error
        log.info("listening", action="smtp.listening", port=self.port, protocol=settings.protocol)

    async def stop(self, grace: float) -> None:
        if self._server is None:
            return
        await self._accept_no_more()
        self._server.close()
        await self._sessions.dismiss_all(grace)
        await self._server.wait_closed()
        self._server = None
        log.info("stopped", action="smtp.stopped")

    async def _accept_no_more(self) -> None:
        """Let connections that the loop has just accepted become sessions before the server closes.

        asyncio leaves such a connection open and unanswered otherwise (CPython gh-109564): the client would wait for
        our greeting, and a mail server with it, until its own timeout.
        """
        assert self._server is not None
        loop = asyncio.get_running_loop()
        for listening in self._server.sockets:
            loop.remove_reader(listening.fileno())
        await asyncio.sleep(0)

    def _tls_context(self) -> ssl.SSLContext | None:
        settings = self._settings
        if settings.tls_cert is None:
            if settings.require_tls:
                raise CannotListen("receive.smtp.require_tls needs receive.smtp.tls_cert; name a certificate")
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            context.load_cert_chain(settings.tls_cert, settings.tls_key)
        except (OSError, ssl.SSLError) as error:
            raise CannotListen(
                f"cannot use the certificate {settings.tls_cert} (receive.smtp.tls_cert, tls_key): {error}; "
                "both must be readable PEM files that belong together"
            ) from error
        return context
