"""Message ids without <>, in the order given (R32, F2). Odd ones of real mailers are kept as they are (F3)."""

from __future__ import annotations

import re

from helpdesk.parse import limits
from helpdesk.parse.words import decode_words

_BRACKETED = re.compile(r"<([^<>]{1,998})>")
_SPACE = re.compile(r"\s+")
_UNSAFE = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def read_ids(text: str) -> tuple[str, ...]:
    """All ids in a References, In-Reply-To or Message-ID header; bare words with an @ when nothing is in <>."""
    if "=?" in text:  # Exchange encodes long ids of others (F2)
        text = decode_words(text)
    found = _BRACKETED.findall(text)
    if not found:
        found = [word.strip("<>,;\"'") for word in text.split() if "@" in word]
    ids = [_UNSAFE.sub("", _SPACE.sub("", one))[: limits.ID_LENGTH] for one in found[: limits.IDS]]
    return tuple(dict.fromkeys(i for i in ids if i))


def read_message_id(text: str) -> str | None:
    """The first id; a Message-ID in no known form is kept as the bare word it is."""
    ids = read_ids(text)
    if ids:
        return ids[0]
    bare = _UNSAFE.sub("", text.strip().strip("<>"))[: limits.ID_LENGTH]
    return bare or None
