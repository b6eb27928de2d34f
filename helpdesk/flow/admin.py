"""What the command line asks of the running desk comes in by the spool like everything else (way 5)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from helpdesk.model.alarms import parked_alarm
from helpdesk.model.mail import Arrival, Happening, Road
from helpdesk.store import alarms, handled, outbox
from helpdesk.store.session import StoreError


def ask(order: str, row_id: int, now: datetime) -> Arrival:
    """An order for the spool: `outbox_retry` a letter, `inbox_replay` or `inbox_dismiss` a row."""
    raw = json.dumps({"order": order, "id": row_id}).encode()
    return Arrival(raw=raw, road=Road.ADMIN, received_at=now, kind=Happening.ADMIN)


ERASE = "customer_erase"


def ask_to_erase(address: str, now: datetime) -> Arrival:
    """The order to forget a customer; it stays in the spool as the proof that it was given."""
    raw = json.dumps({"order": ERASE, "address": address}).encode()
    return Arrival(raw=raw, road=Road.ADMIN, received_at=now, kind=Happening.ADMIN)


def carry_out(desk: Connection, order: dict[str, Any], now: datetime) -> str:
    """Do what was asked; return what was done, in words."""
    match order:
        case {"order": "outbox_retry", "id": int(letter_id)}:
            return _retry(desk, letter_id, now)
        case {"order": "inbox_replay", "id": int(spool_id)}:
            _replay(desk, spool_id, now)
            return f"inbox row {spool_id} is handled again"
        case {"order": "inbox_dismiss", "id": int(spool_id)}:
            handled.dismiss(desk, spool_id, now)
            return f"inbox row {spool_id} stays as it is"
        case _:
            raise ValueError(f"no such order: {order}")


def _replay(desk: Connection, spool_id: int, now: datetime) -> None:
    """Whoever asks wants to know if it fails again: the alarm of its kind is lowered, so that it is told anew."""
    row = handled.load(desk, spool_id)
    if row is not None and row.state == "parked":
        alarms.take_down(desk, [parked_alarm((spool_id,), row.reason).key])
    handled.release(desk, spool_id, now)


def _retry(desk: Connection, letter_id: int, now: datetime) -> str:
    """It may have been sent since somebody asked: nothing to do, and nobody's fault."""
    try:
        outbox.retry(desk, letter_id, now)
    except StoreError as error:
        return str(error)
    return f"letter {letter_id} is tried again"
