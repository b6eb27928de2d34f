"""What customers were asked to agree to, and the words with which they did or did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from helpdesk.model.affairs import Consent, ConsentState
from helpdesk.store.among import among
from helpdesk.store.schema import CONSENT

_LATEST = (
    select(CONSENT).where(CONSENT.c.ticket == bindparam("number")).order_by(CONSENT.c.id.desc()).limit(1)
)
_OF_TICKETS = select(CONSENT).where(among(CONSENT.c.ticket, "numbers")).order_by(CONSENT.c.id)


def ask(connection: Connection, number: int, consent: Consent) -> None:
    """The customer of the ticket was asked; the row's id is given here."""
    row = {
        "ticket": number,
        "what": consent.what,
        "by": consent.by,
        "asked_at": consent.asked_at,
        "state": consent.state,
    }
    connection.execute(insert(CONSENT).values(row))


def answer(
    connection: Connection, consent_id: int, state: ConsentState, words: str, spool_id: int, now: datetime
) -> None:
    """The customer said yes or no: their words, and where the whole mail is kept."""
    said = {"state": state, "answer": words, "spool_id": spool_id, "answered_at": now}
    asked = (CONSENT.c.id == consent_id, CONSENT.c.state == ConsentState.ASKED)
    connection.execute(update(CONSENT).where(*asked).values(said))


def use(connection: Connection, consent_id: int) -> None:
    """What was agreed to is done; a further one needs a consent of its own."""
    connection.execute(update(CONSENT).where(CONSENT.c.id == consent_id).values(state=ConsentState.USED))


def latest(connection: Connection, number: int) -> Consent | None:
    row = connection.execute(_LATEST, {"number": number}).first()
    return _consent(row) if row else None


def of_tickets(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Consent]]:
    """The consents of several tickets, oldest first; tickets without any are left out."""
    found: dict[int, list[Consent]] = {}
    for row in connection.execute(_OF_TICKETS, {"numbers": list(numbers)}):
        found.setdefault(row.ticket, []).append(_consent(row))
    return found


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        what=row.what,
        by=row.by,
        asked_at=row.asked_at,
        state=ConsentState(row.state),
        answer=row.answer or "",
        spool_id=row.spool_id,
        answered_at=row.answered_at,
        id=row.id,
    )
