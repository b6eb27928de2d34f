"""Attachments by their true names: of the mail, of what Outlook and uuencode wrapped, of mails inside it (R28, R29)."""

from __future__ import annotations

import re

from helpdesk.model.mail import Attachment
from helpdesk.parse import limits
from helpdesk.parse.clean import clean_line
from helpdesk.parse.contents import Opened
from helpdesk.parse.mime import Part
from helpdesk.parse.words import decode_words

_FORBIDDEN = re.compile(r'[/\\:*?"<>|]+')
_OWN_DISK = re.compile(r"\A(?:[A-Za-z]:[/\\]|/|\\\\)(?:.*[/\\])?(?=[^/\\])")


def file_name(part: Part) -> str | None:
    """The sender's hint at a name: never a path, never a control character (R28, T17).

    Of an absolute path only the end is the name: the rest is the sender's disk.
    """
    kinds = part.content
    hint = part.disposition.get("filename") or kinds.get("name") or part.disposition.get("name")
    hint = hint or kinds.get("filename") or kinds.get("file")
    name = _OWN_DISK.sub("", clean_line(decode_words(hint), limits.NAME))
    name = _FORBIDDEN.sub("_", name).strip()
    return name if name.strip("._ ") else ("_" if name else None)


def list_attachments(
    root: Part, used: set[int], readable: frozenset[str], opened: dict[int, Opened]
) -> list[Attachment]:
    """All leaves that are not the text, wrappings replaced by what is in them. `used`: leaves whose text is read."""
    found: list[Attachment] = []
    for leaf in root.leaves():
        found += _of_leaf(leaf, root, used, readable, opened)
    return found


def _of_leaf(
    leaf: Part, root: Part, used: set[int], readable: frozenset[str], opened: dict[int, Opened]
) -> list[Attachment]:
    inside = opened.get(leaf.index)
    found: list[Attachment] = []
    if _worth_keeping(leaf, root, used, readable) and not (inside and inside.replaces):
        found.append(_attachment(leaf))
    if inside:
        found += [_attachment(part) for part in inside.files]
        if inside.mail:
            for inner in inside.mail.leaves():
                listed = _of_leaf(inner, inside.mail, used, readable, opened)
                found += listed if inside.replaces else [a for a in listed if a.name]
    return found


def _worth_keeping(leaf: Part, root: Part, used: set[int], readable: frozenset[str]) -> bool:
    """The other form of the same text is no attachment, an empty nameless text neither."""
    if leaf.index in used:
        return False
    if file_name(leaf) or leaf.disposition.value == "attachment":
        return True
    if leaf.type in readable or (leaf is root and leaf.type.startswith("multipart/")):
        return False
    return leaf.start < leaf.end


def _attachment(leaf: Part) -> Attachment:
    inline = leaf.disposition.value == "inline" or (
        leaf.disposition.value != "attachment" and "content-id" in leaf.headers
    )
    kind = clean_line(leaf.type, 100)
    return Attachment(file_name(leaf), kind, leaf.size(), inline, leaf.index)
