"""Letters go to the smarthost by SMTP: one attempt per call, one outcome per recipient.

Order of a delivery, and what a failure means at each step:
1. connection, TLS, login: every recipient is TryLater with host_down (R70);
2. MAIL, RCPT: per recipient, a partial refusal is not a success (R69);
3. DATA and the body: a break here has handed nothing over: TryLater;
4. `before_dot()`: the caller stores that the dot comes next (P4);
5. the dot and its reply: a break here is ambiguous and says so in its reason (F11).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from helpdesk.deliver import replies
from helpdesk.deliver.connection import ConnectError, Connection, DroppedError
from helpdesk.deliver.envelope import Path, dotted, headers_need_utf8, path, recipient_path
from helpdesk.deliver.pool import Pool
from helpdesk.deliver.settings import SmtpSettings, Timeouts, Tls
from helpdesk.model.outcome import Accepted, Outcome, QueuedLetter, Refused, TryLater

__all__ = ["SmtpSettings", "SmtpTransport", "Timeouts", "Tls"]

BeforeDot = Callable[[], Awaitable[None]]


class SmtpTransport:
    """Hands letters to one smarthost; several at once use a connection each."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._pool = Pool(settings)

    async def deliver(self, letter: QueuedLetter, before_dot: BeforeDot) -> Mapping[str, Outcome]:
        """One attempt; the outcome of each of `letter.recipients`. Raises only what `before_dot` raises."""
        attempt = _Attempt(letter, self._settings, before_dot)
        try:
            async with asyncio.timeout(self._settings.timeouts.before_dot) as limit:
                attempt.on_dot = lambda: limit.reschedule(None)
                connection = await self._pool.take()
                try:
                    connection = await self._with(connection, attempt)
                finally:
                    self._pool.give_back(connection)
        except ConnectError as trouble:
            attempt.rest(TryLater(str(trouble), host_down=True))
        except TimeoutError:
            attempt.rest(TryLater("the mail server was too slow", host_down=True))
        return attempt.outcomes

    async def check(self) -> str:
        """For `helpdesk check --online`: connect and log in, and say what was found; raises ConnectError."""
        connection = await Connection.open(self._settings)
        try:
            return _found(self._settings, connection)
        finally:
            await connection.quit()

    async def close(self) -> None:
        await self._pool.close()

    async def _with(self, connection: Connection, attempt: _Attempt) -> Connection:
        """Make the attempt; return the connection that it ended on."""
        try:
            await attempt.run(connection)
        except DroppedError as trouble:
            if connection.had_gone:
                return await self._with(await self._pool.open(), attempt)
            attempt.dropped(trouble)
        except BaseException:
            connection.abort()  # in mid-letter: without the dot the server must forget it
            raise
        return connection


class _Attempt:
    """One letter on one connection. `outcomes` fills as replies come in; a recipient keeps its first end."""

    def __init__(self, letter: QueuedLetter, settings: SmtpSettings, before_dot: BeforeDot) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.on_dot: Callable[[], None] = lambda: None
        self._letter = letter
        self._host = settings.host
        self._timeouts = settings.timeouts
        self._before_dot = before_dot
        self._dot_written = False

    async def run(self, connection: Connection) -> None:
        options = self._mail_options(connection)
        paths = self._writable(connection, utf8=b"SMTPUTF8" in options)
        if not paths or not await self._mail(connection, options):
            return
        accepted = await self._recipients(connection, paths)
        if accepted and await self._data(connection):
            await self._body_and_dot(connection)

    def rest(self, end: Outcome, *, only: Iterable[str] | None = None) -> None:
        for recipient in self._letter.recipients if only is None else only:
            self.outcomes.setdefault(recipient, end)

    def dropped(self, trouble: DroppedError) -> None:
        """F11: only after the dot is it unknown whether the letter was taken."""
        what = replies.REPLY_LOST if self._dot_written else replies.DROPPED_BEFORE_DOT
        self.rest(TryLater(f"{what}: {trouble}"))

    def _mail_options(self, connection: Connection) -> list[bytes]:
        """R11, R72: an extension is used only when it is needed and offered."""
        raw = self._letter.raw
        addresses = [path(address) for address in (self._letter.sender, *self._letter.recipients)]
        needs_utf8 = headers_need_utf8(raw) or any(one is not None and one.needs_utf8 for one in addresses)
        options = [b"SIZE=%d" % len(raw)] if connection.offers("size") else []
        if needs_utf8 and connection.offers("smtputf8"):
            options.append(b"SMTPUTF8")
        if not raw.isascii() and connection.offers("8bitmime"):
            options.append(b"BODY=8BITMIME")
        return options

    def _writable(self, connection: Connection, *, utf8: bool) -> dict[str, Path]:
        """The recipients to ask for; what the server cannot take is refused here, with its reason."""
        self._refuse_letter(connection, utf8=utf8)
        paths: dict[str, Path] = {}
        for recipient in self._letter.recipients:
            there = recipient_path(recipient)
            if there is None:
                self.outcomes[recipient] = Refused(replies.BAD_ADDRESS)
            elif there.needs_utf8 and not utf8:
                self.outcomes[recipient] = Refused(replies.NO_SMTPUTF8.format(host=self._host))
            elif recipient not in self.outcomes:
                paths[recipient] = there
        return paths

    def _refuse_letter(self, connection: Connection, *, utf8: bool) -> None:
        sender, size, limit = path(self._letter.sender), len(self._letter.raw), connection.size_limit
        if sender is None or (sender.needs_utf8 and not utf8):
            self.rest(Refused(replies.BAD_SENDER))
        elif headers_need_utf8(self._letter.raw) and not utf8:
            self.rest(Refused(replies.NO_SMTPUTF8_LETTER.format(host=self._host)))
        elif limit is not None and size > limit:  # R70: 552 5.3.4 is never tried again
            self.rest(Refused(replies.TOO_BIG.format(size=size, host=self._host, limit=limit)))

    async def _mail(self, connection: Connection, options: list[bytes]) -> bool:
        sender = path(self._letter.sender)
        assert sender is not None
        reply = await connection.command(b"MAIL", b"FROM:" + sender.wire, *options)
        end = replies.outcome(*reply)
        if isinstance(end, Accepted):
            return True
        self.rest(end)
        return False

    async def _recipients(self, connection: Connection, paths: Mapping[str, Path]) -> bool:
        """R69: each recipient has its own reply. 421 ends the session and with it all that was promised."""
        for recipient, there in paths.items():
            reply = await connection.command(b"RCPT", b"TO:" + there.wire)
            end = replies.outcome(*reply)
            if isinstance(end, TryLater) and end.host_down:
                self.rest(end)
                return False
            if not isinstance(end, Accepted):
                self.outcomes[recipient] = end
        return any(recipient not in self.outcomes for recipient in paths)

    async def _data(self, connection: Connection) -> bool:
        reply = await connection.command(b"DATA", within=self._timeouts.data)
        if reply.code == 354:
            return True
        end = replies.outcome(*reply)
        self.rest(TryLater(end.reply) if isinstance(end, Accepted) else end)
        return False

    async def _body_and_dot(self, connection: Connection) -> None:
        await connection.body(dotted(self._letter.raw))
        await self._before_dot()
        if not connection.is_open:  # it went while the mark was stored: no dot, nothing ambiguous
            raise DroppedError("Connection lost")
        self.on_dot()  # the dot has its own deadline
        self._dot_written = True
        reply = await connection.dot()
        self.rest(replies.outcome(*reply))


def _found(settings: SmtpSettings, connection: Connection) -> str:
    tls = connection.tls_version or "no TLS"
    login = f", login as {settings.username} accepted" if settings.username else ""
    limit = f", takes letters up to {connection.size_limit} bytes" if connection.size_limit else ""
    return f"{settings.host}:{settings.port} answers, {tls}{login}{limit}"
