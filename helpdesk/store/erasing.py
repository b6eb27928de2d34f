"""Forgetting a customer: words and names are overwritten where they stand, and the history stays a whole chain.

The journal's lines are only ever added, but for this. The lines of an erased ticket lose every name and address of
its customer and are chained anew; the line `erased` names the hash that stood at the end before, so that a copy of
it (the daily report) can be told from a forgery. What was decided about abuse stays, without its reasons.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from helpdesk.model.effects import EraseTicket, ForgetAddress
from helpdesk.model.people import folded
from helpdesk.model.signing import Audience
from helpdesk.store import search
from helpdesk.store.chain import HASHED, as_stored, link
from helpdesk.store.schema import (
    CONDUCT,
    CONSENT,
    ENTRY,
    GREETING,
    HANDLED,
    HELD,
    INBOX,
    JOURNAL,
    MESSAGE_ID,
    OUTBOX,
    OUTBOX_RECIPIENT,
    PREFERENCE,
    TICKET,
)

ERASED = "(erased)"
_NO_BYTES = f"{ERASED}\r\n".encode()
NOBODY = "erased@erased.invalid"
_PERSONAL = (
    "subject",
    "customer_name",
    "customer_address",
    "participants",
    "thread",
    "fields",
    "rating_comment",
)
_ON_ITS_WAY = ("sending",)


def rows_of(
    desk: Connection, address: str, numbers: Collection[int], but_for: Collection[int] = ()
) -> list[int]:
    """Inbox rows that are this customer's, or about these tickets; `but_for` stay."""
    on_them = HANDLED.c.ticket.in_(list(numbers))
    # the list brings the desk's own letters back
    copies = HANDLED.c.message_id.in_(select(OUTBOX.c.message_id).where(OUTBOX.c.ticket.in_(list(numbers))))
    theirs = or_(HANDLED.c.sender == address.lower(), on_them, copies)
    found = desk.scalars(select(HANDLED.c.spool_id).where(theirs, HANDLED.c.state != "taken"))
    return [spool_id for spool_id in found if spool_id not in but_for]


def overwrite(spool: Connection, spool_ids: Sequence[int]) -> None:
    """The one change that rows of the inbox ever see: their bytes are gone, the row still counts."""
    values = {"raw": _NO_BYTES, "sender": None, "peer": ""}
    spool.execute(update(INBOX).where(INBOX.c.id.in_(list(spool_ids))).values(**values))


def is_overwritten(raw: bytes) -> bool:
    """Was this all that was left of a mail? It comes up again where a row is replayed, or the work broke off."""
    return raw == _NO_BYTES


def erase_ticket(desk: Connection, erase: EraseTicket, _: datetime) -> None:
    """After the decision that made the ticket's own row nameless, in its transaction."""
    number, tombstone = erase.number, erase.tombstone
    entry = update(ENTRY).where(ENTRY.c.ticket == number)
    desk.execute(entry.values(subject=ERASED, text=ERASED, recipients=[], attachments=[]))
    desk.execute(entry.where(ENTRY.c.kind == "customer").values(sender_name="", sender_address=tombstone))
    desk.execute(delete(MESSAGE_ID).where(MESSAGE_ID.c.ticket == number, MESSAGE_ID.c.public))
    desk.execute(update(CONDUCT).where(CONDUCT.c.ticket == number).values(reason=""))
    desk.execute(update(CONSENT).where(CONSENT.c.ticket == number).values(what=ERASED, answer=None))
    handled = update(HANDLED).where(HANDLED.c.ticket == number)
    desk.execute(handled.values(reason=ERASED))
    people = [one.lower() for one in erase.people]
    desk.execute(handled.where(HANDLED.c.sender.in_(people)).values(sender=tombstone, message_id=None))
    _erase_letters(desk, select(OUTBOX).where(OUTBOX.c.ticket == number), tombstone)
    _write_history_anew(desk, erase)
    search.rewrite(desk, number)


def forget_address(desk: Connection, forget: ForgetAddress, _: datetime) -> None:
    address = forget.address
    desk.execute(delete(PREFERENCE).where(PREFERENCE.c.address == folded(address)))
    desk.execute(delete(GREETING).where(GREETING.c.address == folded(address)))
    desk.execute(
        update(HELD).where(HELD.c.person == address, HELD.c.role == "customer").values(person=NOBODY)
    )
    gone = {"sender": NOBODY, "reason": ERASED, "message_id": None}
    desk.execute(update(HANDLED).where(HANDLED.c.sender == address.lower()).values(**gone))
    query = select(OUTBOX).where(
        OUTBOX.c.ticket.is_(None), OUTBOX.c.audience.in_((Audience.CUSTOMER, Audience.HELD))
    )
    _erase_letters(desk, query, NOBODY, to=address)


def _erase_letters(desk: Connection, query: Any, tombstone: str, to: str | None = None) -> None:
    """What waits is not sent any more; what is on its way right now cannot be called back and stays."""
    for letter in desk.execute(query).all():
        if letter.state in _ON_ITS_WAY or (to and to not in letter.to_addresses):
            continue
        changes: dict[str, Any] = {"raw": b"", "subject": ERASED}
        if letter.state == "queued":
            changes |= {"state": "failed", "last_error": ERASED, "next_attempt_at": None}
        if to or letter.audience == Audience.CUSTOMER:
            changes |= {"to_addresses": (tombstone,), "cc_addresses": ()}
            _rename_recipients(desk, letter.id, tombstone)
        desk.execute(update(OUTBOX).where(OUTBOX.c.id == letter.id).values(**changes))


def _rename_recipients(desk: Connection, letter_id: int, tombstone: str) -> None:
    its = OUTBOX_RECIPIENT.c.letter_id == letter_id
    for index, recipient in enumerate(desk.scalars(select(OUTBOX_RECIPIENT.c.recipient).where(its)).all()):
        row = update(OUTBOX_RECIPIENT).where(its, OUTBOX_RECIPIENT.c.recipient == recipient)
        desk.execute(row.values(recipient=f"{index}-{tombstone}", reply=ERASED))


def _write_history_anew(desk: Connection, erase: EraseTicket) -> None:
    lines = desk.execute(select(JOURNAL).where(JOURNAL.c.ticket == erase.number).order_by(JOURNAL.c.id)).all()
    final = next(
        c for line in reversed(lines) if (c := line.changes).get("customer_address") == erase.tombstone
    )
    head = ""
    for line in lines:
        row = {name: getattr(line, name) for name in HASHED} | _nameless(line, erase, final)
        head = link(head, as_stored(JOURNAL, row))
        desk.execute(update(JOURNAL).where(JOURNAL.c.id == line.id).values(**row, hash=head))
    desk.execute(update(TICKET).where(TICKET.c.number == erase.number).values(journal_head=head))


def _nameless(line: Row[Any], erase: EraseTicket, final: Mapping[str, Any]) -> dict[str, Any]:
    known = [re.escape(word) for word in (*erase.people, erase.name) if word]
    names = re.compile("|".join(known), re.I)
    changes = {
        key: final.get(key, value) if key in _PERSONAL else value for key, value in dict(line.changes).items()
    }
    return {
        "by": erase.tombstone if line.by.lower() in {one.lower() for one in erase.people} else line.by,
        "reason": names.sub(ERASED, line.reason),
        "reasons": tuple(names.sub(ERASED, reason) for reason in line.reasons),
        "changes": changes,
    }
