"""One inbox row, inside the caller's savepoint: parse, understand, decide, apply, mark as handled."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from helpdesk.decide.intent import Ignored
from helpdesk.decide.lifecycle import event_name
from helpdesk.decide.parked import park_notice
from helpdesk.flow import admin, confirming
from helpdesk.flow.alarms import tell_parked
from helpdesk.flow.deciding import decide_and_apply, understand_and_hold
from helpdesk.flow.duplicates import earlier_copy, true_sender
from helpdesk.flow.forgetting import forget, mails_forgotten
from helpdesk.flow.letters import write_letters
from helpdesk.flow.numbering import numbered
from helpdesk.flow.understanding import Understood
from helpdesk.flow.workshop import Workshop
from helpdesk.model.asks import NEEDS_CONFIRMATION, CustomerAsked
from helpdesk.model.events import OnlyLinksAnswered, Rated, StaffNotProven
from helpdesk.model.mail import Happening, InboundMail, SpooledArrival
from helpdesk.model.reasons import because
from helpdesk.parse.message import read, read_headers_only
from helpdesk.store import handled, held, inbox, tickets
from helpdesk.store.burnt import burn
from helpdesk.store.earlier import DUPLICATE
from helpdesk.store.erasing import is_overwritten
from helpdesk.store.holding import hold

Reading = Callable[[], InboundMail]

_log = structlog.get_logger()


def begin_reading(shop: Workshop, spooled: SpooledArrival, *, worn_out: bool) -> Reading:
    """Call the result for the mail of a row. `worn_out`: it has killed its worker too often, only its head is read."""
    reader = read_headers_only if worn_out else read
    return shop.aside.begin(reader, spooled.arrival.raw, limits=shop.limits.mail)


def offer_reading(shop: Workshop, spooled: SpooledArrival) -> Reading | None:
    """The same if somebody else takes it on."""
    return shop.aside.offer(read, spooled.arrival.raw, limits=shop.limits.mail)


def is_mail(spooled: SpooledArrival) -> bool:
    """Is there a mail to be read in this row?"""
    return spooled.arrival.kind is Happening.MAIL and not is_overwritten(spooled.arrival.raw)


def handle(
    shop: Workshop,
    desk: Connection,
    spooled: SpooledArrival,
    *,
    worn_out: bool,
    mail: InboundMail | None = None,
) -> None:
    """Handle a row. `worn_out`: it has killed its worker too often (P6). `mail`: if it was read already."""
    now = shop.clock()
    match spooled.arrival.kind:
        case Happening.MAIL if is_mail(spooled):
            mail = mail or begin_reading(shop, spooled, worn_out=worn_out)()
            _handle_mail(shop, desk, spooled, mail, now, worn_out=worn_out)
        case Happening.MAIL:
            finish(desk, spooled, "ignored:erased", "its customer was forgotten; no word of it is left", now)
        case Happening.VOTE:
            _handle_vote(shop, desk, spooled, now)
        case Happening.ADMIN:
            outcome = _ordered(shop, desk, json.loads(spooled.arrival.raw), now)
            finish(desk, spooled, "admin", outcome, now)


def _ordered(shop: Workshop, desk: Connection, order: dict[str, Any], now: datetime) -> str:
    """What the command line asked for."""
    if order.get("order") == admin.ERASE:
        return forget(shop, desk, str(order["address"]), now)
    return admin.carry_out(desk, order, now)


def _handle_mail(
    shop: Workshop,
    desk: Connection,
    spooled: SpooledArrival,
    mail: InboundMail,
    now: datetime,
    *,
    worn_out: bool,
) -> None:
    # until the end nobody else takes up a copy of this mail, or another mail of its conversation
    hold(desk, (spooled.dedupe_key, *filter(None, (mail.message_id, mail.in_reply_to)), *mail.references))
    if worn_out:
        tell_pics(shop, desk, spooled.id, because("only_head_read"), now)
    first = earlier_copy(shop, desk, spooled, mail)
    if first:
        reason = f"the same mail as inbox row {first.spool_id}, by another road"
        finish(desk, spooled, DUPLICATE, reason, now, mail=mail, ticket=first.ticket)
        return
    understood = understand_and_hold(shop, desk, spooled, mail, now, by_head=worn_out)
    if understood.held_id is not None:
        _release(shop, desk, spooled, mail, understood.held_id, now)
        return
    _carry_out(shop, desk, spooled, understood, now)


def _carry_out(
    shop: Workshop, desk: Connection, spooled: SpooledArrival, understood: Understood, now: datetime
) -> None:
    """Decide on what a mail means, and mark its row as handled."""
    meaning, mail = understood.meaning, understood.mail
    burn(desk, ((shop.signer.reply_address(token), why) for token, why in understood.revealed), now)
    if isinstance(meaning, Ignored):
        _log.info(
            "ignored", action="ignored", rule=meaning.rule, spool_id=spooled.id, message_id=mail.message_id
        )
        ticket = understood.ticket.number if understood.ticket else None
        state = "parked" if meaning.parks else "done"
        finish(
            desk, spooled, f"ignored:{meaning.rule}", meaning.why, now, mail=mail, ticket=ticket, state=state
        )
        if meaning.parks:
            tell_parked(shop, desk, spooled.id, meaning.why, now)
        return
    if understood.replaces is not None:
        held.settle(desk, understood.replaces, "dropped")
    if isinstance(meaning, StaffNotProven):
        meaning = confirming.hold(desk, spooled, understood, meaning, now)
    if isinstance(meaning, OnlyLinksAnswered):
        meaning = replace(meaning, held_id=_hold(desk, spooled, understood, now))
    if isinstance(meaning, CustomerAsked) and meaning.ask in NEEDS_CONFIRMATION and not meaning.confirmed:
        who = meaning.speaker
        held_id = held.hold(desk, spooled.id, who.address.address, who.role, None, now)
        meaning = replace(meaning, held_id=held_id)
    event = numbered(meaning, understood.ticket, partial(tickets.take_number, desk))
    with mails_forgotten(shop, desk, event, but_for=(spooled.id,)):
        number, reasons = decide_and_apply(shop, desk, event, understood.ticket, now)
    reason = "; ".join((*understood.reasons, *reasons))
    finish(desk, spooled, event_name(meaning), reason, now, mail=mail, ticket=number)


def _hold(desk: Connection, spooled: SpooledArrival, understood: Understood, now: datetime) -> int:
    person = understood.speaker.person
    assert person is not None, "only registered people are held"
    ticket = understood.ticket.number if understood.ticket else None
    return held.hold(desk, spooled.id, person.address, understood.speaker.role, ticket, now, held.LINKS)


def _release(
    shop: Workshop, desk: Connection, spooled: SpooledArrival, mail: InboundMail, held_id: int, now: datetime
) -> None:
    """The person has confirmed: what they wrote is done now, as if it had just come."""
    waiting = held.load(desk, held_id)
    assert waiting is not None
    if not held.settle(desk, held_id, "released"):  # another node was faster
        finish(desk, spooled, "ignored:confirmation", "it confirms no held mail that waits", now, mail=mail)
        return
    with shop.spool.read() as spool:
        original = inbox.fetch(spool, [waiting.spool_id])[0]
    arrival = replace(
        original.arrival, received_at=spooled.arrival.received_at
    )  # nobody had the words before
    original = replace(original, arrival=arrival)
    held_mail = read(original.arrival.raw, limits=shop.limits.mail)
    understood = understand_and_hold(shop, desk, original, held_mail, now, waiting)
    _carry_out(shop, desk, original, understood, now)
    reason = f"confirmed the held mail of inbox row {waiting.spool_id}"
    finish(desk, spooled, "confirmation", reason, now, mail=mail, ticket=waiting.ticket)
    confirming.ask_next(shop, desk, waiting.person, now)


def _handle_vote(shop: Workshop, desk: Connection, spooled: SpooledArrival, now: datetime) -> None:
    vote: dict[str, Any] = json.loads(spooled.arrival.raw)
    event = Rated(score=vote["score"], comment=vote["comment"], by="survey page", spool_id=spooled.id)
    number, reasons = decide_and_apply(shop, desk, event, tickets.load(desk, vote["number"], lock=True), now)
    finish(desk, spooled, "rated", "; ".join(reasons), now, ticket=number)


def finish(
    desk: Connection,
    spooled: SpooledArrival,
    outcome: str,
    reason: str,
    now: datetime,
    *,
    mail: InboundMail | None = None,
    ticket: int | None = None,
    state: str = "done",
) -> None:
    handled.finish(
        desk,
        spooled.id,
        state=state,
        outcome=outcome,
        reason=reason,
        ticket=ticket,
        message_id=mail.message_id if mail else None,
        dedupe_key=spooled.dedupe_key,
        sender=true_sender(mail) if mail else "",
        date=mail.date if mail else None,
        road=str(spooled.arrival.road),
        now=now,
    )


def tell_pics(shop: Workshop, desk: Connection, spool_id: int, reason: str, now: datetime) -> None:
    write_letters(shop, desk, park_notice(spool_id, reason, shop.policy), now)
