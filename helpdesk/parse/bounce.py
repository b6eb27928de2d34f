"""Bounces, delays and other news about our letters (R40-R44).

1. The fields of RFC 3464 and 6533, in their own part or written into the text. 2. What a mail system says in
its own words (`notice`). 3. flufl.bounce, for what is left. 2 and 3 only for mail that comes from a mail
system: a human who quotes a bounce is a human (R44).
"""

from __future__ import annotations

import re

from helpdesk.model.mail import Bounce, BounceRecipient
from helpdesk.model.people import Address
from helpdesk.parse import failurewords, limits
from helpdesk.parse.addresses import read_addresses
from helpdesk.parse.autoheaders import is_null_sender
from helpdesk.parse.away import is_away_subject, is_away_text
from helpdesk.parse.dsn import STATUS_TYPES, original_id_field, read_status
from helpdesk.parse.fallback import ask_flufl
from helpdesk.parse.headers import Headers, read_headers
from helpdesk.parse.ids import read_ids, read_message_id
from helpdesk.parse.mailsystem import HINTED, SURE, is_report, trust_in
from helpdesk.parse.mime import Part, embedded
from helpdesk.parse.notice import Notice, bare_names, has_refusal, is_delay, read_notice
from helpdesk.parse.plaintext import leaf_text, shown_text

_ORIGINAL_TYPES = frozenset(
    {
        "message/rfc822",
        "text/rfc822-headers",
        "text/rfc822",
        "message/global",
        "message/global-headers",
        "message/rfc822-headers",
    }
)
_CHALLENGE = re.compile(
    r"(?:confirm|verif|authenticat|validat)\w* (?:that |your |you |the )?(?:\w+ ){0,3}(?:message|e-?mail|"
    r"request|sender|identity|human)|"
    r"challenge|whitelist request|moderator|awaits? (?:moderator )?approval|subscri",
    re.IGNORECASE,
)


def read_bounce(root: Part, sender: Address | None) -> Bounce | None:
    """What a bounce says about whom; None if this is none."""
    status = next((leaf for leaf in root.leaves() if leaf.type in STATUS_TYPES), None)
    if status is not None and (is_report(root) or root is status or trust_in(root, sender)):
        told = leaf_text(status, root.headers.limits.header_block)
        recipients = read_status(told)
        if recipients:
            return _by_fields(root, told, recipients)
    return _by_words(root, sender) or _by_inner_report(root, sender)


def _by_fields(root: Part, told: str, recipients: tuple[BounceRecipient, ...]) -> Bounce | None:
    """The machine-readable part. Without any action it is a challenge or a greeting in a report's clothes."""
    if all(r.action is None for r in recipients):
        return None
    named = read_message_id(original_id_field(told))
    return Bounce(recipients, _is_permanent(recipients), named or _original_id(root, ""))


def _by_inner_report(root: Part, sender: Address | None) -> Bounce | None:
    """A gateway that wraps a whole report into a mail of its own."""
    inner = next((leaf for leaf in root.leaves() if leaf.type == "message/rfc822" and leaf is not root), None)
    if (
        inner is None
        or not trust_in(root, sender)
        or not failurewords.SUBJECT.match(root.headers.line("subject", 300))
    ):
        return None
    report = embedded(inner)
    if not is_report(report):
        return None
    return read_bounce(report, None)


def _by_words(root: Part, sender: Address | None) -> Bounce | None:
    trust = trust_in(root, sender)
    if not trust or _has_inner_report(root) or is_away_subject(root.headers.line("subject", 300)):
        return None
    subject = root.headers.line("subject", 300)
    text = shown_text(root)
    notice = read_notice(text, subject, _own_addresses(root.headers, sender))
    fields = read_status(text)
    if not fields and not _speaks_of_failure(root, notice, subject, trust):
        return None
    action = "delayed" if is_delay(text, subject) else "failed"
    recipients = fields or _failed_header(root.headers, notice, action) or notice.told
    recipients = recipients or ask_flufl(root) or notice.named or _by_name(notice, sender, action)
    recipients = recipients or _of_returned(root, notice, action)
    recipients = tuple(_with_action(r, action) for r in recipients)
    if not recipients and trust < SURE:
        return None
    permanent = _is_permanent(recipients) if recipients else False
    return Bounce(recipients, permanent, _original_id(root, notice.returned))


def _has_inner_report(root: Part) -> bool:
    return not is_report(root) and any(
        leaf.type == "message/rfc822" and b"multipart/report" in leaf.data(8_192).lower()
        for leaf in root.leaves()
    )


def _speaks_of_failure(root: Part, notice: Notice, subject: str, trust: int) -> bool:
    by_subject = bool(failurewords.SUBJECT.match(subject))
    kind = root.content.get("report-type").lower() if root.type == "multipart/report" else ""
    if kind not in {"", "delivery-status"} and not by_subject:
        return False  # a receipt or a complaint that quotes a bounce
    if is_report(root) or "x-failed-recipients" in root.headers:
        return True
    if _CHALLENGE.search(subject) and not by_subject:
        return False
    if trust == SURE:
        away = is_null_sender(root.headers) and is_away_text("\n".join(notice.own))
        return by_subject or (notice.failure is not None and not away)
    if notice.failure is None:
        return False
    machine = bool(failurewords.ANNOUNCED.search("\n".join(notice.own[:40]))) or has_refusal(notice.own)
    if trust == HINTED:
        return by_subject and machine and bool(notice.told)
    return (machine and bool(notice.told)) or (by_subject and bool(notice.told or notice.named or machine))


def _own_addresses(headers: Headers, sender: Address | None) -> set[str]:
    """Who wrote this mail and who got it: never the ones that failed."""
    names = ("to", "delivered-to", "reply-to")
    listed = [a.address.lower() for n in names for a in read_addresses(headers.text(n)).addresses[:20]]
    return {*listed, sender.address.lower() if sender else ""} - {""}


def _failed_header(headers: Headers, notice: Notice, action: str) -> tuple[BounceRecipient, ...]:
    """Exim says it in X-Failed-Recipients; the text knows the reasons."""
    listed = read_addresses(headers.text("x-failed-recipients")).addresses
    reasons = {r.address.lower(): r.status for r in (*notice.told, *notice.named)}
    return tuple(
        BounceRecipient(a.address, reasons.get(a.address.lower()), action)
        for a in listed[: limits.BOUNCE_RECIPIENTS]
        if a.address
    )


def _by_name(notice: Notice, sender: Address | None, action: str) -> tuple[BounceRecipient, ...]:
    domain = sender.address.rpartition("@")[2].lower() if sender else ""
    return tuple(BounceRecipient(a, None, action) for a in bare_names(notice.own, domain))


def _of_returned(root: Part, notice: Notice, action: str) -> tuple[BounceRecipient, ...]:
    """Nobody is named: the one address that the returned letter was for."""
    fields = _returned_headers(root, notice.returned)
    listed = read_addresses(fields.text("to")).addresses if fields else ()
    return (
        (BounceRecipient(listed[0].address, None, action),) if len(listed) == 1 and listed[0].address else ()
    )


def _with_action(recipient: BounceRecipient, action: str) -> BounceRecipient:
    return recipient if recipient.action else BounceRecipient(recipient.address, recipient.status, action)


def _is_permanent(recipients: tuple[BounceRecipient, ...]) -> bool:
    """Failed is the end of the attempts (RFC 3464 section 2.3.3), delayed is not (R40)."""
    return any(r.action == "failed" for r in recipients)


def _original_id(root: Part, returned: str) -> str | None:
    """Of the returned letter, else the one that the bounce answers (Exim, Exchange)."""
    fields = _returned_headers(root, returned)
    found = read_message_id(fields.text("message-id")) if fields else None
    if found:
        return found
    answered = read_ids(root.headers.text("in-reply-to")) or read_ids(root.headers.text("references"))
    return answered[-1] if answered else None


def _returned_headers(root: Part, returned: str) -> Headers | None:
    for leaf in root.leaves():
        if leaf.type in _ORIGINAL_TYPES and leaf is not root:
            return _headers_in(leaf.data(root.headers.limits.header_block))
    at = returned.lower().find("\nmessage-id:")
    return _headers_in(_block_around(returned, at).encode()) if at >= 0 else None


def _headers_in(data: bytes) -> Headers:
    return read_headers(data.lstrip(b"\r\n \t"))[0]


def _block_around(text: str, at: int) -> str:
    """The run of lines without an empty one that holds position `at`, quotation marks and indents removed."""
    start = text.rfind("\n\n", 0, at + 1) + 2 if "\n\n" in text[: at + 1] else 0
    lines = text[start:].split("\n\n")[0].split("\n")[:200]
    first = next((n for n, line in enumerate(lines) if re.match(r"[A-Za-z-]{2,40}:", line)), 0)
    return "\n".join(lines[first:])
