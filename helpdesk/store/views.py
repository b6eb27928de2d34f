"""Read-only views: the figures of /metrics and the JSON shapes of INTERFACE section 2."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from helpdesk.model.affairs import Consent, GivenCard, Promise
from helpdesk.model.mail import SpooledArrival
from helpdesk.model.people import Address
from helpdesk.model.ticket import DeadlineKind, Entry, Rating, Status, Ticket
from helpdesk.store import (
    alarms,
    consents,
    deadlines,
    entries,
    handled,
    inbox,
    journal,
    outbox,
    people,
    promises,
    tickets,
)
from helpdesk.store.schema import OUTBOX, TICKET

_OPERATORS_DEADLINES = {DeadlineKind.FIRST_RESPONSE, DeadlineKind.NEXT_RESPONSE}
_OPEN = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED)


@dataclass(frozen=True, slots=True)
class Figures:
    """The gauges and totals of INTERFACE section 5."""

    mails_received: Mapping[str, int]  # by road
    inbox_waiting: int
    inbox_parked: int
    tickets_created: int
    tickets_open: Mapping[str, int]  # by status, closed left out
    letters_queued: Mapping[str, int]  # by letter, ever
    letters_sent: int
    letters_failed: int
    letters_parked: int
    outbox_waiting: int
    deadlines_waiting: int
    deadlines_overdue: int
    alarms: Collection[str] = ()  # names of those that stand


def figures(desk: Connection, spool: Connection, now: datetime) -> Figures:
    letters = outbox.counts(desk)
    waiting, overdue = deadlines.counts(desk, now)
    by_status = _grouped(desk, TICKET.c.status)
    by_letter = _grouped(desk, OUTBOX.c.letter)
    return Figures(
        mails_received=inbox.count(spool),
        inbox_waiting=handled.waiting_count(desk, spool),
        inbox_parked=handled.parked_count(desk),
        tickets_created=sum(by_status.values()),
        tickets_open={status.value: by_status.get(status.value, 0) for status in _OPEN},
        letters_queued=by_letter,
        letters_sent=letters["sent"],
        letters_failed=letters["failed"],
        letters_parked=letters["parked"],
        outbox_waiting=letters["queued"],
        deadlines_waiting=waiting,
        deadlines_overdue=overdue,
        alarms=alarms.names(desk),
    )


def _grouped(connection: Connection, column: Any) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column))
    return {row[0]: row[1] for row in rows}


def ticket_json(connection: Connection, number: int, names: Mapping[str, str]) -> dict[str, Any] | None:
    """One ticket with entries and history; None if there is no such ticket.

    `names`: the operators' names by registered address (lower case).
    """
    ticket = tickets.load(connection, number)
    if ticket is None:
        return None
    return {
        **_summary(ticket, people.cards(connection, tickets=[number]), names),
        **_affairs(connection, [number])[number],
        "entries": [_entry(entry) for entry in entries.entries(connection, number)],
        "history": [
            {"at": iso(line.at), "event": line.event, "by": line.by, "reason": line.reason}
            for line in journal.of_ticket(connection, number)
        ],
    }


def tickets_json(
    connection: Connection, listed: Sequence[Ticket], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The same objects without entries and history; `listed` as `tickets.search` gives them."""
    numbers = [ticket.number for ticket in listed]
    cards: dict[int | None, list[GivenCard]] = {}
    for card in people.cards(connection, tickets=numbers):
        cards.setdefault(card.ticket, []).append(card)
    affairs = _affairs(connection, numbers)
    return [
        {**_summary(ticket, cards.get(ticket.number, []), names), **affairs[ticket.number]}
        for ticket in listed
    ]


def outbox_json(connection: Connection, limit: int = 1000) -> list[dict[str, Any]]:
    return [
        {
            "id": letter.id,
            "ticket": letter.ticket,
            "letter": letter.letter,
            "to": list(letter.to),
            "cc": list(letter.cc),
            "subject": letter.subject,
            "message_id": letter.message_id,
            "state": letter.state,
            "attempts": letter.attempts,
            "next_attempt_at": iso(letter.next_attempt_at),
            "last_error": letter.last_error,
        }
        for letter in outbox.listing(connection, limit)
    ]


def inbox_json(
    desk: Connection, spool: Connection, *, parked_only: bool = False, limit: int = 1000
) -> list[dict[str, Any]]:
    """What arrived, newest first, and what became of it; `state` waiting until it is handled."""
    known = {row.spool_id: row for row in handled.latest(desk, limit, parked_only=parked_only)}
    ids = sorted(known, reverse=True) if parked_only else inbox.latest_ids(spool, limit)
    return [_inbox_row(row, known.get(row.id)) for row in inbox.fetch(spool, ids)]


def _inbox_row(row: SpooledArrival, fate: handled.Handled | None) -> dict[str, Any]:
    arrival = row.arrival
    return {
        "id": row.id,
        "received_at": iso(arrival.received_at),
        "kind": arrival.kind.value,
        "road": arrival.road.value,
        "from": (fate.sender if fate else "") or arrival.sender,
        "state": fate.state if fate else "waiting",
        "attempts": fate.attempts if fate else 0,
        "outcome": fate.outcome if fate else "",
        "ticket": fate.ticket if fate else None,
        "reason": fate.reason if fate else "",
    }


def iso(instant: datetime | None) -> str | None:
    """ISO-8601 UTC with Z; microseconds only where there are some."""
    return None if instant is None else instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def due_at(ticket: Ticket) -> datetime | None:
    """The next deadline that matters to the operator: their next answer."""
    times = [d.due_at for d in ticket.deadlines if d.kind in _OPERATORS_DEADLINES]
    return min(times, default=None)


def _summary(ticket: Ticket, cards: Sequence[GivenCard], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status.value,
        "waiting_for": ticket.waiting_for.value,
        "customer": _address(ticket.customer),
        "operator": _operator(ticket.operator, names),
        "queue": ticket.queue,
        "language": ticket.language,
        "created_at": iso(ticket.created_at),
        "updated_at": iso(ticket.updated_at),
        "first_response_at": iso(ticket.first_response_at),
        "closed_at": iso(ticket.closed_at),
        "due_at": iso(due_at(ticket)),
        "deadlines": [{"kind": d.kind.value, "due_at": iso(d.due_at)} for d in ticket.deadlines],
        "yellow_cards": [card_json(card) for card in cards],
        "rating": _rating(ticket.rating),
        "fields": ticket.fields,
        "tags": list(ticket.tags),
    }


def card_json(card: GivenCard) -> dict[str, Any]:
    """A yellow card with its evidence, the operator's appeal and who lifted it."""
    return {
        "operator": card.operator,
        "at": iso(card.at),
        "reason": card.reason,
        "evidence": card.evidence or "",
        "appeal": card.appeal or "",
        "appealed_at": iso(card.appealed_at),
        "lifted_at": iso(card.lifted_at),
        "lifted_by": card.lifted_by or "",
    }


def _affairs(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Promises and consents of each of these tickets."""
    promised = promises.of_tickets(connection, numbers)
    asked = consents.of_tickets(connection, numbers)
    return {
        number: {
            "promises": [_promise(promise) for promise in promised.get(number, ())],
            "consents": [_consent(consent) for consent in asked.get(number, ())],
        }
        for number in numbers
    }


def _promise(promise: Promise) -> dict[str, Any]:
    return {
        "due_at": iso(promise.due_at),
        "state": promise.state.value,
        "reason": promise.reason,
        "by": promise.by,
        "made_at": iso(promise.made_at),
        "settled_at": iso(promise.settled_at),
    }


def _consent(consent: Consent) -> dict[str, Any]:
    return {
        "what": consent.what,
        "state": consent.state.value,
        "by": consent.by,
        "asked_at": iso(consent.asked_at),
        "answer": consent.answer,
        "answered_at": iso(consent.answered_at),
        "inbox_id": consent.spool_id,
    }


def _address(address: Address) -> dict[str, str]:
    return {"name": address.name, "address": address.address}


def _operator(operator: str | None, names: Mapping[str, str]) -> dict[str, str] | None:
    return None if operator is None else {"name": names.get(operator.lower(), ""), "address": operator}


def _rating(rating: Rating | None) -> dict[str, Any] | None:
    if rating is None:
        return None
    return {"score": rating.score, "comment": rating.comment, "at": iso(rating.at)}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "kind": entry.kind.value,
        "from": _address(entry.sender),
        "to": list(entry.to),
        "subject": entry.subject,
        "text": entry.text,
        "message_id": entry.message_id,
        "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in entry.attachments],
    }
