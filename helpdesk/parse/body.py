"""Which parts are the text a person reads, and which are attachments (R25-R29).

multipart/alternative: the plain text unless it is empty or only says "this mail is HTML"; multipart/related:
its root; everything else in order. A part with a file name is an attachment wherever it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.model.mail import Attachment
from helpdesk.parse import charsets, limits
from helpdesk.parse.clean import clean_line, clean_text
from helpdesk.parse.flowed import unflow
from helpdesk.parse.html import html_to_text
from helpdesk.parse.mime import Part
from helpdesk.parse.words import decode_words

_READABLE = frozenset(
    {"text/plain", "text/html", "text/enriched", "text/richtext", "text", "text/x-amp-html"}
)
_HTML_ONLY = re.compile(
    r"(html|rich)[ -]?(e-?mail|format|capable|compatible|message|version|view)|view (this|the) (e-?mail|message) "
    r"in|does not support html|html (is )?(not )?(supported|enabled)",
    re.IGNORECASE,
)
_PATH = re.compile(r'[/\\:*?"<>|]+')


@dataclass(slots=True)
class Body:
    """`text` is all readable text; `parts` are the leaves it came from, `attachments` all others."""

    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)


def read_body(root: Part) -> Body:
    body = Body()
    chosen = _choose(root, body)
    body.parts = chosen
    texts = [text for part in chosen if (text := _text_of(part, body.repairs).strip("\n")).strip()]
    body.text = "\n\n".join(texts)
    used = {part.index for part in chosen}
    others = [leaf for leaf in root.leaves() if leaf.index not in used and _worth_keeping(leaf, root)]
    body.attachments = [_attachment(leaf) for leaf in others[: limits.ATTACHMENTS]]
    if len(others) > limits.ATTACHMENTS:
        body.repairs.append(f"{len(others)} attachments, {limits.ATTACHMENTS} listed")
    return body


def file_name(part: Part) -> str | None:
    """The sender's hint at a name: never a path, never a control character (R28, T17)."""
    hint = part.disposition.get("filename") or part.content.get("name")
    name = _PATH.sub("_", clean_line(decode_words(hint), limits.NAME)).strip()
    return name if name.strip("._ ") else ("_" if name else None)


def _choose(part: Part, body: Body) -> list[Part]:
    """The leaves whose text is read, in reading order."""
    if not part.children:
        return [part] if _is_text(part) else []
    if part.type == "multipart/alternative":
        return _best_alternative(part, body)
    if part.type == "multipart/related":
        return _choose(_root_of(part), body)
    if part.type == "multipart/report":
        return _choose(part.children[0], body)
    return [leaf for child in part.children for leaf in _choose(child, body)]


def _is_text(part: Part) -> bool:
    if part.type not in _READABLE and not _lies_about_multipart(part):
        return False
    return part.disposition.value != "attachment" and not file_name(part)


def _lies_about_multipart(part: Part) -> bool:
    """Declared multipart, holds no parts: its bytes are all there is to read (R25)."""
    return part.type.startswith("multipart/") and not part.children


def _best_alternative(part: Part, body: Body) -> list[Part]:
    choices = [found for child in part.children if (found := _choose(child, body))]
    plain = [found for found in choices if all(leaf.type != "text/html" for leaf in found)]
    rich = [found for found in choices if found not in plain]
    for found in plain:
        text = "".join(_text_of(leaf, []) for leaf in found)
        if text.strip() and not (rich and _only_points_to_html(text)):
            return found
    return (rich or plain or [[]])[-1 if rich else 0]


def _only_points_to_html(text: str) -> bool:
    return len(text) < 300 and bool(_HTML_ONLY.search(text))


def _root_of(part: Part) -> Part:
    start = part.content.get("start").strip("<> ")
    for child in part.children:
        if start and child.headers.text("content-id").strip("<> ") == start:
            return child
    return next((c for c in part.children if c.children or _is_text(c)), part.children[0])


def _text_of(part: Part, repairs: list[str]) -> str:
    """Decoded, unflowed, HTML turned into text, cleaned; at most 1 MB."""
    data = part.data(2 * limits.TEXT)[: limits.TEXT]
    text, repaired = charsets.decode(data, part.content.get("charset") or None)
    if repaired:
        repairs.append(f"text in {clean_line(part.content.get('charset'), 40)} repaired")
    if part.type in {"text/html", "text/enriched", "text/richtext"} or _looks_like_html(part, text):
        return clean_text(html_to_text(text))
    text = clean_text(text)
    if part.content.get("format").lower() == "flowed":
        text = unflow(text, delete_space=part.content.get("delsp").lower() == "yes")
    return text


def _looks_like_html(part: Part, text: str) -> bool:
    head = text[:200].lstrip().lower()
    return part.type == "text/plain" and head.startswith(("<!doctype html", "<html"))


def _worth_keeping(leaf: Part, root: Part) -> bool:
    """The other form of the same text is no attachment, an empty nameless text neither."""
    if file_name(leaf) or leaf.disposition.value == "attachment":
        return True
    if leaf is root or leaf.type in _READABLE:
        return False
    return leaf.start < leaf.end


def _attachment(leaf: Part) -> Attachment:
    inline = leaf.disposition.value == "inline" or (
        leaf.disposition.value != "attachment" and "content-id" in leaf.headers
    )
    kind = clean_line(leaf.type, 100)
    return Attachment(file_name(leaf), kind, leaf.size(), inline, leaf.index)
