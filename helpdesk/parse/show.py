"""An InboundMail as the object `helpdesk parse` prints, one line of JSON a mail (INTERFACE section 2)."""

from __future__ import annotations

from typing import Any

from helpdesk.model.mail import Bounce, Forwarded, InboundMail, ListInfo
from helpdesk.model.people import Address


def as_json(file: str, mail: InboundMail) -> dict[str, Any]:
    return {
        "file": file,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "date": mail.date.isoformat() if mail.date else None,
        "from": _person(mail.sender),
        "reply_to": [_person(a) for a in mail.reply_to],
        "to": [_person(a) for a in mail.to],
        "cc": [_person(a) for a in mail.cc],
        "subject": mail.subject,
        "text": mail.text,
        "new_text": mail.new_text,
        "signature": mail.signature,
        "attachments": [
            {"name": a.name, "type": a.type, "size": a.size, "inline": a.inline} for a in mail.attachments
        ],
        "automatic": mail.automatic.value if mail.automatic else None,
        "automatic_reason": mail.automatic_reason,
        "bounce": _bounce(mail.bounce),
        "list": _list(mail.list),
        "forwarded": _forwarded(mail.forwarded),
        "empty": mail.empty.value,
        "repairs": list(mail.repairs),
    }


def _person(address: Address | None) -> dict[str, str] | None:
    return {"name": address.name, "address": address.address} if address else None


def _bounce(bounce: Bounce | None) -> dict[str, Any] | None:
    if bounce is None:
        return None
    recipients = [{"address": r.address, "status": r.status, "action": r.action} for r in bounce.recipients]
    return {
        "recipients": recipients,
        "permanent": bounce.permanent,
        "original_message_id": bounce.original_message_id,
    }


def _list(info: ListInfo | None) -> dict[str, Any] | None:
    if info is None:
        return None
    return {
        "id": info.id,
        "address": info.address,
        "munged": info.munged,
        "original_from": _person(info.original_from),
    }


def _forwarded(forwarded: Forwarded | None) -> dict[str, Any] | None:
    if forwarded is None:
        return None
    return {"from": _person(forwarded.sender), "subject": forwarded.subject, "text": forwarded.text}
