"""The fields of a delivery status report (RFC 3464, 6533), in its own part or written out in a text.

The recipient is the one we wrote to: Original-Recipient where it is an address, else Final-Recipient.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from helpdesk.model.mail import BounceRecipient
from helpdesk.parse import limits
from helpdesk.parse.clean import clean_line

STATUS_TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/xdelivery-status",
        "text/delivery-status",
    }
)
_FIELD = re.compile(
    r"[ \t>]{0,8}(?:x-)?([a-z][a-z0-9-]{3,40})[ \t]{0,4}:[ \t]{0,40}(.{0,2000})", re.IGNORECASE
)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#/-])([45])\d\d(?=[ -])(?![\d.])")
_U = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_ROUTE = re.compile(r"@[\w.,@-]{1,200}:")
_ADDRESS = re.compile(r"[^\s<>\"(),;:@/]{1,128}@[^\s<>\"(),;:@\]_]{1,200}\.[^\s<>\"(),;:@\]]{1,60}")
_RECIPIENT = frozenset({"original-recipient", "final-recipient", "actual-recipient", "final-log-recipient"})
_KEPT = _RECIPIENT | {"action", "status", "diagnostic-code", "original-message-id"}
_ACTIONS = {
    "failed": "failed", "failure": "failed", "fail": "failed", "error": "failed", "undeliverable": "failed",
    "delayed": "delayed", "delay": "delayed", "deferred": "delayed", "warning": "delayed",
    "delivered": "delivered", "relayed": "relayed", "expanded": "expanded", "expired": "failed", "hardfail": "failed",
}  # fmt: skip


@dataclass(slots=True)
class _Group:
    """The fields about one recipient; some servers put empty lines between them."""

    fields: dict[str, str] = field(default_factory=dict)


def read_status(text: str) -> tuple[BounceRecipient, ...]:
    """Every recipient that the fields in `text` name, each once, in their order."""
    found: dict[str, BounceRecipient] = {}
    for group in _groups(text):
        recipient = _recipient(group.fields)
        if recipient and len(found) < limits.BOUNCE_RECIPIENTS:
            found.setdefault(recipient.address.lower(), recipient)
    return tuple(found.values())


def original_id_field(text: str) -> str:
    """What Original-Message-ID says, '' if nothing."""
    fields = (match for line in text.split("\n") if (match := _FIELD.fullmatch(line)))
    return next((m[2] for m in fields if m[1].lower() == "original-message-id"), "")


def _groups(text: str) -> Iterator[_Group]:
    """A recipient field that the open group already has begins the next one."""
    group, last = _Group(), ""
    gap = False
    for line in text.split("\n"):
        match = _FIELD.fullmatch(line)
        name = match[1].lower() if match else ""
        if not match:
            gap = gap or not line.strip()
            if last and line[:1] in {" ", "\t"} and line.strip():
                group.fields[last] = f"{group.fields[last]} {line.strip()}"[:2_000]
            else:
                last = ""
            continue
        if name in _KEPT:
            if _begins_another(group, name, gap=gap):
                yield group
                group = _Group()
            group.fields.setdefault(name, match[2].strip())
            gap = False
        last = name if name in _KEPT else ""
    yield group


def _begins_another(group: _Group, name: str, *, gap: bool) -> bool:
    if name in group.fields:
        return name != "diagnostic-code" and (name in _RECIPIENT or gap)
    named = any(f in group.fields for f in ("original-recipient", "final-recipient"))
    return name in _RECIPIENT and gap and (named or bool(group.fields))


def _recipient(fields: dict[str, str]) -> BounceRecipient | None:
    names = [
        typed_address(fields.get(f, ""))
        for f in ("original-recipient", "final-recipient", "actual-recipient")
    ]
    address = next((a for a in names if _ADDRESS.fullmatch(a)), "") or next((a for a in names if a), "")
    if not address:
        return None
    told = fields.get("status", "")
    status = find_status(told) or find_status(fields.get("diagnostic-code", "")) or reply_status(told)
    action = _action(fields.get("action", "")) or ("failed" if status and status[0] == "5" else None)
    return BounceRecipient(address, status, action)


def find_status(text: str) -> str | None:
    """The first enhanced status code (RFC 3463)."""
    match = _STATUS.search(text)
    return match[0] if match else None


def reply_status(text: str) -> str | None:
    """An SMTP reply code alone tells only its class: 550 is 5.0.0."""
    match = _REPLY.search(text + " ")
    return f"{match[1]}.0.0" if match else None


def _action(value: str) -> str | None:
    word = re.split(r"[\s;,(]", value.strip().lower())[0]
    return _ACTIONS.get(word, word) or None


def typed_address(value: str) -> str:
    """`rfc822; anne@customer.example`, with utf-8 addresses undone (RFC 6533 section 3)."""
    kind, semicolon, address = value.partition(";")
    if not semicolon:
        kind, address = "", value
    address = address.strip()
    if ";" in address and address.lower().startswith(("rfc822;", "utf-8;")):
        address = address.partition(";")[2].strip()  # written twice
    if "<" in address and ">" in address:
        address = address[address.index("<") + 1 :].partition(">")[0]
    address = address.strip("<> '\"").split(" ")[0].strip("<>")
    address = _ROUTE.sub("", address, count=1) if address.startswith("@") else address
    if kind.strip().lower() == "utf-8":
        address = _U.sub(lambda m: _character(m[1]), address)
    local, at, domain = address.rpartition("@")
    return clean_line(f"{local}@{domain.lower()}" if at and local and domain else address, 320)


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
