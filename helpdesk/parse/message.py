"""Bytes in, InboundMail out. `read` is total: it never raises on any bytes and takes linear time (F3, R30).

Each field is read on its own; what cannot be read keeps its default and is named in `repairs`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from helpdesk.model.limits import NORMAL, MailLimits
from helpdesk.model.mail import Attachment, Emptiness, InboundMail
from helpdesk.model.people import Address
from helpdesk.parse.addresses import AddressList, read_addresses
from helpdesk.parse.automatic import no_answer, verdict
from helpdesk.parse.body import Body, read_body
from helpdesk.parse.bounce import read_bounce
from helpdesk.parse.commands import read_commands
from helpdesk.parse.contents import all_leaves
from helpdesk.parse.dates import read_date
from helpdesk.parse.emptiness import judge
from helpdesk.parse.forwards import read_forwarded
from helpdesk.parse.headers import Headers, begins_with_field, read_headers
from helpdesk.parse.ids import read_ids, read_message_id
from helpdesk.parse.language import declared_language, recognise
from helpdesk.parse.lists import read_list
from helpdesk.parse.mime import Part, read_tree
from helpdesk.parse.params import Parameters
from helpdesk.parse.quotes import read_reply
from helpdesk.parse.testimony import partly_signed, read_testimonies

T = TypeVar("T")
_NOTHING: tuple[Any, ...] = ()
_UNREAD = {"signature": None, "command_lines": (), "empty": Emptiness.UNSURE, "evidence": ()}


def read(raw: bytes, limits: MailLimits = NORMAL) -> InboundMail:
    """Read everything the desk wants to know in one mail."""
    raw = _line_ends(raw)
    repairs: list[str] = []
    root = _attempt(repairs, "structure", _bare(raw, limits), read_tree, raw, limits)
    head = _read_head(root.headers, repairs)
    body = _attempt(repairs, "body", Body(), read_body, root)
    words = _read_words(body.text, body.attachments, (), limits, repairs)
    about = _read_origin(root, head, body, repairs)
    head["language"] = _read_language(
        head["language"], words["new_text"] or body.text or head["subject"], repairs
    )
    noted = [*root.headers.repairs, *body.repairs, *repairs]
    return InboundMail(
        **head,
        **words,
        **about,
        text=body.text,
        attachments=tuple(body.attachments),
        repairs=tuple(dict.fromkeys(noted)),
    )


def reread(mail: InboundMail, sent: Sequence[str], limits: MailLimits = NORMAL) -> InboundMail:
    """The mail with its words told apart anew, now that we know texts of ours that it may quote."""
    repairs: list[str] = []
    words = _read_words(mail.text, mail.attachments, sent, limits, repairs)
    declared = mail.language if mail.declares_language else None
    language = _read_language(declared, words["new_text"] or mail.text or mail.subject, repairs)
    noted = tuple(dict.fromkeys([*mail.repairs, *repairs]))
    return replace(mail, **words, language=language, repairs=noted)


def read_headers_only(raw: bytes, limits: MailLimits = NORMAL) -> InboundMail:
    """Only the bounded header block: for a mail whose body killed the worker (P6). Never `empty`."""
    repairs = ["only the header was read"]
    headers, _ = read_headers(_line_ends(raw[: 2 * limits.header_block]), limits=limits)
    head = _read_head(headers, repairs)
    sender = head["sender"]
    root = Part(headers, b"", 0, 0, headers.parameters("content-type"), Parameters())
    machine = _attempt(repairs, "automatic", None, verdict, root, sender, None)
    return InboundMail(
        **head,
        automatic=machine[0] if machine else None,
        automatic_reason=machine[1] if machine else None,
        no_answer=_attempt(repairs, "no_answer", _NOTHING, no_answer, root, sender),
        list=_attempt(repairs, "list", None, read_list, headers, sender),
        empty=Emptiness.UNSURE,
        repairs=tuple(dict.fromkeys([*headers.repairs, *repairs])),
    )


def part_bytes(raw: bytes, part: Attachment | int, limits: MailLimits = NORMAL) -> bytes:
    """The decoded bytes of an attachment, or of the leaf part with that number; b'' if there is none."""
    index = part.part if isinstance(part, Attachment) else part
    root = _attempt([], "structure", _bare(raw, limits), read_tree, _line_ends(raw), limits)
    leaf = _leaves(root).get(index)
    return leaf.data() if leaf else b""


def attached(
    raw: bytes, parts: Collection[int], limits: MailLimits = NORMAL
) -> list[tuple[Attachment, bytes]]:
    """The attachments with these part numbers, and their decoded bytes; the mail is gone through once (T13)."""
    raw = _line_ends(raw)
    root = _attempt([], "structure", _bare(raw, limits), read_tree, raw, limits)
    listed = _attempt([], "body", Body(), read_body, root).attachments
    leaves = _leaves(root)
    return [(one, leaves[one.part].data()) for one in listed if one.part in parts and one.part in leaves]


def _leaves(root: Part) -> dict[int, Part]:
    """By their numbers, those inside wrappings too."""
    found = _attempt([], "parts", list(root.leaves()), all_leaves, root)
    return {leaf.index: leaf for leaf in reversed(found)}


def _line_ends(raw: bytes) -> bytes:
    """Mails of ancient Macs end their lines with CR alone; some roads put empty lines on top."""
    raw = raw if b"\n" in raw else raw.replace(b"\r", b"\n")
    return (
        raw.lstrip(b"\r\n") if raw[:1] in (b"\r", b"\n") and begins_with_field(raw.lstrip(b"\r\n")) else raw
    )


def _bare(raw: bytes, limits: MailLimits) -> Part:
    return Part(
        Headers(limits=limits),
        raw,
        0,
        len(raw),
        Parameters("application/octet-stream"),
        Parameters("attachment"),
        index=0,
    )


def _attempt(repairs: list[str], what: str, fallback: T, reader: Callable[..., T], *arguments: Any) -> T:
    """The rim of each reader: a field that cannot be read must not cost us the mail (MAIL_RULES 4)."""
    try:
        return reader(*arguments)
    except Exception as problem:  # noqa: BLE001  any exception, RecursionError too: parse is total
        repairs.append(f"{what} could not be read: {type(problem).__name__}")
        return fallback


def _read_head(headers: Headers, repairs: list[str]) -> dict[str, Any]:
    """The fields of the header: ids, date, people, subject, language."""

    def people(name: str) -> AddressList:
        return _attempt(
            repairs, name, AddressList((), True), read_addresses, headers.text(name), headers.limits
        )

    senders = people("from")
    language = declared_language(headers.line("content-language", 80))
    replies = _attempt(repairs, "in-reply-to", _NOTHING, read_ids, headers.text("in-reply-to"))
    return {
        "message_id": _attempt(repairs, "message-id", None, read_message_id, headers.text("message-id")),
        "in_reply_to": replies[0] if replies else None,
        "references": _attempt(repairs, "references", _NOTHING, read_ids, headers.text("references")),
        "date": _attempt(repairs, "date", None, read_date, headers.text("date")),
        "sender": next((a for a in senders.addresses if a.address), next(iter(senders.addresses), None)),
        "sender_doubtful": _is_doubtful(headers, senders),
        "reply_to": _all_people(headers, "reply-to"),
        "to": _all_people(headers, "to"),
        "cc": _all_people(headers, "cc"),
        "subject": _attempt(repairs, "subject", "", headers.line, "subject", headers.limits.subject),
        "language": language,
        "declares_language": language is not None,
        "testimonies": _attempt(repairs, "authentication-results", _NOTHING, read_testimonies, headers),
        "partly_signed": _attempt(repairs, "dkim-signature", _NOTHING, partly_signed, headers),
    }


def _is_doubtful(headers: Headers, senders: AddressList) -> bool:
    """Two From fields, two addresses in From or a defect there prove nobody (R20, T34)."""
    return headers.count("from") != 1 or len(senders.addresses) != 1 or senders.defect


def _all_people(headers: Headers, name: str) -> tuple[Address, ...]:
    """Recipients of every field of that name: some mailers write one field an address."""
    text = ", ".join(headers.texts(name))
    return read_addresses(text, headers.limits).addresses


def _read_language(declared: str | None, written: str, repairs: list[str]) -> str | None:
    return _attempt(repairs, "language", declared, recognise, declared, written)


def _read_words(
    text: str,
    attachments: Sequence[Attachment],
    sent: Sequence[str],
    limits: MailLimits,
    repairs: list[str],
) -> dict[str, Any]:
    """What the writer added: new text, signature, commands, and whether there are words at all."""
    reading = _attempt(repairs, "reply", None, read_reply, text, sent, limits)
    if reading is None:
        return {**_UNREAD, "new_text": text, "text_after_commands": text}
    commands, rest = read_commands(reading.new_text)
    return {
        "new_text": reading.new_text,
        "signature": reading.signature,
        "command_lines": commands,
        "text_after_commands": rest,
        "empty": _attempt(repairs, "emptiness", Emptiness.UNSURE, judge, reading, attachments),
        "evidence": reading.evidence,
    }


def _read_origin(root: Part, head: dict[str, Any], body: Body, repairs: list[str]) -> dict[str, Any]:
    """Machine or human, by which list, forwarded from whom."""
    sender = head["sender"]
    bounce = _attempt(repairs, "bounce", None, read_bounce, root, sender)
    machine = _attempt(repairs, "automatic", None, verdict, root, sender, bounce)
    return {
        "bounce": bounce,
        "automatic": machine[0] if machine else None,
        "automatic_reason": machine[1] if machine else None,
        "no_answer": _attempt(repairs, "no_answer", _NOTHING, no_answer, root, sender),
        "list": _attempt(repairs, "list", None, read_list, root.headers, sender),
        "forwarded": _attempt(repairs, "forwarded", None, read_forwarded, body.text, head["subject"], root),
    }
