"""Was this mail written by a machine, and of what kind? (RFC 3834, MAIL_RULES 2.4, R36, R45)

In this order: reports, bounces, auto-replies, other machines. A human is never called a machine for what a
mailing list, a tracker or a spam filter added to the mail (R47). `no_answer` has the rules for answering.
"""

from __future__ import annotations

import re

from helpdesk.model.mail import Automatic, Bounce
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
from helpdesk.parse.away import is_away_subject, is_away_text
from helpdesk.parse.headers import Headers
from helpdesk.parse.listaddress import has_list_software
from helpdesk.parse.lists import read_list
from helpdesk.parse.mime import Part
from helpdesk.parse.noanswer import no_answer
from helpdesk.parse.plaintext import shown_text

__all__ = ["no_answer", "verdict"]

_DAEMONS = ("mailer-daemon", "mail-daemon", "maildaemon", "mailerdaemon", "double-bounce")
_COMPLAINT = re.compile(
    r"complaint about message from|e-?mail feedback report for ip|spam report for ip", re.IGNORECASE
)
_OFFICE = re.compile(r"\b(?:staff|fbl|feedback\w*|abuse\w*|scomp|complaints?|postmaster)@", re.IGNORECASE)
_REPLY = re.compile(r"(?:re|aw|sv|antw|odp|ref)(?:\[\d+\])? ?:", re.IGNORECASE)
_FIRST_WORDS = 1_500


def verdict(root: Part, sender: Address | None, bounce: Bounce | None) -> tuple[Automatic, str] | None:
    """What kind of machine wrote this and by which sign; None for a human (or a list's copy of one)."""
    told = report(root)
    if told and not (bounce and told[0] is Automatic.RECEIPT):
        return told
    if bounce:
        return Automatic.BOUNCE, "its text tells of a failed delivery"
    return _auto_reply(root) or _complaint(root.headers) or _machine(root.headers, sender)


def _auto_reply(root: Part) -> tuple[Automatic, str] | None:
    headers = root.headers
    submitted = auto_submitted(headers)
    if submitted.startswith("auto-replied"):
        return Automatic.AUTO_REPLY, f"Auto-Submitted: {submitted}"
    if why := reply_header(headers):
        return Automatic.AUTO_REPLY, why
    subject = headers.line("subject", 300)
    if is_away_subject(subject):
        return Automatic.AUTO_REPLY, f"its subject says so: {subject[:SHORTEST]}"
    if is_null_sender(headers) and is_away_text(shown_text(root, _FIRST_WORDS)):
        return Automatic.AUTO_REPLY, "its first words say so, and nobody reads answers to it"
    return None


def _complaint(headers: Headers) -> tuple[Automatic, str] | None:
    """Feedback loops that do not speak RFC 5965 (R42). They come from roles (staff@, fbl@), not from persons."""
    subject = headers.line("subject", 200)
    if _COMPLAINT.match(subject) and _OFFICE.search(headers.text("from")):
        return Automatic.FEEDBACK_REPORT, f"its subject says so: {subject[:SHORTEST]}"
    return None


def _machine(headers: Headers, sender: Address | None) -> tuple[Automatic, str] | None:
    submitted = auto_submitted(headers)
    if submitted and submitted != "auto-forwarded":  # a rule forwarded what a human wrote (RFC 2156)
        return Automatic.BULK, f"Auto-Submitted: {submitted}"
    if is_machine_generated(headers):
        return Automatic.BULK, "X-FC-MachineGenerated: true"
    if why := machine_header(headers):
        return Automatic.BULK, why
    if local_part(sender).startswith(_DAEMONS):
        return Automatic.BOUNCE, f"written by {local_part(sender)}"
    if precedence(headers) in {"bulk", "junk", "list"} and not _by_a_list(headers, sender):
        return Automatic.BULK, f"Precedence: {precedence(headers)}"  # with a list it is the list's word (R47)
    return None


def _by_a_list(headers: Headers, sender: Address | None) -> bool:
    """A list brought it, or a human answered with their own mail program and something on the way marked it."""
    if read_list(headers, sender) or has_list_software(headers):
        return True
    if headers.text("sender").lower().startswith(("majordomo", "<majordomo")):
        return True
    answers = "in-reply-to" in headers or bool(_REPLY.match(headers.line("subject", 100)))
    return answers and any(
        name in headers for name in ("user-agent", "x-mimeole", "thread-index", "x-mailer")
    )
