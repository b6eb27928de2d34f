"""What lies inside a part that is a wrapping: TNEF, uuencoded files, opaque S/MIME, a mail in a mail (R25, R29).

Inner parts get the numbers after those of the mail itself, in reading order, so that an attachment is found
again by its number alone. Depth and number are bounded; nothing is decompressed.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field

from helpdesk.parse.headers import Headers
from helpdesk.parse.mime import Part, embedded, read_tree
from helpdesk.parse.opaque import signed_content
from helpdesk.parse.params import Parameters
from helpdesk.parse.tnef import TnefFile, read_tnef
from helpdesk.parse.uuencode import find_files, without_files

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_REPORTS = frozenset({"multipart/report", "multipart/digest"})
_MOST_INNER = 4
_MOST_OPENED = 25 * 1024 * 1024


@dataclass(slots=True)
class Opened:
    """`files` are parts that stand for the wrapping, `mail` is a whole mail in it, `rest` a text without its files."""

    files: list[Part] = field(default_factory=list)
    mail: Part | None = None
    rest: bytes | None = None
    text: str = ""
    replaces: bool = True  # the wrapping itself is then no attachment


def open_all(root: Part) -> dict[int, Opened]:
    """Open every leaf that is a wrapping: leaf number to what is in it. Numbers all inner leaves."""
    leaves = list(root.leaves())
    found: dict[int, Opened] = {}
    _open(root, leaves, found, [len(leaves)], _MOST_INNER)
    return found


def all_leaves(root: Part) -> list[Part]:
    """Every leaf with a number, inner ones too."""
    found = open_all(root)
    inner = [part for opened in found.values() for part in opened.files]
    inner += [leaf for opened in found.values() if opened.mail for leaf in opened.mail.leaves()]
    return [*root.leaves(), *inner]


def _open(root: Part, leaves: list[Part], found: dict[int, Opened], numbers: list[int], depth: int) -> None:
    for leaf in leaves:
        if leaf.end - leaf.start > _MOST_OPENED or numbers[0] > root.headers.limits.mime_parts * 2:
            continue
        if not (opened := _open_leaf(leaf, root)):
            continue
        found[leaf.index] = opened
        inner = opened.files or (list(opened.mail.leaves()) if opened.mail else [])
        for part in inner:
            part.index = numbers[0]
            numbers[0] += 1
        if opened.mail and depth > 1:
            _open(opened.mail, inner, found, numbers, depth - 1)


def _open_leaf(leaf: Part, root: Part) -> Opened | None:
    name = (leaf.content.get("name") or leaf.disposition.get("filename")).lower()
    if leaf.type in _TNEF or name == "winmail.dat":
        return _open_tnef(leaf)
    if leaf.type in _OPAQUE or name == "smime.p7m":
        content = signed_content(leaf.data())
        return Opened(mail=read_tree(content, leaf.headers.limits)) if content else None
    if leaf.type in {"message/rfc822", "message/global"} and root.type not in _REPORTS:
        return Opened(mail=embedded(leaf), replaces=False)
    if leaf.type in {"text/plain", "text"}:
        return _open_text(leaf)
    return None


def _open_tnef(leaf: Part) -> Opened | None:
    data = leaf.data()
    tnef = read_tnef(data, leaf.headers.limits)
    if tnef is None:
        return None
    text = tnef.text or tnef.html
    files = [_tnef_part(data, file) for file in tnef.files if file.end]
    return Opened(files=files, text=text, replaces=bool(files or text))


def _tnef_part(data: bytes, file: TnefFile) -> Part:
    kind = file.type.lower() or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    headers = Headers({"content-id": [file.content_id.encode()]} if file.content_id else {})
    disposition = Parameters("" if file.content_id else "attachment", {"filename": file.name})
    return Part(headers, data, file.start, file.end, Parameters(kind), disposition)


def _open_text(leaf: Part) -> Opened | None:
    if leaf.encoding in {"", "7bit", "8bit", "binary"} and leaf.raw.find(b"begin ", leaf.start, leaf.end) < 0:
        return None
    data = leaf.data()
    if b"begin " not in data or not (blocks := find_files(data)):
        return None
    files: list[Part] = []
    for block in blocks:
        name = block.name.decode("utf-8", "replace")
        headers = Headers({"content-transfer-encoding": [b"uuencode"]})
        kind = Parameters(mimetypes.guess_type(name)[0] or "application/octet-stream")
        files.append(
            Part(headers, data, block.start, block.end, kind, Parameters("attachment", {"filename": name}))
        )
    return Opened(files=files, rest=without_files(data, blocks), replaces=False)
