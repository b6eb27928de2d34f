"""The parts of a mail: a bounded tree over the raw bytes, cut at boundary lines (R25, T13, F3).

Nothing is copied or decoded here. At most 300 parts, 20 deep (or what `limits` says): what is beyond stays one
opaque part, so no mail can make this slow. Parts know their place in a depth-first walk of the leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.parse import transfer
from helpdesk.parse.headers import Headers, read_headers
from helpdesk.parse.params import Parameters

_DELIMITER = re.compile(
    rb"(?im)^--([^\s-][^\r\n]{0,200})\r?\ncontent-(?:type|transfer-encoding|disposition)[ \t]{0,9}:"
)
_AFTER_MARK = frozenset({b"", b"\r", b"\n", b" ", b"\t", b"-", b"\x0b", b"\x0c"})
_TYPE = re.compile(r"[a-z][a-z0-9!#$&^_.+-]{0,60} ?/ ?[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_UNDECLARED = re.compile(
    rb"(?i)\s{0,20}(?:this is a multi-?part[^\r\n]{0,80}\s{1,20})?"
    rb"--([^\s-][^\r\n]{0,200})\r?\ncontent-(?:type|transfer-encoding)[ \t]{0,9}:"
)


@dataclass(slots=True)
class Part:
    """`raw[start:end]` is its encoded body. `index` counts leaves depth first, -1 for containers."""

    headers: Headers
    raw: bytes
    start: int
    end: int
    content: Parameters
    disposition: Parameters
    children: list[Part] = field(default_factory=list)
    index: int = -1

    @property
    def type(self) -> str:
        return self.content.value

    @property
    def encoding(self) -> str:
        return transfer.coding(self.headers.text("content-transfer-encoding"))

    def size(self) -> int:
        return transfer.decoded_size(self.raw, self.start, self.end, self.encoding)

    def data(self, limit: int | None = None) -> bytes:
        """The decoded bytes, of at most `limit` encoded ones."""
        end = self.end if limit is None else min(self.end, self.start + limit)
        return transfer.decode(self.raw[self.start : end], self.encoding)

    def leaves(self) -> Iterator[Part]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(slots=True)
class _Budget:
    limits: MailLimits
    parts: int
    exceeded: bool = False


def read_tree(raw: bytes, limits: MailLimits = NORMAL) -> Part:
    """Read a whole mail; `headers.repairs` of the root says what was cut."""
    budget = _Budget(limits, limits.mime_parts)
    root = _read_part(raw, 0, len(raw), 0, "text/plain", budget)
    for number, leaf in enumerate(root.leaves()):
        leaf.index = number
    texts = (leaf.content.get("charset") for leaf in root.leaves() if leaf.type.startswith("text/"))
    root.headers.hint = next((charset for charset in texts if charset), None)
    if budget.exceeded:
        root.headers.repairs.append("more parts than are read, the rest is one attachment")
    return root


def embedded(part: Part) -> Part:
    """The mail inside a message/rfc822 part, read as a mail of its own."""
    return read_tree(part.data(), part.headers.limits)


def _read_part(raw: bytes, start: int, end: int, depth: int, default: str, budget: _Budget) -> Part:
    headers, body = read_headers(raw, start, end, budget.limits)
    content = headers.parameters("content-type")
    headers.hint = content.get("charset") or None
    content.value = _type(content.value) or default
    part = Part(headers, raw, body, end, content, headers.parameters("content-disposition"))
    if not depth and "content-type" not in headers and (found := _UNDECLARED.match(raw, body, end)):
        headers.repairs.append("a multipart that does not say so")
        content.value = "multipart/mixed"
        content.items["boundary"] = found[1].rstrip().decode("utf-8", "replace")
    if content.value.startswith("multipart/"):
        _split(part, depth, budget)
    return part


def _type(value: str) -> str:
    """`text/plain`, also out of `text/plain>` and `text`; '' for what is no type."""
    if match := _TYPE.match(value):
        return match[0].replace(" ", "")
    return {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}.get(value, "")


def _split(part: Part, depth: int, budget: _Budget) -> None:
    boundary = _boundary(part)
    if depth >= budget.limits.mime_depth:
        budget.exceeded = True
        return
    if not boundary:
        return
    default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
    mark = boundary.encode("utf-8", "replace")
    if part.raw.find(b"--" + mark, part.start, part.end) < 0:
        mark = _where_it_hides(part) or mark
    for start, end in _ranges(part, mark):
        budget.parts -= 1
        if budget.parts < 0:
            budget.exceeded = True
            part.children.append(_opaque(part, start))
            return
        part.children.append(_read_part(part.raw, start, end, depth + 1, default, budget))


def _boundary(part: Part) -> str:
    """As declared; blanks at its end count only where the delimiter lines have them too (RFC 2046 5.1.1)."""
    declared = part.content.get("boundary")
    if declared != declared.rstrip():
        exact = b"--" + declared.encode("utf-8", "replace")
        if part.raw.find(exact, part.start, part.end) >= 0:
            return declared
    return declared.rstrip() or _guess_boundary(part)


def _where_it_hides(part: Part) -> bytes:
    """No line is the declared delimiter: the parts lie under base64 (forbidden, seen), or under another mark."""
    if part.encoding == "base64" and (decoded := part.data()).find(b"\n--") >= 0:
        part.raw, part.start, part.end = decoded, 0, len(decoded)
        return _boundary(part).encode("utf-8", "replace")
    found = _DELIMITER.search(part.raw, part.start, part.end)
    return found[1].rstrip() if found else b""


def _ranges(part: Part, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where each body part lies; the line end before a delimiter belongs to the delimiter (RFC 2046 5.1.1)."""
    opened: int | None = None
    for at, after, closing in _delimiters(part, b"--" + boundary):
        if opened is not None:
            yield opened, max(opened, _before_line_end(part.raw, at, opened))
        opened = None if closing else after
        if closing:
            return
    if opened is not None and part.raw[opened : part.end].strip():
        yield opened, part.end


def _delimiters(part: Part, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    raw, at = part.raw, part.start
    while (at := raw.find(mark, at, part.end)) >= 0:
        after = at + len(mark)
        if raw[after : after + 1] not in _AFTER_MARK:  # most of what is none
            at = after
            continue
        stop = raw.find(b"\n", after, part.end) + 1 or part.end
        rest = raw[after : min(stop, after + 80)]
        if (at == part.start or raw[at - 1 : at] in b"\r\n") and (not rest.strip() or rest.startswith(b"--")):
            yield at, stop, rest.startswith(b"--")
            at = stop
        else:
            at = after


def _before_line_end(raw: bytes, at: int, floor: int) -> int:
    if at > floor and raw[at - 1 : at] == b"\n":
        at -= 1
        if at > floor and raw[at - 1 : at] == b"\r":
            at -= 1
    return at


def _guess_boundary(part: Part) -> str:
    """A multipart without a boundary: the first line that begins with `--` is one (R30)."""
    at = part.start
    for _ in range(50):
        stop = part.raw.find(b"\n", at, part.end)
        line = part.raw[at : stop if stop >= 0 else part.end].rstrip()
        if line.startswith(b"--") and 2 < len(line) <= 200:
            return line[2:].decode("latin-1")
        if stop < 0:
            return ""
        at = stop + 1
    return ""


def _opaque(part: Part, start: int) -> Part:
    return Part(
        Headers(), part.raw, start, part.end, Parameters("application/octet-stream"), Parameters("attachment")
    )
