"""What each SMTP and LMTP command does (RFC 5321, RFC 2033), up to DATA, which hands a mail to the receiver.

Nothing is announced that is not fully done: no DSN (R17), no CHUNKING (R13), no AUTH.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import ClassVar

from helpdesk.flow.receive import Receiver
from helpdesk.wire import replies
from helpdesk.wire.replies import Reply
from helpdesk.wire.smtp_guard import GuardedSMTP
from helpdesk.wire.smtp_paths import Argument, BadBytes, BadParameters, BadPath, Path, read_argument
from helpdesk.wire.smtp_sessions import Common
from helpdesk.wire.smtp_settings import ListenerSettings

_UNPRINTABLE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_BEFORE_TLS = {b"NOOP", b"EHLO", b"LHLO", b"STARTTLS", b"QUIT"}
_PROXY_V2 = b"\x00\r\n"  # the third of the lines that its signature looks like
_OTHER_PROTOCOLS = {b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"CONNECT"}


class Conversation(GuardedSMTP):
    """One client's dialogue: who it says it is, the envelope it builds, and the transfer."""

    def __init__(
        self,
        settings: ListenerSettings,
        common: Common,
        receiver: Receiver,
        knows: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(settings, common)
        self.receiver = receiver
        self.now = now
        self._knows = knows
        self.start_over()

    def start_over(self) -> None:
        self.helo = ""
        self.extended = False
        self.forget_envelope()

    def forget_envelope(self) -> None:
        self.sender: Path | None = None
        self.recipients: list[str] = []
        self.utf8 = False

    @property
    def is_lmtp(self) -> bool:
        return self.settings.protocol == "lmtp"

    async def obey(self, line: bytes) -> None:
        if line.startswith(b"PROXY ") or line == _PROXY_V2:
            self.leaving = True
            await self.say(replies.NO_PROXY_OF_OURS)
            return
        # R1: a bare LF ends no line here either.
        if not line.endswith(b"\r\n") or _UNPRINTABLE.search(line, 0, len(line) - 2):
            await self.say(replies.BAD_LINE)
            return
        word, _, argument = line[:-2].partition(b" ")
        verb = word.upper()
        if verb in _OTHER_PROTOCOLS:
            self.leaving = True
            await self.say(replies.NOT_A_MAIL_CLIENT)
        elif self.settings.require_tls and not self.in_tls and verb not in _BEFORE_TLS:
            await self.say(replies.TLS_FIRST)
        else:
            await self._verbs.get(verb, Conversation._unknown)(self, argument.strip(b" \t"))

    @property
    def _verbs(self) -> Mapping[bytes, Callable[[Conversation, bytes], Awaitable[None]]]:
        return self._LMTP_VERBS if self.is_lmtp else self._SMTP_VERBS

    async def _unknown(self, _: bytes) -> None:
        await self.say(replies.UNKNOWN_COMMAND)

    async def _not_implemented(self, _: bytes) -> None:
        await self.say(replies.NOT_IMPLEMENTED)

    # Greetings

    async def _helo(self, argument: bytes) -> None:
        if await self._greeted(argument, extended=False):
            await self.say(replies.hello(self.hostname))

    async def _ehlo(self, argument: bytes) -> None:
        if await self._greeted(argument, extended=True):
            await self.send(replies.extended_hello(self.hostname, self._extensions()))

    async def _greeted(self, name: bytes, *, extended: bool) -> bool:
        if not name:
            await self.say(replies.SYNTAX_HELLO)
            return False
        self.start_over()  # RFC 5321 section 4.1.4: a greeting clears the buffers like RSET
        self.helo = name.decode("ascii", "replace")
        self.extended = extended
        return True

    def _extensions(self) -> list[str]:
        offers_tls = self._tls is not None and not self.in_tls
        return [
            "PIPELINING",
            f"SIZE {self.settings.max_size}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            *(["STARTTLS"] if offers_tls else []),
        ]

    async def _starttls(self, argument: bytes) -> None:
        if argument:
            await self.say(replies.SYNTAX_NO_ARGUMENT)
        elif self.in_tls:
            await self.say(replies.ALREADY_TLS)
        elif self._tls is None:
            await self.say(replies.NOT_IMPLEMENTED)
        else:
            await self.start_tls()

    # The envelope

    async def _mail(self, argument: bytes) -> None:
        await self.say(self._take_sender(argument))

    def _take_sender(self, argument: bytes) -> Reply:
        if not self.helo:
            return replies.HELLO_FIRST
        if self.sender is not None:
            return replies.NESTED_MAIL
        try:
            read = read_argument(b"FROM:", argument)
        except (BadPath, BadBytes):
            return replies.BAD_SENDER  # F5i
        except BadParameters:
            return replies.BAD_PARAMETER
        if read is None:
            return replies.SYNTAX_MAIL
        objection = self._objection_to_sender(read)
        if objection is None and not self._may_send():
            objection = replies.TOO_MANY_MAILS
        return objection or self._note_sender(read)

    def _may_send(self) -> bool:
        """T19: one more mail from this network. By LMTP only a mail server of the desk's own speaks."""
        mails = self.common.mails
        return self.is_lmtp or not mails.counts(self.peer) or mails.admit(self.network)

    def _objection_to_sender(self, read: Argument) -> Reply | None:
        if read.path.address and "@" not in read.path.address:
            return replies.BAD_SENDER
        objection = self._objection_to_parameters(read.parameters)
        if objection is None and not read.path.is_ascii and "SMTPUTF8" not in read.parameters:
            return replies.NEEDS_SMTPUTF8  # R11
        return objection

    def _objection_to_parameters(self, given: Mapping[str, str]) -> Reply | None:
        if given.keys() - {"SIZE", "BODY", "SMTPUTF8"} or (given and not self.extended):
            return replies.UNKNOWN_PARAMETER
        size = given.get("SIZE", "0")
        well_formed = size.isascii() and size.isdigit() and len(size) <= 20  # RFC 1870 section 4
        known_body = given.get("BODY", "7BIT").upper() in {"7BIT", "8BITMIME"}
        if not well_formed or not known_body or given.get("SMTPUTF8"):
            return replies.BAD_PARAMETER
        return replies.TOO_BIG if int(size) > self.settings.max_size else None  # R10

    def _note_sender(self, read: Argument) -> Reply:
        self.sender = read.path
        self.utf8 = "SMTPUTF8" in read.parameters
        return replies.SENDER_OK

    async def _rcpt(self, argument: bytes) -> None:
        await self.say(self._take_recipient(argument))

    def _take_recipient(self, argument: bytes) -> Reply:
        if self.sender is None:
            return replies.MAIL_FIRST
        try:
            read = read_argument(b"TO:", argument)
        except BadPath:
            return replies.BAD_RECIPIENT
        except BadBytes:
            return replies.BAD_RECIPIENT_BYTES
        except BadParameters:
            return replies.BAD_PARAMETER
        if read is None:
            return replies.SYNTAX_RCPT
        return self._objection_to_recipient(read) or self._note_recipient(read.path)

    def _objection_to_recipient(self, read: Argument) -> Reply | None:
        if read.parameters:
            return replies.UNKNOWN_PARAMETER  # R17: NOTIFY and ORCPT belong to DSN
        if not read.path.is_ascii and not self.utf8:
            return replies.NEEDS_SMTPUTF8
        # R18: no relay, and no routes to one.
        if read.path.routed or not read.path.address or not self._knows(read.path.address):
            return replies.UNKNOWN_RECIPIENT
        return replies.TOO_MANY_RECIPIENTS if len(self.recipients) >= self.settings.max_recipients else None

    def _note_recipient(self, path: Path) -> Reply:
        self.recipients.append(path.address)
        return replies.RECIPIENT_OK

    # The rest

    async def _data(self, argument: bytes) -> None:
        raise NotImplementedError

    async def _rset(self, _: bytes) -> None:
        self.forget_envelope()
        await self.say(replies.OK)

    async def _noop(self, _: bytes) -> None:
        await self.say(replies.OK)

    async def _vrfy(self, _: bytes) -> None:
        await self.say(replies.NOT_VERIFIED)

    async def _help(self, _: bytes) -> None:
        await self.say(replies.HELP)

    async def _quit(self, _: bytes) -> None:
        self.leaving = True
        await self.say(replies.BYE)

    _COMMON: ClassVar = {
        b"MAIL": _mail,
        b"RCPT": _rcpt,
        b"DATA": lambda self, argument: self._data(argument),
        b"RSET": _rset,
        b"NOOP": _noop,
        b"QUIT": _quit,
        b"VRFY": _vrfy,
        b"HELP": _help,
        b"STARTTLS": _starttls,
        b"EXPN": _not_implemented,
        b"BDAT": _not_implemented,
        b"AUTH": _not_implemented,
    }
    _SMTP_VERBS: ClassVar = {**_COMMON, b"HELO": _helo, b"EHLO": _ehlo}
    _LMTP_VERBS: ClassVar = {**_COMMON, b"LHLO": _ehlo}  # R16, RFC 2033 section 4.1: no HELO, no EHLO
