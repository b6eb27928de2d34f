"""Mails of staff that prove nothing wait for a reply from the registered address; that person is asked in measure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.decide import confirming
from helpdesk.flow.deciding import decide_and_apply, understand_and_hold
from helpdesk.flow.understanding import Understood
from helpdesk.flow.workshop import Workshop
from helpdesk.model.events import StaffNotProven
from helpdesk.model.mail import SpooledArrival
from helpdesk.parse.message import read
from helpdesk.store import held, inbox
from helpdesk.store.held import HeldMail

_log = structlog.get_logger()


def hold(
    desk: Connection, spooled: SpooledArrival, understood: Understood, event: StaffNotProven, now: datetime
) -> StaffNotProven:
    """The mail waits from now on; the event says whether its person is asked at once."""
    person = understood.speaker.person
    assert person is not None, "only registered people are held"
    waiting = _waiting(desk, person.address, now)
    asked_at = tuple(one.asked_at for one in waiting if one.asked_at)
    ticket = understood.ticket.number if understood.ticket else None
    held_id = held.hold(desk, spooled.id, person.address, understood.speaker.role, ticket, now)
    reason = confirming.reason_to_wait(asked_at, now)
    if reason is None:
        held.ask(desk, held_id, now)
    return replace(event, held_id=held_id, silent_because=reason, waiting=_unasked(waiting))


def ask_next(shop: Workshop, desk: Connection, person: str, now: datetime) -> bool:
    """Ask this person about the oldest mail that they were not asked about, if they may be asked now."""
    waiting = _waiting(desk, person, now)
    silent = [one for one in waiting if one.asked_at is None]
    asked_at = tuple(one.asked_at for one in waiting if one.asked_at)
    if not silent or confirming.reason_to_wait(asked_at, now) or not held.ask(desk, silent[0].id, now):
        return False
    spooled = _spooled(shop, silent[0])
    mail = read(spooled.arrival.raw, limits=shop.limits.mail)
    understood = understand_and_hold(shop, desk, spooled, mail, now)
    if isinstance(understood.meaning, StaffNotProven):
        event = replace(understood.meaning, held_id=silent[0].id, waiting=_unasked(silent[1:]))
        decide_and_apply(shop, desk, event, understood.ticket, now)
    else:
        held.settle(desk, silent[0].id, "dropped")  # its person is registered no more, or proven by now
    return True


def ask_waiting(shop: Workshop) -> int:
    """Ask everybody whom a pause has kept from being asked; return how many were."""
    now = shop.clock()
    with shop.desk.read() as desk:
        persons = held.unasked(desk, now - confirming.LISTED_FOR)
    asked = 0
    for person in persons:
        shop.beat(None)
        with shop.desk.write("confirming") as desk:
            asked += ask_next(shop, desk, person, now)
    return asked


def _waiting(desk: Connection, person: str, now: datetime) -> list[HeldMail]:
    return held.waiting_of(desk, person, now - confirming.LISTED_FOR)


def _unasked(waiting: list[HeldMail]) -> tuple[str, ...]:
    """Those that wait to be asked about, as the letter lists them."""
    silent = (one for one in waiting if one.asked_at is None)
    return tuple(f"{f'#{one.ticket}, ' if one.ticket else ''}{one.at:%Y-%m-%d %H:%M} UTC" for one in silent)


def _spooled(shop: Workshop, one: HeldMail) -> SpooledArrival:
    with shop.spool.read() as spool:
        return inbox.fetch(spool, [one.spool_id])[0]
