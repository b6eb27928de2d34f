"""What else stands open about a ticket: looked up for every event that meets it, and changed by decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from helpdesk.flow.known import Known, late_on
from helpdesk.model import effects
from helpdesk.model.affairs import Affairs, Evidence
from helpdesk.model.events import DeadlinePassed, Event
from helpdesk.model.ticket import DeadlineKind, Ticket
from helpdesk.store import consents, evidence, people, promises


def affairs_of(desk: Connection, event: Event, ticket: Ticket, known: Known, now: datetime) -> Affairs:
    """The ticket's latest promise and consent; what a deadline that has passed must know besides."""
    passed = event.deadline.kind if isinstance(event, DeadlinePassed) else None
    return Affairs(
        promise=known.promise,
        consent=known.consent,
        evidence=known.evidence or _evidence(desk, event, ticket, now),
        on_hold=evidence.reason_for_hold(desk, ticket.number) if passed is DeadlineKind.HOLD else "",
    )


def _evidence(desk: Connection, event: Event, ticket: Ticket, now: datetime) -> Evidence | None:
    late = late_on(ticket, event.deadline) if isinstance(event, DeadlinePassed) else None
    return evidence.of_operators(desk, [late], now)[0] if late else None


def _make_promise(desk: Connection, effect: effects.MakePromise, _: datetime) -> None:
    promises.add(desk, effect.number, effect.promise)


def _settle_promise(desk: Connection, effect: effects.SettlePromise, now: datetime) -> None:
    promises.settle(desk, effect.number, effect.state, now)


def _ask_consent(desk: Connection, effect: effects.AskConsent, _: datetime) -> None:
    consents.ask(desk, effect.number, effect.consent)


def _answer_consent(desk: Connection, effect: effects.AnswerConsent, now: datetime) -> None:
    consents.answer(desk, effect.consent_id, effect.state, effect.words, effect.spool_id, now)


def _use_consent(desk: Connection, effect: effects.UseConsent, _: datetime) -> None:
    consents.use(desk, effect.consent_id)


def _lift_cards(desk: Connection, effect: effects.LiftCards, now: datetime) -> None:
    people.lift_cards(desk, effect.operator, now, effect.by)


def _appeal_card(desk: Connection, effect: effects.AppealCard, now: datetime) -> None:
    people.appeal_card(desk, effect.card_id, effect.words, now)


CARRY_OUT: Mapping[type[effects.Effect], Callable[[Connection, Any, datetime], None]] = {
    effects.MakePromise: _make_promise,
    effects.SettlePromise: _settle_promise,
    effects.AskConsent: _ask_consent,
    effects.AnswerConsent: _answer_consent,
    effects.UseConsent: _use_consent,
    effects.LiftCards: _lift_cards,
    effects.AppealCard: _appeal_card,
}
"""How each is stored."""
