"""One open conversation with the smarthost, on aiosmtplib.

The library writes a whole letter at once, so that "dropped in the body" and "dropped after the final dot"
look the same (F11). Here DATA is driven in two writes: the body, then the dot. Every step has its own
deadline (R67), STARTTLS is required or absent but never opportunistic (R74).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Self, cast

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException, SMTPServerDisconnected

from helpdesk.deliver.replies import cleaned
from helpdesk.deliver.settings import SmtpSettings, Tls

_BLOCK = 64 * 1024


class ConnectError(Exception):
    """No usable session with the smarthost: no answer, no TLS, a certificate of another, or no login.

    Look at [send] host, port, tls, username and password_file; `helpdesk check --online` tries them.
    `not_now`: it answered that it takes nobody at this instant (4yz).
    """

    def __init__(self, what: str, *, not_now: bool = False) -> None:
        super().__init__(what)
        self.not_now = not_now


class DroppedError(Exception):
    """The conversation broke off: the connection was lost, or a step took longer than it may."""


class Connection:
    """An SMTP session that has said EHLO and, when asked to, started TLS and logged in."""

    def __init__(self, client: SMTP, settings: SmtpSettings) -> None:
        transport = cast("asyncio.WriteTransport", client.transport)
        transport.set_write_buffer_limits(high=0)  # drain() waits until the kernel has it all
        self._transport = transport
        assert client.protocol is not None
        self._client = client
        self._timeouts = settings.timeouts
        self._dot_answered, self._heard_since = False, True
        self.had_gone = False
        """It was lost between two letters: nothing of the second was heard."""
        self._writer = asyncio.StreamWriter(transport, client.protocol, None, asyncio.get_running_loop())

    @classmethod
    async def open(cls, settings: SmtpSettings) -> Self:
        """Connect, read the banner, EHLO, STARTTLS, AUTH; raises ConnectError."""
        try:
            client = await _session(settings)
            if not client.is_connected:
                raise SMTPServerDisconnected("Connection lost")
            return cls(client, settings)
        except SMTPResponseException as refusal:
            what = _where(settings, f"{refusal.code} {refusal.message}")
            raise ConnectError(what, not_now=400 <= refusal.code < 500) from refusal
        except (OSError, SMTPException, ValueError) as trouble:
            raise ConnectError(_where(settings, str(trouble) or type(trouble).__name__)) from trouble

    @property
    def is_open(self) -> bool:
        return self._client.is_connected

    def offers(self, extension: str) -> bool:
        return self._client.supports_extension(extension)

    @property
    def size_limit(self) -> int | None:
        """The SIZE that the server announced (RFC 1870); None when it names none or no limit."""
        text = self._client.esmtp_extensions.get("size", "")
        return (int(text) or None) if text.isascii() and text.isdigit() else None

    @property
    def tls_version(self) -> str | None:
        wrapped = self._client.get_transport_info("ssl_object")
        return wrapped.version() if wrapped is not None else None

    def begin_again(self) -> bool:
        """May another letter begin as it is? Only when the dot of the last one was answered (RFC 5321 4.1.1.4)."""
        self._heard_since = False
        return self._dot_answered

    async def command(self, *words: bytes, within: float | None = None) -> SMTPResponse:
        """One command, one reply, by default within the command deadline; raises DroppedError."""
        self._dot_answered = False
        try:
            reply = await self._client.execute_command(*words, timeout=within or self._timeouts.command)
        except (SMTPException, OSError) as trouble:
            self.had_gone = not self._heard_since and not isinstance(trouble, TimeoutError)
            self.abort()
            raise DroppedError(cleaned(str(trouble)) or type(trouble).__name__) from trouble
        except asyncio.CancelledError:
            self.abort()  # its reply would be taken for the next command's
            raise
        if reply.code == 421 and not self._heard_since:  # it has served enough; another may be welcome
            self.had_gone = True
            self.abort()
            raise DroppedError(cleaned(f"{reply.code} {reply.message}"))
        self._heard_since = True
        return reply

    async def body(self, data: bytes) -> None:
        """Everything but the dot, in blocks, each within its deadline; raises DroppedError."""
        try:
            for start in range(0, len(data), _BLOCK):
                self._writer.write(data[start : start + _BLOCK])
                async with asyncio.timeout(self._timeouts.block):
                    await self._writer.drain()
            if not self.is_open:
                raise SMTPServerDisconnected("Connection lost")
        except (SMTPException, OSError) as trouble:
            self.abort()
            raise DroppedError(cleaned(str(trouble)) or "the mail server stopped reading") from trouble

    async def dot(self) -> SMTPResponse:
        """The final dot and its reply. From here on a break is ambiguous (F11, P4)."""
        reply = await self.command(b".", within=self._timeouts.dot)
        self._dot_answered = True
        return reply

    async def quit(self) -> None:
        try:
            await self.command(b"QUIT", within=self._timeouts.quit)
        except DroppedError:
            pass
        self.abort()

    def abort(self) -> None:
        """Closed at once: what the kernel has not taken yet is thrown away, not waited for."""
        self._transport.abort()
        self._client.close()


async def _session(settings: SmtpSettings) -> SMTP:
    client = _client(settings)
    async with asyncio.timeout(settings.timeouts.connect):
        sock = await _connected(settings.host, settings.port)
    try:
        await client.connect(sock=sock)  # from here on the socket is the client's, also when this fails
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except BaseException:
        client.close()
        raise
    return client


async def _connected(host: str, port: int) -> socket.socket:
    """Connected to the first address of `host` that answers."""
    loop = asyncio.get_running_loop()
    trouble = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
            return sock
        except OSError as refusal:
            sock.close()
            trouble = refusal
        except asyncio.CancelledError:
            sock.close()
            raise
    raise trouble


def _client(settings: SmtpSettings) -> SMTP:
    return SMTP(
        hostname=settings.host,
        username=settings.username,
        password=settings.password,
        local_hostname=settings.hello,
        timeout=settings.timeouts.banner,
        use_tls=settings.tls is Tls.IMPLICIT,
        start_tls=settings.tls is Tls.STARTTLS,
        tls_context=_trust(settings),
    )


def _trust(settings: SmtpSettings) -> ssl.SSLContext | None:
    if settings.tls is Tls.NONE:
        return None
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        context.load_verify_locations(cafile=settings.ca_file)
    return context


def _where(settings: SmtpSettings, what: str) -> str:
    return cleaned(f"{settings.host}:{settings.port} ({settings.tls}): {what}")
