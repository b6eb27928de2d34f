"""Mails as test people see and write them: like the mail programs of real life, nothing of the desk's own code."""

from __future__ import annotations

import email
import email.policy
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.utils import format_datetime, getaddresses
from functools import cached_property

from helpdesk.testing.clock import Clock

_serial = itertools.count(1)


@dataclass
class Letter:
    """A mail that somebody got. `sender` is the envelope's."""

    raw: bytes
    sender: str = ""
    recipients: tuple[str, ...] = ()

    @cached_property
    def mail(self) -> Message:
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    def __getitem__(self, header: str) -> str:
        return str(self.mail[header] or "")

    @property
    def name(self) -> str:
        """The canned response it was written from."""
        return self["X-Helpdesk-Letter"]

    @property
    def ticket(self) -> int:
        return int(self["X-Helpdesk-Ticket"] or 0)

    @property
    def subject(self) -> str:
        return self["Subject"]

    @property
    def to(self) -> tuple[str, ...]:
        return self._addresses("To")

    @property
    def cc(self) -> tuple[str, ...]:
        return self._addresses("Cc")

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain", "html"))  # type: ignore[attr-defined]
        return str(body.get_content()).replace("\r\n", "\n") if body else ""

    @property
    def attachments(self) -> dict[str, bytes]:
        parts = self.mail.iter_attachments()  # type: ignore[attr-defined]
        return {str(p.get_filename()): bytes(p.get_payload(decode=True)) for p in parts}

    def answer_to(self) -> tuple[str, ...]:
        return self._addresses("Reply-To") or self._addresses("From")

    def everybody(self) -> tuple[str, ...]:
        return (*self.answer_to(), *self._addresses("To"), *self._addresses("Cc"))

    def _addresses(self, header: str) -> tuple[str, ...]:
        values = [str(v) for v in self.mail.get_all(header, [])]
        return tuple(a.lower() for _, a in getaddresses(values) if a)


@dataclass
class Writer:
    """Writes mails as a person's mail program does; `date` comes from the clock it is given."""

    name: str
    address: str
    clock: Clock
    headers: dict[str, str] = field(default_factory=dict)

    def new(self, to: Sequence[str], subject: str, text: str, cc: Sequence[str] = ()) -> EmailMessage:
        message = EmailMessage()
        message["From"] = f'"{self.name}" <{self.address}>'
        message["To"] = ", ".join(to)
        if cc:
            message["Cc"] = ", ".join(cc)
        message["Subject"] = subject
        message["Date"] = format_datetime(self.clock())
        message["Message-ID"] = (
            f"<{next(_serial)}.{self.clock():%Y%m%d%H%M%S}@{self.address.partition('@')[2]}>"
        )
        for header, value in self.headers.items():
            message[header] = value
        message.set_content(text)
        return message

    def reply(
        self, letter: Letter, text: str, to: Sequence[str] | None = None, cc: Sequence[str] = ()
    ) -> EmailMessage:
        """A reply above the quoted letter, as most people write it."""
        subject = letter.subject if letter.subject.lower().startswith("re:") else f"Re: {letter.subject}"
        quoted = "\n".join(f"> {line}".rstrip() for line in letter.text.splitlines())
        when = f"{self.clock():%a, %d %b %Y at %H:%M}"
        body = f"{text}\n\nOn {when}, {letter['From']} wrote:\n{quoted}\n"
        message = self.new(to or letter.answer_to(), subject, body.lstrip("\n") if not text else body, cc)
        ids = f"{letter['References']} {letter['Message-ID']}".split()
        message["In-Reply-To"] = letter["Message-ID"]
        message["References"] = " ".join(ids)
        return message

    def reply_all(self, letter: Letter, text: str) -> EmailMessage:
        first, *others = dict.fromkeys(a for a in letter.everybody() if a != self.address)
        return self.reply(letter, text, [first], others)
