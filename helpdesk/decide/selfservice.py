"""Answers to what customers ask of the desk itself; never to anybody but the address that asked.

`status` says numbers and states only: a subject may be words of somebody who forged the address (F13).
`send my data` and `forget me` wait until the address has answered a letter of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from helpdesk.decide import greeting
from helpdesk.decide.answering import NO_AUTO_REPLY
from helpdesk.decide.notes import DESK, Notes
from helpdesk.decide.plan import Plan
from helpdesk.model.asks import NEEDS_CONFIRMATION, Ask, CustomerAsked
from helpdesk.model.decision import Beside, Decision, Draft, Value
from helpdesk.model.effects import EraseTicket, ForgetAddress, PreferLanguage
from helpdesk.model.events import Event
from helpdesk.model.letters import LETTERS
from helpdesk.model.people import Address
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Status, Ticket, WaitingFor

REQUEST, DONE = "confirm_request", "request_done"

STATES: Mapping[str, Mapping[Status, str]] = {
    "en": {
        Status.NEW: "waiting for somebody to take it",
        Status.OPEN: "being worked on",
        Status.PENDING: "waiting for your answer",
        Status.ON_HOLD: "on hold",
        Status.SOLVED: "solved",
        Status.CLOSED: "closed",
    },
    "id": {
        Status.NEW: "menunggu diambil petugas",
        Status.OPEN: "sedang dikerjakan",
        Status.PENDING: "menunggu jawaban Anda",
        Status.ON_HOLD: "ditunda",
        Status.SOLVED: "selesai",
        Status.CLOSED: "ditutup",
    },
    "el": {
        Status.NEW: "περιμένει να το αναλάβει κάποιος",
        Status.OPEN: "σε εξέλιξη",
        Status.PENDING: "περιμένει την απάντησή σας",
        Status.ON_HOLD: "σε αναμονή",
        Status.SOLVED: "λύθηκε",
        Status.CLOSED: "έκλεισε",
    },
    "tl": {
        Status.NEW: "naghihintay ng hahawak",
        Status.OPEN: "inaasikaso na",
        Status.PENDING: "naghihintay ng sagot ninyo",
        Status.ON_HOLD: "pansamantalang nakatigil",
        Status.SOLVED: "nalutas na",
        Status.CLOSED: "sarado na",
    },
}


def asked(ticket: Ticket | None, event: CustomerAsked, policy: Policy, now: datetime) -> Decision:
    notes, language = Notes(event, policy, now), _language(event, policy)
    if event.ask is Ask.LANGUAGE:  # it holds, whether or not a letter may say so
        _prefer(notes, event)
    if ticket and NO_AUTO_REPLY in ticket.tags:
        notes.because(f"{event.ask} was asked for on a ticket whose writer gets no automatic letters")
        return notes.decision()
    waits = event.ask in NEEDS_CONFIRMATION and not event.confirmed
    letter = REQUEST if waits else DONE
    # counted by what is asked, not by the letter: four answers are the most that forgers get for one address;
    # whoever has confirmed has read our letter and is no flood
    if not event.confirmed and (why := greeting.cap(notes, event, event.ask)):
        notes.because(f"{event.ask} was asked for; no letter: {why}")
        return notes.decision()
    text = _states(event, language, policy) if event.ask is Ask.STATUS else ""
    draft = _draft(event, letter, language, {"request": str(event.ask), "text": text})
    if waits:
        draft = replace(draft, audience=Audience.HELD, number=event.held_id, person=draft.to.address)
    elif event.ask is Ask.FORGET:
        _erase(notes, event.tickets, event.speaker.address.address)
    elif event.ask is Ask.DATA:
        draft = replace(draft, files=event.files)
    notes.write(draft)
    notes.because(
        f"the customer asked for: {event.ask}" + (", which the address must confirm" if waits else "")
    )
    return notes.decision()


def erased(tickets: Iterable[Ticket], address: str, event: Event, policy: Policy, now: datetime) -> Decision:
    """Nothing of the customer's stays but numbers, times and states; what is open ends."""
    notes = Notes(event, policy, now)
    _erase(notes, tickets, address)
    return notes.decision()


def _erase(notes: Notes, tickets: Iterable[Ticket], address: str) -> None:
    for ticket in tickets:
        tombstone = f"erased-{ticket.number}@erased.invalid"
        plan = Plan(ticket, notes.event, notes.policy, notes.now)
        plan.change(
            status=Status.CLOSED,
            waiting_for=WaitingFor.NOBODY,
            closed_at=ticket.closed_at or notes.now,
            updated_at=notes.now,
            subject="",
            customer=Address("", tombstone),
            participants=(),
            thread=(),
            fields={},
        )
        if ticket.rating:
            plan.rate(replace(ticket.rating, comment=""))
        plan.note("erased", DESK, because("erased", head=ticket.journal_head))
        people = tuple(dict.fromkeys((address, ticket.customer.address, *ticket.participants)))
        plan.effect(EraseTicket(ticket.number, people, ticket.customer.name, tombstone))
        notes.beside(Beside(ticket, plan.decision()))
    notes.effect(ForgetAddress(address))


def _prefer(notes: Notes, event: CustomerAsked) -> None:
    """For tickets to come, and for those that go on."""
    notes.effect(PreferLanguage(event.speaker.address.address, event.wanted))
    for ticket in event.tickets:
        if ticket.status is not Status.CLOSED and ticket.language != event.wanted:
            plan = Plan(ticket, event, notes.policy, notes.now)
            plan.change(language=event.wanted)
            plan.note("language", DESK, because("language_wanted", language=event.wanted))
            notes.beside(Beside(ticket, plan.decision()))


def _states(event: CustomerAsked, language: str, policy: Policy) -> str:
    words = STATES.get(language, STATES["en"])
    zone = policy.calendar.timezone
    lines = ((t.number, t.created_at.astimezone(zone), words[t.status]) for t in event.tickets)
    return "\n".join(f"#{number} ({at:%Y-%m-%d}): {state}" for number, at, state in lines)


def _language(event: CustomerAsked, policy: Policy) -> str:
    used = [event.spoken, *(ticket.language for ticket in reversed(event.tickets))]
    return next((one for one in used if one in policy.languages), policy.language)


def _draft(event: CustomerAsked, letter: str, language: str, values: Mapping[str, Value]) -> Draft:
    mail = event.mail
    known = {"customer_name": event.speaker.address.name, **values}
    return Draft(
        letter=letter,
        to=event.speaker.address,
        audience=Audience.CUSTOMER,
        number=0,
        ticket=None,
        values={name: known[name] for name in LETTERS[letter].variables},
        replied=True,
        in_reply_to=mail.message_id,
        references=(mail.message_id,) if mail.message_id else (),
        language=language,
    )
