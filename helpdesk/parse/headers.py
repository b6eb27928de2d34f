"""The header block as a bounded list of raw fields, and readers for one field at a time (F3, R20, R21, T14).

The standard library's parser is quadratic in continuation lines and raises on odd fields; this one walks
the lines once, keeps the first 256 KB, 1,000 fields, 16 KB a field (or what `limits` says), and leaves decoding
to whoever asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.parse.clean import clean_line
from helpdesk.parse.params import Parameters, read_parameters
from helpdesk.parse.words import decode_words, header_text

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_MBOX_FROM = re.compile(rb">?From ")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_RECIPIENTS = re.compile(rb"(?i)(?:to|cc)[ \t]*:")
_TRACE = frozenset({"received", "authentication-results"})
_KNOWN_FIELD = re.compile(
    rb"(?im)^(?:from|to|subject|date|message-id|mime-version|content-type|return-path|received):"
)


@dataclass(slots=True)
class Headers:
    """Fields by lower-case name, raw and unfolded. `repairs` says what was wrong with the block.

    `trace` are the fields that mail servers add on their way, topmost first, up to the first line that is no field:
    there the header may have ended for the server that removes forged ones (R51).
    """

    fields: dict[str, list[bytes]] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    hint: str | None = None  # the charset of the text below, for raw bytes in the header (R24)
    limits: MailLimits = NORMAL
    trace: list[tuple[str, bytes]] = field(default_factory=list)
    sound: bool = True

    def raw(self, name: str) -> bytes:
        """The first field of that name (R20: the first wins), b'' if there is none."""
        return self.fields.get(name, [b""])[0]

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def count(self, name: str) -> int:
        return len(self.fields.get(name, ()))

    def text(self, name: str) -> str:
        """The first field as text, encoded words in place: for ids, addresses, parameters."""
        return header_text(self.raw(name), self.hint)

    def texts(self, name: str) -> list[str]:
        """Every field of that name as text."""
        return [header_text(value, self.hint) for value in self.fields.get(name, ())]

    def line(self, name: str, limit: int | None = None) -> str:
        """The first field decoded and clean, for people to read."""
        if name not in self.fields:
            return ""
        return clean_line(decode_words(self.text(name)), limit or self.limits.header_value)

    def parameters(self, name: str) -> Parameters:
        return read_parameters(self.text(name))


def read_headers(
    raw: bytes, start: int = 0, end: int | None = None, limits: MailLimits = NORMAL
) -> tuple[Headers, int]:
    """Read the block at `start`; return it and where the body begins."""
    end = len(raw) if end is None else end
    headers = Headers(limits=limits)
    last: list[bytes] = []
    size = kept = 0
    at = start
    for line, at in _lines(raw, start, end):
        if at - start > limits.header_block:
            headers.repairs.append(f"header block cut at {limits.header_block // 1024} KB")
            at = _skip_to_body(raw, at, end)
            break
        if not line.strip(b"\r\n"):
            break
        if line[:1] in b" \t":
            if last and size < limits.header_value:
                last.append(line)
                size += len(line)
            continue
        match = _FIELD.match(line)
        if match:
            _store(headers, last)
            kept += 1
            last, size = ([line], len(line)) if kept <= limits.header_fields else ([], 0)
        elif not _is_junk(raw, line, at, start, end):
            headers.repairs.append("no empty line before the body")
            at -= len(line)
            break
        else:
            _skip(headers, last, line)
    _store(headers, last)
    return headers, at


def _skip(headers: Headers, last: list[bytes], line: bytes) -> None:
    """A line that is no field: only the separator of an mbox, as the very first line, is nothing to wonder at."""
    headers.sound = headers.sound and not last and bool(_MBOX_FROM.match(line))
    if _MBOX_FROM.match(line):
        return
    headers.repairs.append("line without a field name in the header")
    if _is_badly_folded(last):
        last.append(b" " + line)


def begins_with_field(raw: bytes) -> bool:
    return bool(_FIELD.match(raw))


def _lines(raw: bytes, start: int, end: int) -> Iterator[tuple[bytes, int]]:
    """Each line with its end mark, and where the next one begins."""
    at = start
    while at < end:
        stop = raw.find(b"\n", at, end) + 1 or end
        yield raw[at:stop], stop
        at = stop


def _store(headers: Headers, lines: list[bytes]) -> None:
    if not lines:
        return
    name, _, value = b"".join(lines).partition(b":")
    unfolded = value.replace(b"\r", b"").replace(b"\n", b"")[: headers.limits.header_value].strip()
    known = name.decode("ascii").lower()
    headers.fields.setdefault(known.strip(), []).append(unfolded)
    if (
        headers.sound and known in _TRACE
    ):  # with a blank before its colon no server takes it for one of its own
        headers.trace.append((known, unfolded))


def _is_junk(raw: bytes, line: bytes, after: int, start: int, end: int) -> bool:
    """A line that is no field is skipped when a field or the empty line follows; else the body began unannounced."""
    if after - len(line) == start and _MBOX_FROM.match(line):
        return True
    follows = raw[after : min(after + 300, end)]
    return (
        bool(_FIELD.match(follows))
        or (b":" not in line and follows[:1] in b"\r\n" and len(line) > 2 and after < end)
        or _header_goes_on(raw[after : min(after + 4096, end)])
    )


def _header_goes_on(follows: bytes) -> bool:
    """Some lines down, before any empty line, stands a field that only a header has."""
    block = _EMPTY_LINE.split(follows, maxsplit=1)[0]
    return len(block) < len(follows) and len(_KNOWN_FIELD.findall(block)) >= 2


def _is_badly_folded(lines: list[bytes]) -> bool:
    """A recipient's field that ends inside its brackets goes on in the next line, whatever that begins with.

    Never From: verifiers of signatures do not read on, so neither does who vouches for a sender (T34).
    """
    if not lines or not _RECIPIENTS.match(lines[0]):
        return False
    last = lines[-1].rstrip()
    return last.endswith(b",") or last.rfind(b"<") > last.rfind(b">")


def _skip_to_body(raw: bytes, at: int, end: int) -> int:
    ends = [found + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (found := raw.find(mark, at, end)) >= 0]
    return min(ends) if ends else end
