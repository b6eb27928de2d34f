"""Did a mail system write this, or a human? Asked before any words are believed (R44)."""

from __future__ import annotations

import re

from helpdesk.model.people import Address
from helpdesk.parse import failurewords
from helpdesk.parse.autoheaders import is_null_sender
from helpdesk.parse.dsn import STATUS_TYPES
from helpdesk.parse.headers import Headers
from helpdesk.parse.mime import Part

SURE, LIKELY, HINTED = 3, 2, 1
_DAEMON = re.compile(
    r"(?:[\w.-]{0,40}[._-])?(?:mailer|mail|maild?)[._-]?(?:daemon|deamon|demon)\d{0,3}|mdaemon|daemon|mmdf|"
    r"double-bounce|"
    r"mail-?delivery(?:-?subsystem)?|(?:mail-?)?delivery-?(?:subsystem|status|failure)|ndr|non-?delivery|"
    r"uucp",
    re.IGNORECASE,
)
_SYSTEM_NAME = re.compile(
    r"mail(?:er)?[ -]?(?:delivery|daemon|system|administrator|admin|server|gateway|router)|mail del|"
    r"delivery (?:sub|status|system|notif|agent)|"
    r"postmaster|system administrator|internet mail|returned mail|microsoft exchange|administrator|"
    r"exchange|gateway|smtp|bounce|"
    r"mail (?:transport|transfer)|message transfer|mta\b|mailserv|systemadministrator|administrateur|"
    r"administrador|amministratore",
    re.IGNORECASE,
)
_NULL = re.compile(rb"<?mailer-daemon(?:@[\w.-]{1,200})?>?$", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:re|aw|sv|antw|fwd?|wg|tr|rv|i|odp|vs|bls|balas|tangg|ref|enc|доп|отв|回复|答复|转发)(?:\[\d+\])? ?: ",
    re.IGNORECASE,
)


def is_report(root: Part) -> bool:
    """By its declared type; a report of no type at all must hold the fields of one."""
    if root.type != "multipart/report":
        return root.type in STATUS_TYPES
    kind = root.content.get("report-type").lower()
    return kind == "delivery-status" or (
        not kind and any(leaf.type in STATUS_TYPES for leaf in root.leaves())
    )


def _is_rejection(root: Part) -> bool:
    """Sieve's reject speaks in a disposition notification (RFC 5429)."""
    kind = root.content.get("report-type").lower() if root.type == "multipart/report" else ""
    return kind == "disposition-notification" and bool(
        failurewords.SUBJECT.match(root.headers.line("subject", 300))
    )


def trust_in(root: Part, sender: Address | None) -> int:
    """How surely a mail system wrote this: by its address or envelope, by its name, by its subject alone, 0 not."""
    headers = root.headers
    if is_report(root) or "x-failed-recipients" in headers or _is_null(headers) or _is_rejection(root):
        return SURE
    local = sender.address.rpartition("@")[0] if sender and "@" in sender.address else ""
    if not local or _DAEMON.fullmatch(local):
        return SURE if local or ("from" in headers and _is_nameless(headers, sender)) else LIKELY
    subject = headers.line("subject", 300)
    if _ANSWER.match(subject):
        return 0
    by_subject = failurewords.SUBJECT.match(subject)
    if _SYSTEM_NAME.search(local):
        return SURE if by_subject and local.lower().startswith("postmaster") else LIKELY
    named = bool(sender and _SYSTEM_NAME.search(sender.name))
    return HINTED if (named or by_subject) and not _from_a_desk(headers) else 0


def _from_a_desk(headers: Headers) -> bool:
    """Humans have problems with deliveries, too; they write with a mail program and in threads."""
    return any(name in headers for name in ("user-agent", "in-reply-to", "thread-index", "x-originating-ip"))


def _is_nameless(headers: Headers, sender: Address | None) -> bool:
    """From <> or nothing but the name of a mail system."""
    who = f"{sender.name} {sender.address}" if sender else headers.line("from", 200)
    who = who.strip(" <>\"'@")
    return not who or bool(_DAEMON.fullmatch(who) or _SYSTEM_NAME.search(who))


def _is_null(headers: Headers) -> bool:
    """Some carriers write a null sender down as their own daemon's address."""
    return is_null_sender(headers) or bool(_NULL.match(headers.raw("return-path").strip()))
