"""What a mail system wrote in its own words: whose letter did not arrive, since when it gave up (R40, R44).

Read by structure, not by product: the words above the returned letter, the addresses at places where only
recipients stand (alone on a line, before a reason, after RCPT TO or "could not be delivered to"), and the
status codes near each of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from helpdesk.model.mail import BounceRecipient
from helpdesk.parse import failurewords, limits
from helpdesk.parse.clean import clean_line
from helpdesk.parse.dsn import find_status, reply_status, typed_address

_LINES = 250
_LINE = 400
_NEAR = 6
_ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~.-]{1,128}@(?:[\w-]{1,63}\.){0,8}[\w-]{1,63}|\"[^\"\n]{1,80}\"@[\w.-]{1,200}"
)
_PREFIXED = re.compile(r"(?:smtp|inet|internet|dda|rfc-?822|to|recipient|rcpt)?=", re.IGNORECASE)
_SMTP = re.compile(r"(?:smtp|inet|internet)=", re.IGNORECASE)
_HEADER = re.compile(
    r"[ \t>|]{0,8}(received|return-path|message-id|mime-version|x-[a-z-]{2,30}|from|to|subject|date|"
    r"content-type|reply-to|sender|"
    r"dkim-signature|references|delivered-to)[ \t]?:",
    re.IGNORECASE,
)
_TRACE = frozenset(
    {"received", "return-path", "message-id", "mime-version", "dkim-signature", "delivered-to"}
)
# An address after these words is not the one that failed.
_NOT_RECIPIENT = re.compile(
    r"(?:(?<!generated )\bfrom\b|\bsender\b|mail from|return[- ]path|\bcontact|assistance|\bhelp\b|support|"
    r"abuse|message[- _]?id|\bid\b|mailto|https?:|"
    r"questions?|complain|report (?:it|this)|\bby\b|forward(?:ed)? |reply-to|errors-to|postmaster|"
    r"administrator|reporting|\bvon\b|\bde\b(?! correo)|"
    r"absender|expéditeur|remitente|mittente|отправител|queue|written by|sent by|dear )[^@]{0,60}$",
    re.IGNORECASE,
)
_AT_START = re.compile(
    r"[\s>|*•·\d.)('\"<\[-]{0,12}(?:smtp:|mailto:|rfc822; ?|internet: ?|inet:)?<?['\"]?", re.IGNORECASE
)
_TO = re.compile(
    r"(?:(?<!reply-)\bto|\bfor|\ban|\bà|\ba|\bpara|\bper|\baan|\bnaar|\bdo|\bk|\btill|\btil|\bke|\bkepada|"
    r"για|προς|на|для|给|給)[\s:'\"<(\[-]{1,8}(?:smtp:|mailto:)?['\"<]{0,2}$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:rcpt to|recipient(?:\(?s\)?)?(?: name| address)?|addressee|address(?:es)?(?:\(?es\)?)?|"
    r"e-?mail(?: address)?|user(?:name)?|mailbox|account|failed|"
    r"empfänger|adressat|destinataire|destinatario|destinatário|destinatari|adresse?|odbiorca|adresat|"
    r"modtager|mottagare|mottaker|"
    r"ontvanger|geadresseerde|получател\w{1,2}|адресат\w?|收件人|宛先|받는 사람|penerima|kepada|alamat|unknown user|"
    r"no such user|"
    r"undeliverable to|user unknown|invalid recipient|\b[45]\d\d(?:[ -]\#?[45]\.\d{1,3}\.\d{1,3})?)"
    r"[\s:;=.,…'\"<(\[-]{1,12}(?:smtp:|mailto:|rfc822; ?)?['\"<]{0,2}$",
    re.IGNORECASE,
)
_SYSTEM_BOX = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|abuse|hostmaster|helpdesk|support|noreply|no-reply)@",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Notice:
    """`told`: recipients at places where only recipients stand; `named`: other addresses in its words.

    `own`: the lines of the system itself, `returned`: what it sent back below them. `failure`: the line that
    speaks of a failed delivery, None if none does.
    """

    failure: str | None = None
    told: tuple[BounceRecipient, ...] = ()
    named: tuple[BounceRecipient, ...] = ()
    returned: str = ""
    own: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    address: str
    at: int
    told: bool
    seen: int = -1
    lines: list[str] = field(default_factory=list)


def read_notice(text: str, subject: str, ours: Collection[str]) -> Notice:
    """`ours` are the addresses of the mail itself: who it is from and who gets it."""
    lines = [line[:_LINE] for line in text.split("\n")[:_LINES]]
    own, returned = _cut_returned(lines)
    failure = _failure(own)
    found = _addresses(own, ours, _line_of(own, failure))
    said = "\n".join([subject, *own])
    action = "delayed" if is_delay(said, subject) else "failed"
    told = tuple(_recipient(f, action) for f in found if f.told)
    named = tuple(_recipient(f, action) for f in found if not f.told)
    return Notice(
        failure,
        told[: limits.BOUNCE_RECIPIENTS],
        named[: limits.BOUNCE_RECIPIENTS],
        "\n".join(returned),
        tuple(own),
    )


def is_delay(text: str, subject: str) -> bool:
    """It is still being tried, unless the same text says that it was given up (R40)."""
    if failurewords.DELAYED.search(subject) and not failurewords.NO_USER.search(subject):
        return not failurewords.GAVE_UP.search(subject)
    if failurewords.STILL.search(text):
        return True
    if failurewords.GAVE_UP.search(text) or failurewords.NO_USER.search(text):
        return False
    return bool(failurewords.DELAYED.search(text))


def _failure(lines: Sequence[str]) -> str | None:
    for line in lines[:60]:
        if line.lstrip().startswith(">"):
            continue
        if failurewords.FAILED.search(line) or failurewords.DELAYED.search(line) or _is_smtp_refusal(line):
            return line
    joined = " ".join(lines[:30])  # the words may be wrapped over two lines
    match = failurewords.FAILED.search(joined)
    return clean_line(match[0], 200) if match else None


def _is_smtp_refusal(line: str) -> bool:
    return bool(find_status(line)) and bool(reply_status(line))


def has_refusal(lines: Sequence[str]) -> bool:
    """Does a reply of an SMTP server stand in it?"""
    return any(_is_smtp_refusal(line) for line in lines[:60])


def _line_of(lines: Sequence[str], failure: str | None) -> int:
    return next((n for n, line in enumerate(lines) if line == failure), 0)


def _cut_returned(lines: list[str]) -> tuple[list[str], list[str]]:
    """The system's own words, and the returned letter below them."""
    seen = False
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        if _is_header_block(lines, at) or (seen and at and failurewords.RETURNED.match(line)):
            return lines[:at], lines[at:]
        seen = seen or bool(_ADDRESS.search(line)) or bool(failurewords.FAILED.search(line))
    return lines, []


def _is_header_block(lines: Sequence[str], at: int) -> bool:
    """Three header fields in a row, one of them a trace that no person writes."""
    names = []
    for line in lines[at : at + 12]:
        match = _HEADER.match(line)
        if match:
            names.append(match[1].lower())
        elif not names or not line[:1].isspace() or not line.strip():
            break
    return len(names) >= 3 and bool(_TRACE & set(names))


def _addresses(lines: Sequence[str], ours: Collection[str], since: int) -> list[_Found]:
    """Every address once, in order, with the lines that follow up to the next one."""
    found: dict[str, _Found] = {}
    for at, line in enumerate(lines):
        if "@" not in line:
            continue
        for match in _ADDRESS.finditer(line):
            address = _PREFIXED.sub("", match[0].strip("'`.!"), count=1)
            before = line[: match.start()]
            if not _may_be_recipient(address, before, ours):
                continue
            stands = _stands_as_recipient(lines, at, before, line[match.end() :])
            stands = stands or bool(_SMTP.match(match[0]))
            known = found.setdefault(address.lower(), _Found(address, at, stands))
            known.told = known.told or stands
            if known.seen != at and len(known.lines) < 4 * _NEAR:
                known.seen = at
                known.lines += _near(lines, at)
    told = [f for f in found.values() if f.told]
    below = _anchor(lines)
    if any(f.at >= below for f in found.values()):  # above it stands what the lost letter said
        told = [f for f in told if f.at >= below]
    return told + [f for f in found.values() if not f.told and f.at >= since]


def _anchor(lines: Sequence[str]) -> int:
    """The line that announces the list of recipients, 0 if none does."""
    return next((n for n, line in enumerate(lines) if failurewords.ANNOUNCED.search(line)), 0)


def bare_names(lines: Sequence[str], domain: str) -> list[str]:
    """Some providers list their own users by name alone, below the announcement."""
    below = _anchor(lines)
    if not below or "." not in domain:
        return []
    names = (line.strip().strip("<>") for line in lines[below + 1 : below + 12])
    return [f"{name}@{domain}" for name in names if re.fullmatch(r"[\w.-]{2,40}", name) and name.isascii()]


def _may_be_recipient(address: str, before: str, ours: Collection[str]) -> bool:
    if address.lower() in ours or _SYSTEM_BOX.match(address) or "=" in address.rpartition("@")[0][:6]:
        return False
    return not _NOT_RECIPIENT.search(before[-80:])


def _stands_as_recipient(lines: Sequence[str], at: int, before: str, after: str) -> bool:
    if _AT_START.fullmatch(before) and _begins_entry(lines, at, after):
        return True
    if _LABEL.search(before[-60:]) or (_TO.search(before[-30:]) and _speaks(lines, at, before)):
        return True
    return bool(re.match(r"[>'\")\]]{0,3}[:,]? ?(?:\.\.\.|…|-- |- )", after)) and len(before) < 30


def _begins_entry(lines: Sequence[str], at: int, after: str) -> bool:
    """The address opens an entry of a list, not a line of flowing text."""
    rest = after.strip().lstrip(">'\")]")
    if not rest or rest[0] in ":;,(.<…-=|" or not (at and lines[at - 1].strip()):
        return True
    return bool(failurewords.FAILED.search(lines[at]) or failurewords.FAILED.search(lines[at - 1]))


def _speaks(lines: Sequence[str], at: int, before: str) -> bool:
    """A failure is told in this line or the two above: "to" alone stands before many addresses."""
    return before.strip().lower() in {"to:", "to"} or bool(
        failurewords.FAILED.search(" ".join(lines[max(0, at - 2) : at + 1]))
    )


def _near(lines: Sequence[str], at: int) -> list[str]:
    """The line and those about the same recipient: up to an empty line or the next address."""
    near = [lines[at]]
    for line in lines[at + 1 : at + 1 + _NEAR]:
        if _AT_START.match(line) and _ADDRESS.match(line.lstrip(" \t<\"'")):
            break
        near.append(line)
    return near


def _recipient(found: _Found, action: str) -> BounceRecipient:
    said = " ".join(found.lines)
    status = find_status(said) or _meaning(said) or reply_status(said)
    if status and status.startswith("2"):
        status = None
    if status and action == "delayed" and status.startswith("5"):
        status = f"4{status[1:]}"
    return BounceRecipient(typed_address(found.address), status, action)


def _meaning(said: str) -> str | None:
    return next((status for pattern, status in failurewords.MEANINGS if pattern.search(said)), None)
