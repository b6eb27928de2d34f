"""May the desk answer this mail by itself? Every fact of its header that forbids it (MAIL_RULES 2.4, R36, R45).

Facts of the envelope (null sender) are not known here. What a mailing list adds to human mail is marked
`of_list`: it proves nothing when the mail came through the desk's own list.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from helpdesk.model.mail import ListInfo, NoAnswer
from helpdesk.model.people import Address
from helpdesk.parse.autoheaders import (
    SHORTEST,
    auto_submitted,
    is_machine_generated,
    is_null_sender,
    local_part,
    machine_header,
    precedence,
    reply_header,
    report,
)
from helpdesk.parse.away import is_away_subject
from helpdesk.parse.headers import Headers
from helpdesk.parse.lists import read_list
from helpdesk.parse.mime import Part

_LIST_HEADERS = (
    "list-id", "list-unsubscribe", "list-post", "list-help", "list-subscribe", "list-owner", "list-archive",
    "mailing-list",
)  # fmt: skip
_ROBOT_LOCAL = re.compile(
    r"(?:owner-.{1,60}|.{1,60}-(?:request|bounces?|owner|admin)|mailer-daemon|mail-daemon|postmaster|"
    r"daemon|root|bounces?|"
    r"(?:do)?[._-]?no[._-]?t?[._-]?reply.{0,40}|.{1,40}[._-]no[._-]?reply|do[._-]?not[._-]?reply.{0,40}|"
    r"auto[._-]?(?:reply|responder|notify|confirm)|notifications?|listserv|majordomo)",
    re.IGNORECASE,
)
_SUPPRESS = ("all", "autoreply", "oof", "ndr", "dr")
_LOOPS = (
    "x-loop", "x-helpdesk-ticket", "x-helpdesk-letter", "x-otrs-loop", "x-rt-loop-prevention",
    "x-zammad-auto-response", "x-auto-loop",
)  # fmt: skip

Rule = tuple[str, Callable[[Part, Address | None], str]]


def no_answer(root: Part, sender: Address | None) -> tuple[NoAnswer, ...]:
    """Every rule that forbids an automatic answer to this mail."""
    headers = root.headers
    info = read_list(headers, sender)
    found = [
        NoAnswer(name, why, of_list=_is_the_lists(name, headers, info))
        for name, rule in _RULES
        if (why := rule(root, sender))
    ]
    found += [NoAnswer(name, _says(headers, name), of_list=True) for name in _LIST_HEADERS if name in headers]
    if precedence(headers) == "list":
        found.append(NoAnswer("precedence", "Precedence: list", of_list=True))
    return tuple(found)


def _is_the_lists(rule: str, headers: Headers, info: ListInfo | None) -> bool:
    """Old lists mark every mail as bulk and write their own address into X-Loop (R47)."""
    if info is None:
        return False
    if rule == "x-loop":
        names = [n for n in _LOOPS if n in headers]
        return (
            names == ["x-loop"]
            and bool(info.address)
            and str(info.address).lower() in headers.line("x-loop").lower()
        )
    return rule == "precedence" and precedence(headers) == "bulk"


def _says(headers: Headers, name: str) -> str:
    return f"{name.title()}: {headers.line(name, SHORTEST)}"


def _by_auto_submitted(root: Part, _: Address | None) -> str:
    submitted = auto_submitted(root.headers)
    return f"Auto-Submitted: {submitted}" if submitted else ""


def _by_report(root: Part, _: Address | None) -> str:
    told = report(root)
    return told[1] if told else ("multipart/report" if root.type == "multipart/report" else "")


def _by_precedence(root: Part, _: Address | None) -> str:
    value = precedence(root.headers)
    return f"Precedence: {value}" if value in {"bulk", "junk"} or value.startswith("auto") else ""


def _by_suppress(root: Part, _: Address | None) -> str:
    values = re.split(r"[,;\s]+", root.headers.line("x-auto-response-suppress", 200).lower())
    return "X-Auto-Response-Suppress" if any(value in _SUPPRESS for value in values) else ""


def _by_reply_header(root: Part, _: Address | None) -> str:
    return reply_header(root.headers)


def _by_fc(root: Part, _: Address | None) -> str:
    return "X-FC-MachineGenerated: true" if is_machine_generated(root.headers) else ""


def _by_machine_header(root: Part, _: Address | None) -> str:
    return machine_header(root.headers)


def _by_loop(root: Part, _: Address | None) -> str:
    names = [n for n in _LOOPS if n in root.headers]
    return f"loop: it carries {names[0].title()}" if names else ""


def _by_sender(_: Part, sender: Address | None) -> str:
    return f"written by {sender.address}" if sender and _ROBOT_LOCAL.fullmatch(local_part(sender)) else ""


def _by_subject(root: Part, _: Address | None) -> str:
    subject = root.headers.line("subject", 300)
    return f"its subject says so: {subject[:SHORTEST]}" if is_away_subject(subject) else ""


def _by_spam(root: Part, _: Address | None) -> str:
    flag = root.headers.line("x-spam-flag", 20).lower()
    status = root.headers.line("x-spam-status", 20).lower()
    return "marked as spam" if flag == "yes" or status.startswith("yes") else ""


def _by_return_path(root: Part, _: Address | None) -> str:
    return "Return-Path: <>" if is_null_sender(root.headers) else ""


_RULES: tuple[Rule, ...] = (
    ("auto-submitted", _by_auto_submitted),
    ("report", _by_report),
    ("precedence", _by_precedence),
    ("x-auto-response-suppress", _by_suppress),
    ("x-autoreply", _by_reply_header),
    ("x-fc-machinegenerated", _by_fc),
    ("machine-header", _by_machine_header),
    ("x-loop", _by_loop),
    ("robot-sender", _by_sender),
    ("away-subject", _by_subject),
    ("return-path", _by_return_path),
    ("spam", _by_spam),
)
