"""Reads `<path> parameters` as MAIL and RCPT give them; total, linear, our own (F5i: the library's raises).

A path that does not follow the grammar is answered with BadPath, never with a guess (R30).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

# R7: RFC 5321 section 4.5.3.1 asks for at least 64, 255 and 256; variable return paths need more.
MAX_LOCAL_PART = 256
MAX_DOMAIN = 255

_UNFIT = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010FFFF]"
_QUOTED = r'"(?:[ !#-\[\]-~\u0080-\U0010FFFF]|\\[ -~])*"'
_LABEL = r"[A-Za-z0-9_\-\u0080-\U0010FFFF]+"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
# Real senders have `a..b@` and `a.@` (docomo), so dots stand anywhere in a local part.
_MAILBOX = re.compile(rf"({_QUOTED}|(?:{_ATOM}|\.)+)(?:@({_DOMAIN}|\[[!-Z^-~]*\]))?")
_ROUTE = re.compile(rf"@{_DOMAIN}(?:,@{_DOMAIN})*:")
_PLAIN = re.compile(rf"(?:{_ATOM}|\.)+")
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9\-]*)(?:=([!-<>-~\u0080-\U0010FFFF]+))?")


class BadPath(Exception):
    """The address breaks the grammar of RFC 5321 section 4.1.2."""


class BadBytes(Exception):
    """The address is not valid UTF-8 (R11)."""


class BadParameters(Exception):
    """What follows the address is no list of parameters."""


@dataclass(frozen=True, slots=True)
class Path:
    """`address` is NFC text, '' for the null path; `raw` is what stood between the angle brackets, less a route.

    `routed`: it was given as a source route, `<@relay:user@domain>`.
    """

    address: str
    raw: bytes
    routed: bool = False

    @property
    def is_ascii(self) -> bool:
        return self.raw.isascii()


@dataclass(frozen=True, slots=True)
class Argument:
    """`parameters` maps upper-case names to values, '' for a parameter without one."""

    path: Path
    parameters: dict[str, str] = field(default_factory=dict)


def read_argument(keyword: bytes, argument: bytes) -> Argument | None:
    """Read what follows `MAIL` or `RCPT`; None when it does not begin with the keyword and a path.

    Raises BadPath, BadBytes or BadParameters.
    """
    if argument[: len(keyword)].upper() != keyword:
        return None
    rest = argument[len(keyword) :].lstrip(b" \t")
    if not rest:
        return None
    inside, behind = _split_path(rest)
    return Argument(read_path(inside), _read_parameters(behind))


def read_path(inside: bytes) -> Path:
    """Read the text between the angle brackets."""
    try:
        text = inside.decode("utf-8")
    except UnicodeDecodeError:
        raise BadBytes from None
    route = _ROUTE.match(text)
    mailbox = text[route.end() :] if route else text
    if not mailbox and not route:
        return Path("", b"")
    return Path(_canonical(mailbox), mailbox.encode(), routed=bool(route))


def _split_path(rest: bytes) -> tuple[bytes, bytes]:
    if not rest.startswith(b"<"):
        bare, _, behind = rest.partition(b" ")
        return bare, behind
    quoted = escaped = False
    for at, byte in enumerate(rest[1:], 1):
        if escaped:
            escaped = False
        elif quoted and byte == 0x5C:
            escaped = True
        elif byte == 0x22:
            quoted = not quoted
        elif byte == 0x3E and not quoted:
            return rest[1:at], rest[at + 1 :]
    raise BadPath


def _canonical(mailbox: str) -> str:
    match = _MAILBOX.fullmatch(mailbox)
    if match is None:
        raise BadPath
    local, domain = match[1], match[2] or ""
    if len(local.encode()) > MAX_LOCAL_PART or len(domain.encode()) > MAX_DOMAIN:
        raise BadPath
    # C1 controls and the like have no place in an address, whatever RFC 6531 lets through (T16).
    if any(unicodedata.category(letter) in _UNFIT and letter not in _JOINERS for letter in mailbox):
        raise BadPath
    where = f"@{domain.lower()}" if domain else ""
    canonical = unicodedata.normalize("NFC", _unquoted(local) + where)
    if canonical.isascii() and not mailbox.isascii():
        raise BadPath  # T33: a letter like the Kelvin sign, that would turn into another address
    return canonical


def _unquoted(local: str) -> str:
    """RFC 5321 section 4.1.2: `"joe"@x` and `joe@x` are the same mailbox; quotes stay where they matter."""
    if not local.startswith('"'):
        return local
    inner = re.sub(r"\\(.)", r"\1", local[1:-1])
    return inner if _PLAIN.fullmatch(inner) else local


def _read_parameters(behind: bytes) -> dict[str, str]:
    try:
        text = behind.decode("utf-8")
    except UnicodeDecodeError:
        raise BadParameters from None
    if text and not text.startswith(" "):
        raise BadParameters
    found: dict[str, str] = {}
    for word in text.split(" "):
        if not word:
            continue
        match = _PARAMETER.fullmatch(word)
        if match is None or match[1].upper() in found:
            raise BadParameters
        found[match[1].upper()] = match[2] or ""
    return found
