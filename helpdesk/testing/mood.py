"""What an unreliable post office may be told to do, and what it remembers of a letter it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum


class Step(StrEnum):
    BANNER = "banner"
    EHLO = "ehlo"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"


class How(StrEnum):
    """STALL says nothing until `PostOffice.go_on` is set, then goes on as if nothing had been."""

    CLOSE = "close"
    RESET = "reset"
    STALL = "stall"


@dataclass(frozen=True, slots=True)
class Mood:
    """Replies by step ('' = all well); `rcpt` by address, '*' for all others; `breaks` wins over a reply.

    Broken at DOT the letter has been taken all the same: only the reply is lost.
    """

    banner: str = ""
    ehlo: str = ""
    auth: str = ""
    mail: str = ""
    rcpt: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    dot: str = ""
    breaks: Step | None = None
    how: How = How.CLOSE


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter the server took; `acknowledged`: its 250 was sent. `raw` is without the doubled dots."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    acknowledged: bool
    options: tuple[str, ...]
    connection: int

    @property
    def mail(self) -> EmailMessage:
        return parsed(self.raw)


def parsed(raw: bytes) -> EmailMessage:
    """For our own letters only: on strangers' mail this policy raises (F3)."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
