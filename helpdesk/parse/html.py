"""HTML to readable text. inscriptis does the layout; this file keeps it from harm and marks quotations.

One linear pass reads the tags, counts them, tracks depth and puts marks around what mail programs quote
(blockquote, Gmail's, Outlook's and others' containers), so that quoted lines come out behind `>`.
HTML beyond 1 MB, 5,000 tags or a depth of 100 (or what `limits` says) goes through a plain tag stripper
instead (F4).
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.parse.limits import TAG_LENGTH

_TAG_NAME = re.compile(r"/?[A-Za-z][A-Za-z0-9:-]{0,30}")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_SILENT = frozenset("script style head title template noscript object iframe svg math select".split())
_BLOCK = frozenset(
    "p div br tr table ul ol li h1 h2 h3 h4 h5 h6 blockquote pre section article header footer hr dl dt dd "
    "center form address".split()
)
_LOOSE = frozenset("p li td th tr option dd dt colgroup tbody thead tfoot".split())
_QUOTING = re.compile(
    r"(?:class|id)\s*=\s*[\"']?[^\"'>]{0,80}?(?:gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|"
    r"protonmail_quote|zmail_extra|WordSection_quote|OLK_SRC_BODY_SECTION|tutanota_quote|"
    r"divRplyFwdMsg_quote|gmail_extra_quote|x_gmail_quote|yahoo-quoted|replyTextDiv)",
    re.IGNORECASE,
)
_OPEN, _CLOSE = "\ue0f1", "\ue0f2"
_MARKS = str.maketrans("", "", "\ue0f1\ue0f2")
_STRAY = re.compile("<+")
_LONG_SPACE = re.compile(r"\s{40,}")
_XML = re.compile(r"<\?xml[^>]{0,300}\?>")


@dataclass(slots=True)
class _Scan:
    """What one pass over the tags found: HTML with quotation marks put in, plain pieces, counts."""

    marked: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    stack: list[tuple[str, bool]] = field(default_factory=list)
    silent: str = ""
    tags: int = 0
    deepest: int = 0

    def exceeds(self, limits: MailLimits) -> bool:
        return self.tags > limits.html_tags or self.deepest > limits.html_depth


def html_to_text(source: str, limits: MailLimits = NORMAL) -> str:
    """Readable text; quoted containers come out behind `> `."""
    cut = len(source) > limits.html
    source = source[: limits.html].translate(_MARKS).replace("\x00", "").lstrip()
    if declared := _XML.match(source):  # lxml refuses a str that declares an encoding
        source = source[declared.end() :]
    scan = _scan(source)
    if cut or scan.exceeds(limits):
        return _finish("".join(scan.plain))
    return _finish(_layout("".join(scan.marked)))


def _layout(marked: str) -> str:
    """inscriptis raises on what lxml cannot read as a document; the mail is shown all the same."""
    from inscriptis import get_text
    from inscriptis.model.config import ParserConfig

    try:
        return get_text(marked, ParserConfig(display_links=False, display_images=False))
    except Exception:  # noqa: BLE001  lxml and inscriptis raise many kinds on strange documents
        return "".join(_scan(marked).plain)


def _scan(source: str) -> _Scan:
    scan = _Scan()
    at = 0
    while at < len(source):
        opened = source.find("<", at)
        if opened < 0:
            opened = len(source)
        _take_text(scan, source[at:opened])
        at = _take_tag(scan, source, opened) if opened < len(source) else opened
    for _ in range(sum(quoting for _, quoting in scan.stack)):
        _mark(scan, _CLOSE)
    return scan


def _take_text(scan: _Scan, text: str) -> None:
    """Long runs of white space are cut: inscriptis needs a minute for 256 KB of them (F4)."""
    text = _LONG_SPACE.sub(lambda run: "\n" * min(run[0].count("\n"), 20) or " ", text)
    if text:
        scan.marked.append(text)
        if not scan.silent:
            scan.plain.append(entities.unescape(text.replace("\n", " ").replace("\r", " ")))


def _take_tag(scan: _Scan, source: str, at: int) -> int:
    if source.startswith("<!--", at):
        end = source.find("-->", at + 4)
        return end + 3 if end >= 0 else len(source)
    if source[at + 1 : at + 2] in ("!", "?"):
        end = source.find(">", at)
        return end + 1 if end >= 0 else len(source)
    match = _TAG_NAME.match(source, at + 1)
    if not match:
        stray = _STRAY.match(source, at)
        run = max(1, stray.end() - at - 1) if stray else 1
        _take_text(scan, "&lt;" * run)
        return at + run
    end = source.find(">", at)
    if end < 0:
        return len(source)
    tag = source[at : min(end + 1, at + TAG_LENGTH)]
    _note_tag(scan, match[0].lower(), tag if tag.endswith(">") else f"<{match[0]}>")
    return end + 1


def _note_tag(scan: _Scan, name: str, tag: str) -> None:
    scan.tags += 1
    closing = name.startswith("/")
    name = name.lstrip("/")
    if scan.silent:
        if closing and name == scan.silent:
            scan.silent = ""
        scan.marked.append(tag)
        return
    if name in _BLOCK:
        scan.plain.append("\n")
    elif name in {"td", "th"}:
        scan.plain.append(" ")
    if closing:
        _close(scan, name, tag)
    else:
        _open(scan, name, tag)


def _open(scan: _Scan, name: str, tag: str) -> None:
    scan.marked.append(tag)
    if name in _SILENT and not tag.endswith("/>"):
        scan.silent = name
        return
    if name in _VOID or tag.endswith("/>"):
        return
    quoting = name == "blockquote" or (name in {"div", "span", "td"} and bool(_QUOTING.search(tag)))
    if name not in _LOOSE:
        scan.stack.append((name, quoting))
        scan.deepest = max(scan.deepest, len(scan.stack))
    if quoting:
        _mark(scan, _OPEN)


def _close(scan: _Scan, name: str, tag: str) -> None:
    """Close up to the matching open tag; a stray end tag closes nothing. Looks back a few tags only."""
    for back in range(1, min(len(scan.stack), 12) + 1):
        if scan.stack[-back][0] == name:
            for _ in range(back):
                if scan.stack.pop()[1]:
                    _mark(scan, _CLOSE)
            break
    scan.marked.append(tag)


def _mark(scan: _Scan, mark: str) -> None:
    scan.marked.append(f"<div>{mark}</div>")
    scan.plain.append(f"\n{mark}\n")


def _finish(text: str) -> str:
    """Turn marks into `>` and trim what layout adds: runs of space, more than one empty line."""
    lines: list[str] = []
    depth = 0
    for line in text.split("\n"):
        if _OPEN in line or _CLOSE in line:
            depth = max(0, depth + line.count(_OPEN) - line.count(_CLOSE))
            line = line.translate(_MARKS)
            if not line.strip():
                continue
        line = line.replace("\u00a0", " ").rstrip()
        line = line.lstrip() if depth else line
        if depth:
            line = ">" * min(depth, 20) + (" " + line if line else "")
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n")
