"""What became of a letter: the sender's report is booked, and what was refused is an event for decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from helpdesk.decide.desk import decide
from helpdesk.flow.apply import apply
from helpdesk.flow.standing import with_standing
from helpdesk.flow.workshop import Workshop
from helpdesk.model.events import LetterRefused
from helpdesk.model.outcome import Outcome, Refused, TryLater
from helpdesk.model.reasons import because
from helpdesk.model.ticket import EntryKind
from helpdesk.store import entries, tickets
from helpdesk.store import settle as settlement
from helpdesk.store.marks import Unsettled
from helpdesk.store.session import is_our_trouble, savepoint

_log = structlog.get_logger()


def settle(shop: Workshop, attempts: Sequence[Unsettled]) -> None:
    """Book the outcomes of attempts in one transaction; safe to repeat."""
    now = shop.clock()
    with shop.desk.write("settle") as desk:
        ended = settlement.settle(
            desk,
            attempts,
            now,
            retry_for=shop.retry_for,
            pauses=shop.limits.pauses,
            chance=shop.chance,
        )
        for settled in ended:
            _tell_safely(shop, desk, settled, now)


def _tell_safely(shop: Workshop, desk: Connection, settled: settlement.Settled, now: datetime) -> None:
    """What became of a letter is booked even if telling of it fails, or the sender would wait for ever."""
    try:
        with savepoint(desk):
            _tell_refusal(shop, desk, settled, now)
    except Exception as error:
        if is_our_trouble(error):
            raise
        _log.exception("refusal_not_told", action="refusal_not_told", ticket=settled.ticket)


def _tell_refusal(shop: Workshop, desk: Connection, settled: settlement.Settled, now: datetime) -> None:
    ticket = tickets.load(desk, settled.ticket, lock=True) if settled.ticket else None
    if ticket is None:
        return
    event = LetterRefused(
        letter=settled.letter,
        audience=settled.audience,
        recipient=settled.recipient,
        reason=_why(settled.outcome, gave_up=settled.gave_up),
        text=_answer(desk, ticket.number) if settled.letter == "answer" else "",
    )
    event = with_standing(shop, desk, event, ticket, now)
    apply(shop, desk, ticket, decide(ticket, event, shop.policy, now), now)


def _why(outcome: Outcome, *, gave_up: bool) -> str:
    reason = outcome.reason if isinstance(outcome, Refused | TryLater) else ""
    return because("gave_up", reason=reason) if gave_up else reason


def _answer(desk: Connection, number: int) -> str:
    """What an operator wrote last on the ticket."""
    return entries.latest_texts(desk, [number], EntryKind.OPERATOR).get(number, "")
