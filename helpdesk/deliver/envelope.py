"""Addresses and bytes as they go over the wire.

Promises: no address can add a word to a command (T8), no body can end DATA early (T9), a domain outside
ASCII travels as its A-label, and a local part outside ASCII only by SMTPUTF8 (R72).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f<>\ud800-\udfff]")
_HEADERS_END = re.compile(rb"\r?\n\r?\n")
# IDNA 2003, which Python knows, maps these to other letters: the mail would go to another domain.
_DEVIATIONS = frozenset("\u00df\u03c2\u200c\u200d")


@dataclass(frozen=True, slots=True)
class Path:
    """An address ready for MAIL or RCPT, without its brackets."""

    text: str

    @property
    def needs_utf8(self) -> bool:
        return not self.text.isascii()

    @property
    def wire(self) -> bytes:
        return b"<" + self.text.encode("utf-8") + b">"


def path(address: str) -> Path | None:
    """The envelope form of `address` ('' is the null path); None when there is none."""
    if not address:
        return Path("")
    local, at, domain = address.rpartition("@")
    if not (at and local and domain) or _FORBIDDEN.search(address):
        return None
    if domain.isascii():
        return Path(address)
    return _with_a_label(local, domain)


def recipient_path(address: str) -> Path | None:
    """As `path`, for a recipient: never the null path."""
    return path(address) if address else None


def _with_a_label(local: str, domain: str) -> Path | None:
    if not local.isascii() or _DEVIATIONS & set(domain.lower()):
        return Path(f"{local}@{domain}")
    try:
        return Path(f"{local}@{domain.encode('idna').decode('ascii')}")
    except UnicodeError:
        return None


def headers_need_utf8(raw: bytes) -> bool:
    """RFC 6532 headers may travel only where SMTPUTF8 is spoken (R72)."""
    end = _HEADERS_END.search(raw)
    return not raw[: end.start() if end else None].isascii()


def dotted(raw: bytes) -> bytes:
    """The letter as DATA wants it, without the final dot: only CRLF line ends, leading dots doubled (T9)."""
    # no regular expression where none is needed: on a letter of 30 MB it takes twice that (T13)
    crlf = raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    lines = raw if crlf else _LINE_END.sub(b"\r\n", raw)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    lines = lines.replace(b"\r\n.", b"\r\n..")
    return b"." + lines if lines.startswith(b".") else lines
