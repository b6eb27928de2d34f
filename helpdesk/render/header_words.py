"""Header fields written by hand, byte by byte.

The standard library may not do this: it lets a stranger's doubly encoded subject start a header of
its own (F1), and it encodes long message ids, which Outlook then drops (F2). Here every text is either
plain ASCII that cannot be mistaken for an encoded-word, or base64 encoded-words; every line ends in
CRLF and is at most 76 characters long unless a single id is longer.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import quote

from helpdesk.model.people import Address
from helpdesk.render import cleaning

_FOLD = "\r\n "
_WORD_BYTES = 39  # 52 in base64: "Reply-To: =?utf-8?b?...?=" is 74 of the 76 characters allowed (RFC 2047 2)
_PLAIN_LENGTH = 60
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_QUOTABLE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ .,()-]+")
_ID = re.compile(r"[!-;=?-~]{1,500}")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+|\"(?:[^\"\\\x00-\x1f\x7f-\uffff]|\\[ -~])*\"")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL = 64
_MOST_IDS = 20
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._ ()-]{0,58}")
_SEGMENT = 50


class BadAddressError(ValueError):
    """An address that mail cannot be sent to; the message says why."""


def text(words: str) -> str:
    """The value of an unstructured field such as Subject: folded at spaces, or encoded-words."""
    words = cleaning.line(words)
    each = words.split(" ")
    if words.isascii() and "=?" not in words and max(map(len, each)) <= _PLAIN_LENGTH:
        return _folded(each)
    return _encoded(words)


def mailbox(name: str, address: str) -> str:
    """`Name <address>`; the address must be ASCII already."""
    phrase = _phrase(cleaning.line(name, 120))
    return (
        f"{phrase}{_FOLD if len(phrase) > _PLAIN_LENGTH // 2 else ' '}<{address}>"
        if phrase
        else f"<{address}>"
    )


def mailboxes(addresses: Iterable[str]) -> str:
    """Bare addresses, each on a line of its own; they must be ASCII already."""
    return f",{_FOLD}".join(mailbox("", address) for address in addresses)


def ascii_address(address: Address) -> str:
    """The address as it goes into headers and envelope: a non-ASCII domain becomes its IDNA form (R72).

    Raises BadAddressError for a non-ASCII local part, which needs SMTPUTF8 on the whole way, and for
    whatever is no address.
    """
    local, _, domain = address.address.rpartition("@")
    if not local.isascii():
        raise BadAddressError(
            f"{address.address!r} has letters outside ASCII before the @; mail servers on the way need not accept "
            "that (RFC 6531), and there is no other way to write it"
        )
    written = f"{local}@{_idna(domain, address.address)}"
    fits = len(local) <= _LONGEST_LOCAL and len(written) <= _LONGEST_ADDRESS
    if not (fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(written.rpartition("@")[2])):
        raise BadAddressError(f"{address.address!r} is not an address that mail can be sent to")
    return written


def ids(message_ids: Iterable[str]) -> str:
    """`<id>` fields, verbatim (F2): the first and the last nineteen, each on a line of its own (R32)."""
    good = list(dict.fromkeys(i for i in message_ids if _ID.fullmatch(i)))
    kept = good if len(good) <= _MOST_IDS else [good[0], *good[1 - _MOST_IDS :]]
    return _FOLD.join(f"<{i}>" for i in kept)


def file_name(name: str, how: str = "attachment") -> str:
    """`attachment` or `inline` with its file name: plain, or in RFC 2231 segments; never a path (R28, T17).

    Without quotes at its ends, which some readers take for their own to remove.
    """
    last = re.split(r"[/\\]", cleaning.line(name, 400))[-1].strip(' ."<>') or "attachment"
    last = last if len(last) <= 120 else f"{last[:90]}…{last[-25:]}"
    if _FILE_NAME.fullmatch(last):
        return f'{how};{_FOLD}filename="{last}"'
    coded = "utf-8''" + quote(last.encode(), safe="")
    pieces = _segments(coded)
    return how + "".join(f";{_FOLD}filename*{n}*={piece}" for n, piece in enumerate(pieces))


def _phrase(name: str) -> str:
    """A display name: atoms, a quoted string, or encoded-words (which may not stand in quotes, RFC 2047 5)."""
    if not name or (len(name) <= _PLAIN_LENGTH and "=?" not in name and _ATOMS.fullmatch(name)):
        return name
    if len(name) <= _PLAIN_LENGTH and "=?" not in name and _QUOTABLE.fullmatch(name):
        return f'"{name}"'
    return _encoded(name)


def _folded(words: Iterable[str]) -> str:
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > _PLAIN_LENGTH:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".lstrip()
    return _FOLD.join(lines)


def _encoded(words: str) -> str:
    """Base64 encoded-words, split between characters only (RFC 2047 5)."""
    chunks: list[bytes] = [b""]
    for character in words:
        coded = character.encode()
        if len(chunks[-1]) + len(coded) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += coded
    return _FOLD.join(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=" for chunk in chunks)


def _idna(domain: str, whole: str) -> str:
    """RFC 3490. A domain that does not come back the same (such as `straße`) is refused: it names another host."""
    if domain.isascii():
        return domain.lower()
    try:
        coded = domain.lower()[:_LONGEST_ADDRESS].encode("idna")
        back = coded.decode("idna")
    except UnicodeError:
        raise BadAddressError(f"{whole!r}: {domain!r} is not a domain") from None
    if back != domain.lower():
        raise BadAddressError(
            f"{whole!r}: the domain reads {back!r} in the form that mail uses; write that if meant"
        )
    return coded.decode("ascii").lower()


def _segments(coded: str) -> list[str]:
    """Pieces of at most 50 characters, none of which splits a %XX."""
    pieces = []
    while coded:
        cut = _SEGMENT
        while cut < len(coded) and "%" in coded[cut - 2 : cut]:
            cut -= 1
        pieces.append(coded[:cut])
        coded = coded[cut:]
    return pieces
