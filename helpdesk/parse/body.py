"""Which parts are the text a person reads (R25-R29).

multipart/alternative: the plain text unless it is empty or only says "this mail is HTML"; multipart/related:
its root; everything else in order. A part with a file name is an attachment wherever it stands, unless there
is nothing else to read; then come what Outlook wrapped and what a calendar says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from helpdesk.model.mail import Attachment
from helpdesk.parse import charsets, limits, transfer
from helpdesk.parse.armour import without_armour
from helpdesk.parse.attachments import file_name, list_attachments
from helpdesk.parse.clean import clean_line, clean_text
from helpdesk.parse.contents import Opened, open_all
from helpdesk.parse.flowed import unflow
from helpdesk.parse.html import html_to_text
from helpdesk.parse.invitation import invitation_text
from helpdesk.parse.mime import Part

_HTML = frozenset({"text/html", "text/x-html", "application/xhtml+xml", "text/xhtml"})
_RICH = _HTML | {"text/enriched", "text/richtext", "text/x-amp-html"}
_READABLE = _RICH | {
    "text/plain",
    "text",
    "text/markdown",
    "text/x-markdown",
    "text/x-plain",
    "plain/text",
    "text/ascii",
}
_HTML_ONLY = re.compile(
    r"(html|rich)[ -]?(e-?mail|format|capable|compatible|message|version|view)|view (this|the) (e-?mail|message) "
    r"in|does not support html|html (is )?(not )?(supported|enabled)",
    re.IGNORECASE,
)
_META = re.compile(
    rb"(?i)<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})"
)
_META_WITHIN = 4096
_LABELS_THAT_SAY_NOTHING = frozenset(
    {"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "default"}
)
_END_MARK = re.compile(r"^--[^\s-]\S{0,200}--[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class Body:
    """`text` is all readable text; `parts` are the leaves it came from, `attachments` all others."""

    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """One mail being read: what its wrappings hold, and each leaf's text, decoded once."""

    opened: dict[int, Opened]
    texts: dict[int, str] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)

    def text(self, part: Part) -> str:
        if part.index not in self.texts:
            self.texts[part.index] = _text_of(part, self.opened.get(part.index), self.repairs)
        return self.texts[part.index]


def read_body(root: Part) -> Body:
    reader = _Reader(open_all(root))
    body = Body(parts=_choose(root, reader))
    body.text = without_armour(_joined(body.parts, reader))
    if not body.text:
        body.parts, body.text = _last_resort(root, reader, body.parts)
    used = {part.index for part in body.parts if not file_name(part)}
    listed = list_attachments(root, used, _READABLE, reader.opened)
    most = root.headers.limits.attachments
    body.attachments = listed[:most]
    body.repairs = reader.repairs
    if len(listed) > most:
        body.repairs.append(f"{len(listed)} attachments, {most} listed")
    return body


def _joined(parts: list[Part], reader: _Reader) -> str:
    """The texts in order; a second form of the same words, sent beside the first, is left out."""
    if len(parts) == 1:
        text = reader.text(parts[0]).strip("\n")
        return text if text.strip() else ""
    kept: list[str] = []
    squeezed: set[str] = set()
    for part in parts:
        text = reader.text(part).strip("\n")
        words = "".join(text.split())
        if words and not (part.type in _HTML and words in squeezed):
            kept.append(text)
        squeezed.add(words)
    return "\n\n".join(kept)


def _choose(part: Part, reader: _Reader) -> list[Part]:
    """The leaves whose text is read, in reading order."""
    if not part.children:
        inside = reader.opened.get(part.index)
        if inside and inside.mail and inside.replaces:
            return _choose(inside.mail, reader)
        return [part] if _is_text(part) else []
    if part.type == "multipart/alternative":
        return _best_alternative(part, reader)
    if part.type == "multipart/related":
        return _choose(_root_of(part), reader)
    if part.type == "multipart/report":
        return _choose(part.children[0], reader)
    return [leaf for child in part.children for leaf in _choose(child, reader)]


def _is_text(part: Part) -> bool:
    if part.type not in _READABLE:
        return False
    return part.disposition.value != "attachment" and not file_name(part)


def _lies_about_multipart(part: Part) -> bool:
    """Declared multipart, holds no parts: its bytes are all there is to read (R25)."""
    return part.type.startswith("multipart/") and not part.children


def _best_alternative(part: Part, reader: _Reader) -> list[Part]:
    choices = [found for child in part.children if (found := _choose(child, reader))]
    plain = [found for found in choices if all(leaf.type not in _RICH for leaf in found)]
    rich = [found for found in choices if found not in plain]
    for found in plain:
        text = "".join(reader.text(leaf) for leaf in found)
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


def _last_resort(root: Part, reader: _Reader, chosen: list[Part]) -> tuple[list[Part], str]:
    """Nothing to read so far: a named text that is no attachment, what Outlook wrapped, an invitation."""
    for leaf in root.leaves():
        readable = leaf.type in _READABLE or _lies_about_multipart(leaf)
        if readable and leaf.disposition.value != "attachment" and reader.text(leaf).strip():
            return [leaf], reader.text(leaf).strip("\n")
    for leaf in root.leaves():
        inside = reader.opened.get(leaf.index)
        if inside and inside.text.strip():
            html = (
                inside.text.lstrip()[:200].lower().startswith(("<html", "<!doctype", "<body", "<div", "<p"))
            )
            text = html_to_text(inside.text, root.headers.limits) if html else inside.text
            return chosen, clean_text(text).strip("\n")
        if leaf.type in {"text/calendar", "application/ics"}:
            source, _ = charsets.decode(leaf.data(limits.TEXT), leaf.content.get("charset") or None)
            if text := clean_text(invitation_text(source)):
                return chosen, text
    return chosen, ""


def _text_of(part: Part, opened: Opened | None, repairs: list[str]) -> str:
    """Decoded, unflowed, HTML turned into text, cleaned; at most 1 MB."""
    # of HTML one byte more than is laid out, so that it is seen to be too much
    most = part.headers.limits.html + 1 if part.type in _RICH else limits.TEXT
    if opened and opened.rest is not None:
        data = opened.rest[:most]
    else:
        end = min(part.end, part.start + 2 * most)
        data = transfer.decode_text(part.raw[part.start : end], part.encoding)[:most]
    text = _decoded(part, data, repairs)
    if part.type in _RICH or _looks_like_html(part, text):
        return clean_text(html_to_text(text, part.headers.limits))
    text = clean_text(text)
    if part.content.get("format").lower() == "flowed":
        text = unflow(text, delete_space=part.content.get("delsp").lower() == "yes")
    return _END_MARK.sub("", text) if _lies_about_multipart(part) else text


def _decoded(part: Part, data: bytes, repairs: list[str]) -> str:
    declared = clean_line(part.content.get("charset"), 40)
    within = _META.search(data[:_META_WITHIN]) if part.type in _HTML else None
    hint = within[1].decode("ascii") if within else None
    if hint and declared.lower() in _LABELS_THAT_SAY_NOTHING and charsets.codec_for(hint):
        text, repaired = charsets.decode(data, hint, declared or None)
        what = f"in {hint}, as the HTML says"
        repaired = repaired or not data.isascii()
    else:
        text, repaired = charsets.decode(data, declared or None, hint)
        what = f"in {declared}" if declared else "of no declared charset"
    if repaired:
        repairs.append(f"text {what} repaired")
    return text


def _looks_like_html(part: Part, text: str) -> bool:
    head = text[:200].lstrip().lower()
    return part.type == "text/plain" and head.startswith(("<!doctype html", "<html"))
