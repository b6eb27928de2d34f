"""Reads a finished letter as a stranger's program would, and compares with what was meant (F1).

Two readers: the standard library's, and a splitter that knows nothing but CRLF. The recipient must be
the one that was meant, and the bytes must be fit for any mail server (R73).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email import policy
from email.parser import BytesHeaderParser
from email.utils import getaddresses

_LONGEST_LINE = 998
_FIELD = re.compile(rb"([A-Za-z][A-Za-z-]*): ?[ -~]*")
_FOLDED = re.compile(rb"[ \t][ -~]+")
_FIT = b"\t\r\n" + bytes(range(0x20, 0x7F))


def differences(raw: bytes, names: Sequence[str], recipient: str, copies: Sequence[str] = ()) -> str:
    """What is not as meant, in words; '' when all is."""
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    parsed = BytesHeaderParser(policy=policy.compat32).parsebytes(head + b"\r\n")
    to = [address for _, address in getaddresses(parsed.get_all("To", []))]
    cc = [address for _, address in getaddresses(parsed.get_all("Cc", []))]
    lines = raw.split(b"\r\n")  # no regular expressions here: a letter may carry 25 MB
    bare = raw.count(b"\r") + raw.count(b"\n") - 2 * (len(lines) - 1)
    wrong = {
        "header fields that were not meant": split_names(head) != list(names),
        "header fields that another reader would see": parsed.keys() != list(names),
        "another recipient": (to, cc) != ([recipient], list(copies)),
        "bytes that are no ASCII text": raw.translate(None, _FIT) != b"",
        "bare CR or LF": bare != 0,
        f"a line over {_LONGEST_LINE} characters": max(map(len, lines)) > _LONGEST_LINE,
    }
    return ", ".join(what for what, is_so in wrong.items() if is_so)


def split_names(head: bytes) -> list[str]:
    """Field names as a naive CRLF splitter sees them; what is neither field nor folded line is named '?'."""
    found = []
    for line in head.removesuffix(b"\r\n").split(b"\r\n"):
        if _FOLDED.fullmatch(line):
            continue
        field = _FIELD.fullmatch(line)
        found.append(field[1].decode("ascii") if field else "?")
    return found
