"""Address headers, read by our own scanner: parseaddr takes the wrong address for the right one (T34).

Liberal about what it shows, strict about what it vouches for: `defect` is set for anything that is not
plainly one mailbox after another, and such a header proves no identity (R20, R30). Linear, never raises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.model.people import Address
from helpdesk.parse.clean import clean_line, nfc
from helpdesk.parse.limits import NAME
from helpdesk.parse.words import decode_words

_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f-\x9f]{1,128}")
_DOMAIN = re.compile(r"[^\W_](?:[\w-]|\.(?=[\w])){0,253}|\[[0-9A-Za-z.:]{2,60}\]")
_EMBEDDED = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[\w.-]{1,253}")
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_UNSAFE = re.compile("[\\s\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class AddressList:
    """`defect`: something here is not as RFC 5322 writes it; nobody's identity hangs on it."""

    addresses: tuple[Address, ...] = ()
    defect: bool = False


@dataclass(slots=True)
class _Box:
    """One mailbox being read: words outside <>, what stood inside <>, comments."""

    words: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    defect: bool = False
    ends_with_comma: bool = False

    def empty(self) -> bool:
        return not (self.angles or "".join(self.words).strip())


def read_addresses(text: str, limits: MailLimits = NORMAL) -> AddressList:
    """Read a From, To, Cc or Reply-To value; encoded words are decoded in names only (R22)."""
    text = text[: limits.header_value]
    read = _read(text, limits.addresses)
    if "=?" in text and not any(a.address for a in read.addresses):
        decoded = _read(decode_words(text), limits.addresses)  # address and all inside the encoded word
        if any(a.address for a in decoded.addresses):
            return AddressList(decoded.addresses, True)
    return read


def _read(text: str, most: int) -> AddressList:
    found: list[Address] = []
    defect = False
    for box in _joined_names(_boxes(text)):
        if len(found) >= most:
            return AddressList(tuple(found), True)
        if box.empty():
            continue
        address, sound = _mailbox(box)
        defect = defect or not sound
        if address:
            found.append(address)
    return AddressList(tuple(found), defect)


def _boxes(text: str) -> list[_Box]:
    boxes = [_Box()]
    at = 0
    never_closed = ""  # looked for once to the end, so that a field of these stays linear (T15)
    while at < len(text):
        box = boxes[-1]
        character = text[at]
        if character in never_closed:
            box.defect = True
            at += 1
        elif character in '"(':
            end = _take_quoted(text, at, box) if character == '"' else _take_comment(text, at, box)
            never_closed += "" if end else character
            at = end or at
        elif character == "<":
            at = _take_angle(text, at, box)
        elif character in ",;":
            box.ends_with_comma = character == ","
            boxes.append(_Box())
            at += 1
        elif character == ":" and not box.angles and "@" not in "".join(box.bare):
            boxes[-1] = _Box(defect=text.find(";", at) < 0)  # a group's name
            at += 1
        else:
            at = _take_plain(text, at, box)
    return boxes


def _joined_names(boxes: list[_Box]) -> list[_Box]:
    """`Smith, Anne <anne@customer.example>` without quotes is one person, vouched for by nobody."""
    for box, after in pairwise(boxes):
        name = "".join(box.words).strip()
        only_name = box.ends_with_comma and name and not box.angles and not box.comments and "@" not in name
        if only_name and after.angles and "".join(after.words).strip() and "@" in after.angles[0]:
            after.words.insert(0, f"{name}, ")
            after.defect = True
            box.words.clear()
            box.bare.clear()
    return boxes


_PLAIN = re.compile(r"[^\"(<,;:]+|[:]")


def _take_plain(text: str, at: int, box: _Box) -> int:
    match = _PLAIN.match(text, at)
    end = match.end() if match else at + 1
    box.words.append(text[at:end])
    box.bare.append(text[at:end])
    return end


def _take_quoted(text: str, at: int, box: _Box) -> int:
    """Return where the quoted string ends, 0 if it never does."""
    end = at + 1
    content: list[str] = []
    while end < len(text) and text[end] != '"':
        end += text[end] == "\\"
        content.append(text[end : end + 1])
        end += 1
    if end >= len(text):
        return 0  # never closed: it was no quote
    box.words.append("".join(content))
    if text[end + 1 : end + 2] == "@":  # a quoted local part
        box.bare.append(text[at : end + 1])
    return end + 1


def _take_comment(text: str, at: int, box: _Box) -> int:
    """Return where the comment ends, 0 if it never does."""
    depth, end = 1, at + 1
    while end < len(text) and depth:
        if text[end] == "\\":
            end += 1
        elif text[end] in "()":
            depth += 1 if text[end] == "(" else -1
        end += 1
    if depth:
        return 0
    box.comments.append(text[at + 1 : end - 1])
    return end


def _take_angle(text: str, at: int, box: _Box) -> int:
    end, quoted = at + 1, False
    while end < len(text) and (quoted or text[end] != ">"):
        if text[end] == '"':
            quoted = not quoted
        elif text[end] == "<" and not quoted:  # `Name < <a@b>`: the inner one counts
            box.defect = True
            at = end
        end += 1
    if end >= len(text):
        box.defect = True
    inside = text[at + 1 : end].strip()
    if "(" in inside and '"' not in inside:
        inside, box.defect = _COMMENT.sub("", inside), True
    box.angles.append(inside)
    return end + 1


def _mailbox(box: _Box) -> tuple[Address | None, bool]:
    bare = "".join(box.bare)
    phrase = "".join(box.words) if box.angles else ""
    written = box.angles[0] if box.angles else bare.strip()
    sound = not box.defect and len(box.angles) <= 1
    if ">" in bare or any("@" in comment for comment in box.comments):
        sound = False  # other readers may take another address for the writer's (T34)
    if box.angles and "@" in bare and bare.strip().strip("'").lower() != written.lower():
        sound = False  # an address outside the brackets that is not the one inside (T34)
    address, well_formed = _address(written)
    if not address and not box.angles and " " in written:
        phrase, address = _name_before_address(bare, "".join(box.words))
    name = _name(phrase) or (_name(box.comments[0]) if box.comments and not box.angles else "")
    if not address and not name:
        return None, False
    return Address(name, address), sound and well_formed


def _name_before_address(bare: str, words: str) -> tuple[str, str]:
    """`Anne Smith anne@customer.example`: shown, but never vouched for."""
    match = _EMBEDDED.search(bare)
    if not match:
        return words, ""
    return bare[: match.start()], _address(match[0])[0]


def _address(written: str) -> tuple[str, bool]:
    """Return the address with its domain in lower case, and whether it is plainly an address."""
    plain = not written.startswith("@") and not written.lower().startswith("mailto:")
    local, at, domain = written.removeprefix("mailto:").rpartition("@")
    if not at:
        return "", False
    plain = plain and not domain.endswith(".")
    domain = domain.rstrip(".")
    if local.startswith("@") and ":" in local:  # a source route (RFC 5321 appendix C)
        local = local.rsplit(":", 1)[1]
    sound = plain and bool(_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)) and ".." not in local
    sound = sound and not local.startswith(".") and not local.endswith(".")
    whole = nfc(f"{local}@{domain.lower()}")
    address = _UNSAFE.sub("", whole)
    return (address, sound and address == whole and len(address) <= 320) if local and domain else ("", False)


def _name(phrase: str) -> str:
    return clean_line(decode_words(phrase), NAME).strip(" '\"")
