"""A letter that came in: its envelope, and what `parse` reads in its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from helpdesk.model.authentication import Testimony
from helpdesk.model.people import Address


class Road(StrEnum):
    SMTP = "smtp"
    LMTP = "lmtp"
    IMAP = "imap"
    WEB = "web"
    ADMIN = "admin"


class Happening(StrEnum):
    """What kind of thing an inbox row is. Everything from outside comes in by the spool."""

    MAIL = "mail"
    VOTE = "vote"
    ADMIN = "admin"


class Automatic(StrEnum):
    AUTO_REPLY = "auto-reply"
    BOUNCE = "bounce"
    FEEDBACK_REPORT = "feedback-report"
    RECEIPT = "receipt"
    BULK = "bulk"


class Emptiness(StrEnum):
    """Did the writer add words of their own?"""

    EMPTY = "empty"
    TEXT = "text"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that arrived, before anybody reads it. The spool keeps it as it is.

    `sender` is the envelope sender: '' for the null sender, None where the road does not tell (IMAP).
    `mailbox` is '<account>/<folder>' for IMAP, else ''.
    """

    raw: bytes
    road: Road
    received_at: datetime
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    mailbox: str = ""
    peer: str = ""
    kind: Happening = Happening.MAIL


@dataclass(frozen=True, slots=True)
class SpooledArrival:
    """A row of the spool: an Arrival with its id and its dedupe key (see `model.fingerprint`)."""

    id: int
    dedupe_key: str
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Attachment:
    """`part` is the index of the leaf part in a depth-first walk; `size` is in decoded bytes."""

    name: str | None
    type: str
    size: int
    inline: bool
    part: int


@dataclass(frozen=True, slots=True)
class BounceRecipient:
    address: str
    status: str | None
    action: str | None


@dataclass(frozen=True, slots=True)
class Bounce:
    recipients: tuple[BounceRecipient, ...]
    permanent: bool
    original_message_id: str | None


@dataclass(frozen=True, slots=True)
class ListInfo:
    """`munged`: the list put its own address into From; `original_from` is who really wrote (R48)."""

    id: str | None
    address: str | None
    munged: bool
    original_from: Address | None


@dataclass(frozen=True, slots=True)
class Forwarded:
    sender: Address | None
    subject: str
    text: str


LineEvidence = tuple[str, str]
"""A line of the text and what it was taken for: own, quotation, attribution, signature, tagline, footer.

A plain tuple: a mail has a hundred of them, and few are ever looked at.
"""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A reason never to answer this mail automatically (MAIL_RULES 2.4).

    `of_list`: the header is one that a mailing list adds to human mail; it proves nothing
    when the mail came through the desk's own list.
    """

    rule: str
    why: str
    of_list: bool = False


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`#close thanks` is word 'close', argument 'thanks'; `line` is as it was typed."""

    word: str
    argument: str
    line: str


@dataclass(frozen=True, slots=True)
class InboundMail:
    """What the desk reads in one mail. Ids without <>; text is NFC with newline line ends.

    `sender_doubtful`: two From fields, two addresses in From or any defect there; such a mail
    proves no identity (R20, T34). `language` is what the mail declares, else what
    its words show; None if neither says. `testimonies` are what servers, or whoever forged them, wrote about the
    sender; `partly_signed` are domains whose signature leaves the end of the body open.
    """

    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    date: datetime | None = None
    sender: Address | None = None
    sender_doubtful: bool = False
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    new_text: str = ""
    signature: str | None = None
    attachments: tuple[Attachment, ...] = ()
    automatic: Automatic | None = None
    automatic_reason: str | None = None
    no_answer: tuple[NoAnswer, ...] = ()
    bounce: Bounce | None = None
    list: ListInfo | None = None
    forwarded: Forwarded | None = None
    empty: Emptiness = Emptiness.TEXT
    evidence: tuple[LineEvidence, ...] = ()
    command_lines: tuple[CommandLine, ...] = ()
    text_after_commands: str = ""
    language: str | None = None
    declares_language: bool = False
    repairs: tuple[str, ...] = ()
    testimonies: tuple[Testimony, ...] = ()
    partly_signed: tuple[str, ...] = ()

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Message ids this mail answers, nearest first, each once."""
        nearest = (self.in_reply_to,) if self.in_reply_to else ()
        return tuple(dict.fromkeys((*nearest, *reversed(self.references))))
