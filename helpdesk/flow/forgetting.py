"""Forgetting a customer, whoever asked for it: the bytes of their mails, then the desk's part in its transaction.

If the power fails between the two, the rest is done when the row is handled again. No rollback brings the bytes back:
what else the transaction did must be safe before, or a mail that it had handled would be neither here nor there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from helpdesk.decide import selfservice
from helpdesk.flow.apply import apply
from helpdesk.flow.workshop import Workshop
from helpdesk.model.asks import Ask, CustomerAsked
from helpdesk.model.events import Event
from helpdesk.store import erasing, personal


class NotAlone(Exception):
    """The row must begin a transaction."""


@contextmanager
def mails_forgotten(
    shop: Workshop, desk: Connection, event: Event, but_for: Collection[int]
) -> Iterator[None]:
    """What is decided inside may be that a customer is forgotten: then their mails are overwritten, too."""
    if not (isinstance(event, CustomerAsked) and event.ask is Ask.FORGET and event.confirmed):
        yield
        return
    _overwrite(shop, _rows(desk, event.speaker.address.address, but_for))
    yield


def forget(shop: Workshop, desk: Connection, address: str, now: datetime) -> str:
    """An admin asked for it. Return what was done, without the address."""
    tickets = personal.tickets_of(desk, address)
    _overwrite(shop, _rows(desk, address, ()))
    decision = selfservice.erased(tickets, address, Event(), shop.policy, now)
    apply(shop, desk, None, decision, now)
    return f"a customer was erased; tickets: {len(tickets)}"


def _rows(desk: Connection, address: str, but_for: Collection[int]) -> list[int]:
    numbers = [ticket.number for ticket in personal.tickets_of(desk, address)]
    return erasing.rows_of(desk, address, numbers, but_for)


def _overwrite(shop: Workshop, rows: list[int]) -> None:
    if not shop.alone:
        raise NotAlone
    with shop.spool.write("erase") as spool:
        erasing.overwrite(spool, rows)
