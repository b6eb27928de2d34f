"""Did the writer add words of their own? `empty` claims a ticket, so it is said only when every line is certain.

Certain are quoted lines, header blocks, short taglines, and signatures and footers that a delimiter opens.
Small print or a sign-off without a delimiter, text under an attribution without `>`, or a lone attachment
is `unsure`: the desk asks instead of acting. So is a sentence below a delimiter, and a line that was taken for an
attribution though a human could have written it. Commands are words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.model.mail import Attachment, Emptiness
from helpdesk.parse.headblock import announcement
from helpdesk.parse.quotes import BLANK, Reading
from helpdesk.parse.signature import FOOTER, OWN, SIGNATURE, TAGLINE
from helpdesk.parse.taglines import is_certain_tagline

_NO_WORDS = re.compile(r"[\s\-_=*~.|<>#\[\]\u00a0\u200b-\u200f\u2060\ufeff\u2013\u2014\ufffc]*")
_PICTURE = re.compile(r"[<\[](?:cid:|image:|inline image)[^\]>]{0,200}[\]>]", re.IGNORECASE)
_DELIMITER = re.compile(r"\s*(?:--|_{20,})\s*")
_SIGNATURE_TYPES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "text/vcard",
     "text/x-vcard", "application/ms-tnef"}
)  # fmt: skip


def judge(reading: Reading, attachments: Sequence[Attachment]) -> Emptiness:
    if reading.rest.strip() or any(has_words(line) for line in _own(reading)):
        return Emptiness.UNSURE if reading.unquoted_below else Emptiness.TEXT
    if any(_says_something(attachment) for attachment in attachments):
        return Emptiness.UNSURE
    if any(announcement(line) == "forward" for line in reading.lines):
        return Emptiness.UNSURE  # passing a mail on is saying something
    return Emptiness.EMPTY if _all_certain(reading) else Emptiness.UNSURE


def has_words(line: str) -> bool:
    """Anything but rules, bullets and pictures; one smiley is a word."""
    return not _NO_WORDS.fullmatch(_PICTURE.sub("", line))


def _own(reading: Reading) -> list[str]:
    return [line for line, label in zip(reading.lines, reading.labels, strict=True) if label == OWN]


def _says_something(attachment: Attachment) -> bool:
    return not attachment.inline and attachment.type not in _SIGNATURE_TYPES


def _all_certain(reading: Reading) -> bool:
    if reading.doubtful:
        return False
    before = ""
    for line, label in zip(reading.lines, reading.labels, strict=True):
        if label in (SIGNATURE, FOOTER) and label != before and not _DELIMITER.fullmatch(line):
            return False
        if label == SIGNATURE and _is_sentence(line):
            return False
        if label == TAGLINE and not (is_certain_tagline(line) or _DELIMITER.fullmatch(line)):
            return False
        if label != BLANK:
            before = label
    return True


def _is_sentence(line: str) -> bool:
    """Some type below the `-- ` that their program put on top."""
    return len(line.split()) > 2 and line.rstrip().endswith((".", "!", "?", "…", "。", "？", "！"))
