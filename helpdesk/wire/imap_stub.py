"""What goes into the spool for a mail whose text is not fetched: its headers and a note (R65).

The bytes depend on the mail alone, so that a rescan after a UIDVALIDITY change gives the same dedupe
key. The headers that described the missing body are left out; the note takes its place.
"""

from __future__ import annotations

import re

MAX_HEAD_BYTES = 256 * 1024
_FIELD = re.compile(rb"[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*")
_OF_THE_BODY = re.compile(rb"(content-[^:]*|mime-version)[ \t]*:", re.I)
_PLAIN = (
    b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
)


def too_big(head: bytes, size: int, limit: int) -> bytes:
    """The stand-in for a mail of `size` bytes where `limit` are allowed."""
    return _stub(
        head,
        f"The text of this mail was not fetched: it has {size:,} bytes and the desk takes {limit:,}. "
        "The whole mail is still in the mailbox.",
    )


def unreadable(head: bytes) -> bytes:
    """The stand-in for a mail whose text could not be fetched again and again."""
    return _stub(
        head,
        "The text of this mail could not be fetched from the mail server, although it was tried several "
        "times. The whole mail is still in the mailbox.",
    )


def bare(mailbox: str, uidvalidity: int, uid: int) -> bytes:
    """The stand-in for a mail of which not even the headers could be fetched."""
    return _stub(
        b"Subject: A mail that could not be fetched\r\n",
        f"A mail in {mailbox} could not be fetched from the mail server, not even its headers, although it "
        f"was tried several times. It is still in the mailbox (UID {uid}, UIDVALIDITY {uidvalidity}).",
    )


def _stub(head: bytes, note: str) -> bytes:
    if len(head) > MAX_HEAD_BYTES:
        head = head[: head.rfind(b"\n", 0, MAX_HEAD_BYTES) + 1]
    fields = [field for field in _FIELD.findall(head) if field.strip() and not _OF_THE_BODY.match(field)]
    return b"".join(fields) + _PLAIN + b"\r\n" + f"[{note}]\r\n".encode()
