"""Files that old mailers wrote into the text, between `begin 644 name` and `end` (POSIX uuencode). Linear."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{0,250})\r?\n(?=[!-`][ -`]{0,90}\r?\n)")
_END = re.compile(rb"(?m)^(?:[`! ]?[ \t]*\r?\n)?end[ \t]*(?:\r?\n|\Z)")
_FILES = 100


@dataclass(frozen=True, slots=True)
class UuFile:
    """A block in `data[start:end]`, with its `begin` and `end` lines."""

    name: bytes
    start: int
    end: int


def find_files(data: bytes) -> list[UuFile]:
    """Every whole block; a `begin` without an `end` is text."""
    found: list[UuFile] = []
    at = 0
    while len(found) < _FILES and (begin := _BEGIN.search(data, at)):
        end = _END.search(data, begin.end())
        if not end:
            break
        found.append(UuFile(begin[1].strip(), begin.start(), end.end()))
        at = end.end()
    return found


def without_files(data: bytes, files: list[UuFile]) -> bytes:
    kept: list[bytes] = []
    at = 0
    for file in files:
        kept.append(data[at : file.start])
        at = file.end
    return b"".join([*kept, data[at:]])
