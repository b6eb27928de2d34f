"""A forwarded mail: who wrote the inner one, its subject and its text.

Reads what people's mail programs put above it: a dashed announcement or Apple's "Begin forwarded message" with
a block of fields, the block alone in a mail whose subject says so (Outlook), a line with date and writer
(Yandex), or a whole mail as attachment.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from helpdesk.model.limits import NORMAL
from helpdesk.model.mail import Forwarded
from helpdesk.model.people import Address
from helpdesk.parse.addresses import read_addresses
from helpdesk.parse.body import read_body
from helpdesk.parse.clean import clean_line
from helpdesk.parse.fieldnames import meaning_of
from helpdesk.parse.forwardwords import END, FIELDS, FORWARD, REPLY, SUBJECT
from helpdesk.parse.limits import NAME
from helpdesk.parse.mime import Part, embedded
from helpdesk.parse.separators import announcement, is_announced

_QUOTE = re.compile(r"(?:[ \t]?[>|] ?)+")
_MARKS = " \t\u00a0*_-=—–#~.:：>|<（）()[]"
_FIELD = re.compile(
    r"[ \t\u00a0]{0,12}[*_]{0,2}([^\W\d_][^:：*_<>@\n]{0,34}?)[ \t\u00a0]{0,3}[*_]{0,2}[:：][*_]{0,2}[ "
    r"\t\u00a0]*(.*)"
)
_FROM_LINE = re.compile(r"forwarded (?:message|mail|by)(?: (?:from|by))? (.{3,300})", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>\"'(),;:\[\]*]{1,128}@[^\s<>\"'(),;:\[\]*]{2,255}")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202b\u202c\ufeff"))
_DASHES = ("-", "_", "=", "*", "—", "–", "─")
_MOST_LINES = 40
_SHORT = 300


@dataclass(slots=True)
class _Block:
    """The fields above the inner mail; `end` is its first line of text, `quoted` how deep it stands."""

    fields: dict[str, str] = field(default_factory=dict)
    end: int = 0
    quoted: str = ""


def read_forwarded(text: str, subject: str, root: Part | None = None) -> Forwarded | None:
    """`root` lets it see mails that are forwarded as attachments."""
    limits = root.headers.limits if root is not None else NORMAL
    lines = text[: limits.reply_text].translate(_INVISIBLE).split("\n")[: limits.reply_lines]
    is_forward = bool(SUBJECT.match(subject))
    block = _announced(lines, subject) or (_unannounced(lines) if is_forward or not subject else None)
    if block:
        inner = block.fields.get("subject", "") or SUBJECT.sub("", subject)
        sender = read_person(block.fields.get("from", ""))
        return Forwarded(sender, clean_line(inner.strip("*"), limits.subject), _text_below(lines, block))
    return _attached(root, text, is_forward=is_forward) if root is not None else None


def _announced(lines: Sequence[str], subject: str) -> _Block | None:
    is_reply = bool(REPLY.match(subject))
    for at, line in enumerate(lines):
        kind = _announcement(line)
        if not kind or (kind == "original" and not (SUBJECT.match(subject) or not subject)):
            continue
        if is_reply and line.lstrip().startswith((">", "|")):
            continue  # an old forward inside what is answered
        if block := _block_below(lines, at):
            return block
    return None


def _announcement(line: str) -> str:
    """'forward', 'original' or '' if the line announces nothing."""
    if len(line) > 300:
        return ""
    bare = _bare(line)
    core = bare.strip(_MARKS).lower()
    if core in FORWARD or (core.startswith("forwarded ") and _FROM_LINE.match(core)):
        return "forward"
    if not bare.lstrip().startswith(_DASHES) and not bare.rstrip(" *").endswith((":", "：")):
        return ""
    kind = announcement(bare)
    if kind == "original" and not is_announced(bare):
        return ""
    return kind if kind in {"forward", "original"} else ""


def _block_below(lines: Sequence[str], at: int) -> _Block | None:
    """Fields within the next lines, else one line that names date and writer, else the announcement itself."""
    start = next((n for n in range(at + 1, min(at + 5, len(lines))) if _bare(lines[n]).strip(" -=_")), None)
    if start is None:
        return None
    block = _block(lines, start, announced=True)
    if block and ("from" in block.fields or len(block.fields) >= 2):
        return block
    line = _bare(lines[start]).strip()
    if line.endswith((":", "：")) and _ADDRESS.search(line) and len(line) < 400:
        return _Block({"from": _writer_in(line)}, start + 1, _quoted(lines[start]))
    named = _FROM_LINE.search(_bare(lines[at]).strip(_MARKS))
    return _Block({"from": named[1]}, at + 1, _quoted(lines[at])) if named and "@" in named[1] else None


def _writer_in(line: str) -> str:
    """`09.03.2026, 10:00, "Anne Smith" <anne@customer.example>:`"""
    match = _ADDRESS.search(line)
    before = line[: match.start()] if match else ""
    name = re.split(r"\d{1,2}:\d\d(?::\d\d)?\s?(?:[ap]m)?\s?,?", before, flags=re.IGNORECASE)[-1]
    return f"{name.strip(' ,<')} <{match[0] if match else ''}>"


def _unannounced(lines: Sequence[str]) -> _Block | None:
    """The first block of fields that looks like the head of a mail."""
    for at, line in enumerate(lines):
        if not _field(_bare(line))[0]:
            continue
        block = _block(lines, at, announced=False)
        if block and "from" in block.fields and len({"date", "to", "subject"} & set(block.fields)) >= 2:
            return block
    return None


def _block(lines: Sequence[str], start: int, *, announced: bool) -> _Block | None:
    block = _Block(quoted=_quoted(lines[start]))
    last, at = "", start
    while at < min(start + _MOST_LINES, len(lines)):
        line = _bare(lines[at])
        if not line.strip():
            at = _over_gap(lines, at, block)
            if not at:
                break
            continue
        meaning, value = _field(line)
        if meaning and meaning not in block.fields:
            block.fields[meaning] = value
            last = meaning
        elif last and not meaning and _continues(lines, at, block, last):
            block.fields[last] = f"{block.fields[last]} {line.strip()}".strip()[:4_000]
        elif announced and _unknown_field(line, block):
            last = ""
        elif meaning not in {"other", "cc"}:
            break
        at += 1
        block.end = at
    return block if block.fields else None


def _over_gap(lines: Sequence[str], at: int, block: _Block) -> int:
    """HTML mails leave an empty line between the fields; 0 when the text begins."""
    after = next((n for n in range(at + 1, min(at + 3, len(lines))) if lines[n].strip()), None)
    if after is None or not block.fields:
        return 0
    if any(value == "" for value in block.fields.values()):
        return after  # its value stands below it
    meaning = _field(_bare(lines[after]))[0]
    return (
        after if meaning and meaning not in block.fields and {"from", "date", "to"} - set(block.fields) else 0
    )


def _continues(lines: Sequence[str], at: int, block: _Block, last: str) -> bool:
    """A long value goes on, stands below its name, or is wrapped before the next field."""
    line, value = _bare(lines[at]), block.fields[last].rstrip()
    if value == "" or line[:1] in " \t" or value.endswith((";", ",")):
        return True
    if last in {"from", "to", "cc"} and (line.startswith("<") or value.count("<") > value.count(">")):
        return True
    following = _field(_bare(lines[at + 1]))[0] if at + 1 < len(lines) else ""
    return bool(following) and following not in block.fields


def _unknown_field(line: str, block: _Block) -> bool:
    """In a language we do not know: the first field with an address is the writer."""
    match = _FIELD.match(line)
    if not match or not match[2].strip() or len(line) > 300:
        return False
    if "@" in match[2] and "from" not in block.fields:
        block.fields["from"] = match[2]
    return True


def _field(line: str) -> tuple[str, str]:
    match = _FIELD.match(line) if len(line) <= 2_000 else None
    if not match:
        return "", ""
    name = match[1].strip().lower().replace("\u00a0", " ")
    return meaning_of(name) or FIELDS.get(name, ""), match[2].strip(" \t\u00a0*")


def _quoted(line: str) -> str:
    match = _QUOTE.match(line)
    return match[0].strip() if match else ""


def _bare(line: str) -> str:
    return _QUOTE.sub("", line, count=1) if line[:2].strip()[:1] in {">", "|"} else line


def _text_below(lines: Sequence[str], block: _Block) -> str:
    """The inner text; its quotation marks go when the block itself was quoted."""
    depth = block.quoted.count(">") + block.quoted.count("|")
    kept: list[str] = []
    for line in lines[block.end :]:
        plain = _unquote(line, depth)
        if END.match(plain):
            break
        kept.append(plain)
    while kept and (not kept[0].strip() or _announcement(kept[0])):
        kept.pop(0)  # Zoho announces twice
    return "\n".join(kept).strip("\n")


def _unquote(line: str, depth: int) -> str:
    for _ in range(min(depth, 20)):
        bare = line.lstrip(" ")
        if bare[:1] not in {">", "|"}:
            break
        line = bare[1:].removeprefix(" ")
    return line


def read_person(value: str) -> Address | None:
    """`Anne Smith <anne@x>`, `anne@x [mailto:anne@x]`, `Anne Smith (anne@x)`; a name alone has address ''."""
    value = clean_line(
        re.sub(r"mailto:", "", value, flags=re.IGNORECASE).replace("&lt;", "<").replace("&gt;", ">"), 600
    )
    found = _ADDRESS.search(value)
    if not found:
        name = value.strip(" *\"'<>[]")
        return Address(name[:NAME], "") if name else None
    read = read_addresses(f"<{found[0].strip('.')}>").addresses
    address = read[0].address if read else found[0]
    name = value[: found.start()].strip(" *\"'<([,;«»“”‘’")
    return Address("" if name.lower() == address.lower() else name[:NAME], address)


def _attached(root: Part, text: str, *, is_forward: bool) -> Forwarded | None:
    """One whole mail inside, and no words of their own but a few."""
    if root.type == "multipart/report":
        return None
    mails = [
        leaf
        for leaf in root.leaves()
        if leaf.type in {"message/rfc822", "message/global"} and leaf is not root
    ]
    if len(mails) != 1 or not (is_forward or len(text.strip()) < _SHORT):
        return None
    inner = embedded(mails[0])
    writers = read_addresses(inner.headers.text("from")).addresses
    if not writers:
        return None
    return Forwarded(
        writers[0], inner.headers.line("subject", inner.headers.limits.subject), read_body(inner).text
    )
