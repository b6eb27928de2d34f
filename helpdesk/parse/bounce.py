"""Delivery status notifications: RFC 3464 and 6533 by our own reader, other shapes by flufl.bounce (R40-R44).

flufl only sees reports and mails that come from a mail system: it takes a human who quotes a bounce for one,
does not know 6533 and raises on odd mail (R44).
"""

from __future__ import annotations

import email
import re

from helpdesk.model.mail import Bounce, BounceRecipient
from helpdesk.model.people import Address
from helpdesk.parse import limits
from helpdesk.parse.clean import clean_line
from helpdesk.parse.headers import Headers, read_headers
from helpdesk.parse.ids import read_message_id
from helpdesk.parse.mime import Part

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_U = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_ORIGINAL_TYPES = frozenset(
    {
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
        "message/rfc822-headers",
    }
)
_SYSTEM = re.compile(
    r"mailer-daemon|mail.?daemon|postmaster|mailserv|mail delivery|delivery sub|mail.?system|administrator|bounce|"
    r"exchange|internet mail|auto.?reply|no.?reply",
    re.IGNORECASE,
)
_FAILED_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|fail|notif|problem|error)|returned mail|return(?:ed|ing) (?:mail|message|to sender)|"
    r"failure notice|mail (?:delivery|system) |could not be delivered|nondeliver|non.?remis|unzustellbar|undeliverable|"
    r"mail status report|message delivery|delayed|warning: ",
    re.IGNORECASE,
)


def read_bounce(root: Part, sender: Address | None) -> Bounce | None:
    """What a bounce says about whom; None if this is none."""
    status = next((leaf for leaf in root.leaves() if leaf.type in _STATUS_TYPES), None)
    original = _original_id(root)
    if status is not None and (
        root.type == "multipart/report" or root is status or _from_system(root, sender)
    ):
        recipients = _recipients(status)
        if recipients and all(r.action is None for r in recipients):
            return None  # a challenge or a greeting in a report's clothes
        if recipients:
            return Bounce(recipients, _is_permanent(recipients), original)
    if not (status or _from_system(root, sender)):
        return None
    found = _by_flufl(root)
    if found:
        return Bounce(found, all(r.action == "failed" for r in found), original)
    return Bounce((), False, original) if status is not None and root.type == "multipart/report" else None


def _from_system(root: Part, sender: Address | None) -> bool:
    headers = root.headers
    if root.type == "multipart/report" or headers.raw("return-path").strip() == b"<>":
        return True
    if "x-failed-recipients" in headers:
        return True
    who = f"{sender.name} {sender.address.rpartition('@')[0]}" if sender else headers.line("from", 200)
    return (
        not who.strip()
        or bool(_SYSTEM.search(who))
        or bool(_FAILED_SUBJECT.search(headers.line("subject", 200)))
    )


def _recipients(status: Part) -> tuple[BounceRecipient, ...]:
    """One block of fields a recipient; the first block is about the whole mail (RFC 3464 section 2.1)."""
    data = status.data(limits.HEADER_BLOCK)
    found: dict[str, BounceRecipient] = {}
    at, blocks = 0, 0
    while at < len(data) and blocks <= limits.BOUNCE_RECIPIENTS:
        before = at
        fields, at = read_headers(data, at)
        blocks += 1
        recipient = _recipient(fields)
        if recipient:
            found.setdefault(recipient.address.lower(), recipient)
        if at <= before:
            break
    return tuple(found.values())


def _recipient(fields: Headers) -> BounceRecipient | None:
    address = _typed_address(fields.line("final-recipient", 400)) or _typed_address(
        fields.line("original-recipient", 400)
    )
    if not address:
        return None
    status = _STATUS.search(fields.line("status", 80))
    return BounceRecipient(address, status[0] if status else None, _action(fields.line("action", 40)))


def _action(value: str) -> str | None:
    word = value.lower().split(" ")[0].strip(";,()")
    return "failed" if word in {"failure", "fail", "error", "undeliverable"} else word or None


def _typed_address(value: str) -> str:
    """`rfc822; anne@customer.example`, with utf-8 addresses undone (RFC 6533 section 3)."""
    kind, semicolon, address = value.partition(";")
    if not semicolon:
        kind, address = "", value
    address = address.strip().strip("<>").split(" ")[0].strip("<>")
    if kind.strip().lower() == "utf-8":
        address = _U.sub(lambda m: _character(m[1]), address)
    local, at, domain = address.rpartition("@")
    return (
        clean_line(f"{local}@{domain.lower()}", 320) if at and local and domain else clean_line(address, 320)
    )


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _is_permanent(recipients: tuple[BounceRecipient, ...]) -> bool:
    """Failed is the end of the attempts (RFC 3464 section 2.3.3), delayed is not (R40)."""
    return any(r.action == "failed" for r in recipients)


def _original_id(root: Part) -> str | None:
    for leaf in root.leaves():
        if leaf.type in _ORIGINAL_TYPES:
            fields, _ = read_headers(leaf.data(limits.HEADER_BLOCK).lstrip(b"\r\n"))
            if found := read_message_id(fields.text("message-id")):
                return found
    return None


def _by_flufl(root: Part) -> tuple[BounceRecipient, ...]:
    """The failed addresses that flufl.bounce finds; a mail it cannot read has none (R44)."""
    if root.end - root.start > limits.FALLBACK_BOUNCE or len(list(root.leaves())) > 30:
        return ()
    from flufl.bounce import all_failures

    try:
        message = email.message_from_bytes(root.raw)
        if not root.headers.text("from").strip():  # some detectors fall over an empty From (R44)
            del message["From"]
            message["From"] = "unknown@unknown.invalid"
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001  a library that raises IndexError and more on a stranger's mail (R44)
        return ()
    found = {_plain(a): BounceRecipient(_plain(a), None, "failed") for a in sorted(permanent)}
    for address in sorted(temporary):
        found.setdefault(_plain(address), BounceRecipient(_plain(address), None, "delayed"))
    return tuple(r for a, r in found.items() if a)[: limits.BOUNCE_RECIPIENTS]


def _plain(address: bytes) -> str:
    return clean_line(address.decode("utf-8", "replace"), 320)
