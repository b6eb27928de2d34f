"""What a stranger may cost the desk worker, and how often it tries (MAIL_RULES section 7).

A part of the desk that is handed nothing takes the defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class MailLimits:
    """How much of one mail is read; what lies beyond is kept raw, never parsed.

    `header_block`, `header_value`, `html` are bytes, `subject` and `reply_text` characters; the others count.
    """

    header_block: int = 256 * 1024
    header_value: int = 16 * 1024
    header_fields: int = 1_000
    addresses: int = 200
    subject: int = 900
    mime_depth: int = 20
    mime_parts: int = 300
    attachments: int = 100
    html: int = 1024 * 1024
    html_tags: int = 5_000
    html_depth: int = 100
    reply_text: int = 64 * 1024
    reply_lines: int = 2_000


NORMAL = MailLimits()


@dataclass(frozen=True, slots=True)
class Pauses:
    """Between two attempts to hand over a letter: `first`, doubling up to `longest` (R68)."""

    first: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """`attempts`: so often a mail may fail or kill its worker (P6)."""

    mail: MailLimits = NORMAL
    attempts: int = 3
    pauses: Pauses = Pauses()


USUAL = WorkLimits()
