"""aiosmtpd's protocol, hardened to face strangers (F5): the life of one connection, its timers and its errors.

What it promises, whatever the client does and whatever breaks here:
- a reply is one of `replies`; our own fault is a 451 and never shows an exception (F5a);
- nothing waits for ever: every wait for the client has a deadline, and a client that does not read is cut off;
- bytes in memory stay bounded (see `smtp_inflow`);
- a client that has sent everything and closed its half still hears the answer (F5f).

Of the library, the transport plumbing is used; its command loop, DATA and address reader are not (F5, T10).
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, cast

import structlog
from aiosmtpd.smtp import SMTP

from helpdesk.wire import replies
from helpdesk.wire.replies import Reply
from helpdesk.wire.smtp_inflow import CHUNK, Inflow, LineOverlong
from helpdesk.wire.smtp_proxy import NoClientNamed, client_behind, lies_in
from helpdesk.wire.smtp_sessions import Common, network_of
from helpdesk.wire.smtp_settings import ListenerSettings

MAX_COMMAND_LINE = 4096  # R7 asks for 512 and more for extensions
LINGER = 5.0  # seconds a client has to take our last reply

log = structlog.get_logger(__name__)


class GuardedSMTP(SMTP):
    """One connection. A subclass says what commands do in `obey`, and forgets the envelope in `start_over`."""

    line_length_limit = CHUNK  # the library uses it as the size of the stream's buffer
    # The library's own dictionary is shared by all connections and cleared by every new one.
    command_size_limits: dict[str, int] = {}  # noqa: RUF012

    def __init__(self, settings: ListenerSettings, common: Common) -> None:
        super().__init__(
            handler=None,
            hostname=settings.hostname,
            data_size_limit=settings.max_size,
            enable_SMTPUTF8=True,
            timeout=settings.idle_timeout.total_seconds(),
            loop=asyncio.get_running_loop(),
        )
        self.settings = settings
        self.network = ""  # as long as a proxy has not said whose connection it is
        self.peer = ""
        self.in_tls = False
        self.transferring = False
        self.leaving = False
        self.common = common
        self._tls = common.tls
        self._heard_at, self._brought = self.loop.time(), 0
        self._our_turn = False
        self._admitted = False
        self._parted = False
        self._errors = 0
        self._late = replies.IDLE_TOO_LONG
        self._parting: Reply | None = None
        self._linger: asyncio.TimerHandle | None = None

    async def obey(self, line: bytes) -> None:
        """Do what one command line says, without its line end, and answer it."""
        raise NotImplementedError

    def start_over(self) -> None:
        """Forget all that the client has told us so far."""
        raise NotImplementedError

    # The life of the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peername = transport.get_extra_info("peername")
        self.peer = peername[0] if isinstance(peername, tuple) else "local"
        self._proxied = lies_in(self.peer, self.settings.proxies)
        if not self._proxied:
            self.network = network_of(self.peer)
        self._admitted = self.common.sessions.admit(self)
        super().connection_made(transport)
        self.inflow = Inflow(self._reader)

    def connection_lost(self, error: Exception | None) -> None:
        if self._parted:
            return
        self._parted = True
        self.common.sessions.leave(self)
        if self._linger is not None:
            self._linger.cancel()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self._brought += len(data)
        if self._brought >= self.settings.min_rate:
            self._hear()
        super().data_received(data)

    def _hear(self) -> None:
        self._heard_at, self._brought = self.loop.time(), 0

    def silent_for(self) -> float:
        """Seconds that we have waited for this client; none while it waits for us. A byte now and then is silence:
        what counts is an answer of ours, or as much as a second of a transfer must bring (R8)."""
        return 0.0 if self._our_turn else self.loop.time() - self._heard_at

    def eof_received(self) -> bool:
        """The client has said all it wants to; that does not take back what it said (F5f)."""
        self._reader.feed_eof()
        return not self.in_tls  # a TLS transport cannot stay half open

    async def _handle_client(self) -> None:
        try:
            await self._converse()
            if self._parting is not None:
                await self.say(self._parting)
        except ConnectionError:
            pass
        except Exception as error:  # noqa: BLE001 the rim of the connection
            self._log_fault(error)
        finally:
            self._hang_up()

    async def _converse(self) -> None:
        if self._proxied and self._admitted and not await self._meet_client():
            await self.say(replies.NO_PROXY_HEADER)
            return
        if not self._admitted:
            log.warning("refused", action="smtp.session_refused", peer=self.peer)
            await self.say(replies.TOO_MANY_SESSIONS)
            return
        await self.say(replies.greeting(self.hostname, self._greeting_protocol))
        while not self.leaving:
            self._reset_timeout()
            try:
                line = await self.inflow.line(MAX_COMMAND_LINE)
            except LineOverlong:
                await self.say(replies.LINE_OVERLONG)
                continue
            if not line:
                return
            await self._obey_or_apologise(line)

    async def _meet_client(self) -> bool:
        """Read the proxy's header; from here on the peer is whom it names."""
        try:
            async with asyncio.timeout(self.settings.proxy_header_for.total_seconds()):
                client = await client_behind(self._reader, self.peer)
        except (NoClientNamed, TimeoutError) as error:
            reason = str(error) or "nothing came in time"
            log.warning("refused", action="smtp.proxy_header_bad", peer=self.peer, reason=reason)
            return False
        self.common.sessions.leave(self)
        self.peer, self.network = client, network_of(client)
        self._admitted = not self.leaving and self.common.sessions.admit(self)
        return True

    @property
    def _greeting_protocol(self) -> str:
        return "ESMTP" if self.settings.protocol == "smtp" else "LMTP"

    async def _obey_or_apologise(self, line: bytes) -> None:
        try:
            await self.obey(line)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 the rim of a command
            self._log_fault(error)
            await self.say(replies.OUR_FAULT)  # R3

    def _log_fault(self, error: Exception) -> None:
        log.error("failed", action="smtp.command_failed", peer=self.peer, exc_info=error)

    # Talking

    async def say(self, reply: Reply) -> None:
        """Send a reply; the client's errors are counted, and too many end the session (T19)."""
        if reply.code >= 500:
            log.info("refused", action="smtp.refused", peer=self.peer, code=reply.code, status=reply.status)
        await self.send(reply.line)
        if reply.code < 500:
            return
        self._errors += 1
        if self._errors >= self.settings.max_errors and not self.leaving:
            self.leaving = True
            await self.send(replies.TOO_MANY_ERRORS.line)

    async def send(self, line: bytes) -> None:
        self._writer.write(line)
        await self._writer.drain()

    # Deadlines

    def give(self, seconds: float, or_else: Reply) -> None:
        """The client has this long for what comes next."""
        self._late = or_else
        if self._our_turn:
            self._our_turn = False
            self._hear()
        self._reset_timeout(max(seconds, 0.001))

    def take_all_time(self) -> None:
        """It is our turn: the client need not do anything."""
        self._our_turn = True
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()

    def _reset_timeout(self, duration: float | None = None) -> None:
        if duration is None:
            self._late = replies.IDLE_TOO_LONG
        super()._reset_timeout(duration)

    def _timeout_cb(self) -> None:
        log.info("late", action="smtp.cut", peer=self.peer, status=self._late.status, text=self._late.text)
        self._part_with(self._late)

    def dismiss(self) -> None:
        """The desk closes: a transfer in flight may end, everybody else goes now."""
        if self.transferring:
            self.leaving = True
            self._parting = replies.SHUTTING_DOWN
        else:
            self._part_with(replies.SHUTTING_DOWN)

    def make_room(self) -> None:
        log.info("cut", action="smtp.cut", peer=self.peer, status=replies.MAKING_ROOM.status)
        self._part_with(replies.MAKING_ROOM)

    def cut(self) -> None:
        """The grace is over."""
        self._part_with(replies.SHUTTING_DOWN)
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()

    def _part_with(self, reply: Reply) -> None:
        self.leaving = True
        if self.transport is not None and not self.transport.is_closing():
            self._writer.write(reply.line)
        self._hang_up()

    def _hang_up(self) -> None:
        """Close; a client that does not take our last words is cut off after a while."""
        if self.transport is None or self._parted:
            return
        transport = cast("asyncio.Transport", self.transport)
        transport.close()
        if self._linger is None:
            self._linger = self.loop.call_later(LINGER, transport.abort)

    # TLS

    async def start_tls(self) -> None:
        """Go on in TLS, as if nothing had been said (R15, RFC 3207 section 4.2)."""
        assert self._tls is not None
        clear = cast("asyncio.Transport", self.transport)
        # No await between the reply and the change: what comes now is the client's handshake.
        self._writer.write(replies.READY_FOR_TLS.line)
        self.inflow.discard()
        try:
            transport: Any = await self.loop.start_tls(clear, self, self._tls, server_side=True)
        except (OSError, ssl.SSLError, TimeoutError) as error:
            log.info("failed", action="smtp.tls_failed", peer=self.peer, error=type(error).__name__)
            self.leaving = True
            self.connection_lost(None)  # the loop tells nobody when a handshake fails
            return
        # What asyncio's own StreamWriter.start_tls does in newer Pythons.
        for half in (self._reader, self._writer):
            vars(half)["_transport"] = transport
        self.transport = transport
        self._over_ssl = True
        self.in_tls = True
        self.start_over()
