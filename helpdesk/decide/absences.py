"""What an operator's out-of-office reply does, and what ends it (PROCEDURE B).

They are passed over from now on. What still waits for their first answer goes back at once; where they have answered
before, the ticket stays and PIC are told. Nothing of this is written to the operator: it would answer a machine (R36).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from helpdesk.decide import customers, deadlines, giving_back, operators
from helpdesk.decide.availability import turn_of
from helpdesk.decide.notes import Notes
from helpdesk.decide.out_of_office import away_until
from helpdesk.decide.parked import to_pics
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.phrases import moment
from helpdesk.model.decision import Beside, Decision
from helpdesk.model.effects import EndAbsence, StartAbsence
from helpdesk.model.events import (
    OUT_OF_OFFICE,
    Event,
    InHand,
    MailEvent,
    OperatorAway,
    OperatorClaimed,
    RobotWrote,
    Rota,
    StaffNotProven,
)
from helpdesk.model.people import Person, Role
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import EntryKind, Ticket


def went_away(ticket: Ticket | None, event: OperatorAway, policy: Policy, now: datetime) -> Decision:
    """1. on record, 2. passed over, 3. unanswered tickets go back, 4. PIC are told."""
    person = operators.writer(event)
    notes = Plan(ticket, event, policy, now) if ticket else Notes(event, policy, now)
    if isinstance(notes, Plan):
        notes.record(customers.entry_of(event, EntryKind.NOTE, now))
    until = _pass_over(notes, event, person)
    given_back = _give_back(notes, [held for held in event.held if _waits(held.ticket)], person)
    staying = tuple(_named(held.ticket, policy) for held in event.held if not _waits(held.ticket))
    if until or given_back:
        values = {
            "operator_name": person.name,
            "until": until or turn_of(event.rota, person).away_until,
            "given_back": given_back,
            "staying": staying,
            "text": event.mail.new_text or event.mail.text,
        }
        for draft in to_pics("away_notice", values, policy):
            notes.write(draft)
    return notes.decision()


def returned(decision: Decision, ticket: Ticket | None, event: Event) -> Decision:
    """The decision; with the end of the absence, if this is the first mail that the operator wrote by hand."""
    if not isinstance(event, MailEvent) or isinstance(event, OperatorAway | StaffNotProven | RobotWrote):
        return decision
    person = event.speaker.person
    if person is None or event.speaker.role is not Role.OPERATOR or event.mail.automatic:
        return decision
    believed = event.speaker.proof or isinstance(event, OperatorClaimed)
    if not believed or not decision.allowed or turn_of(event.rota, person).away_why != OUT_OF_OFFICE:
        return decision
    letter = operators.sent_back(ticket, event, "receipt", {"text": because("told_back_by_mail")})
    return replace(
        decision,
        reasons=(*decision.reasons, because("wrote_by_hand", who=person.name)),
        effects=(EndAbsence(person.address), *decision.effects),
        drafts=(*decision.drafts, letter),
    )


def _pass_over(notes: Notes, event: OperatorAway, person: Person) -> datetime | None:
    """Until when they are away by this reply; None when that was known."""
    if turn_of(event.rota, person).away:
        notes.note("automatic_mail", person.address, because("known_away", why=event.why, who=person.name))
        return None
    until = away_until(event.mail, notes.now, notes.policy)
    notes.effect(StartAbsence(person.address, until, OUT_OF_OFFICE))
    when = f"{until:%Y-%m-%d %H:%M}"
    reason = because("out_until", who=person.name, when=when, why=event.why)
    notes.note("away", person.address, reason)
    return until


def _give_back(notes: Notes, held: Iterable[InHand], person: Person) -> tuple[str, ...]:
    """Each to whoever is next after the one before; return them in words, with who has them now."""
    words, rota = [], notes.event.rota
    for one in held:
        event = replace(notes.event, rota=rota, customer_text=one.customer_text, past_turns=one.past_turns)
        is_own = isinstance(notes, Plan) and notes.ticket.number == one.ticket.number
        plan = notes if is_own else Plan(one.ticket, event, notes.policy, notes.now)
        assert isinstance(plan, Plan)
        plan.event = event
        plan.note("given_back", person.address, because("out_no_card", who=person.name))
        successor = giving_back.give_back(plan, person, "out_of_office")
        rota = _after_turn(rota, successor, notes.now)
        who = successor.name if successor else because("free")
        words.append(because("ticket_with", ticket=_named(one.ticket, notes.policy), who=who))
        if plan is not notes:
            notes.beside(Beside(one.ticket, plan.decision()))
    return tuple(words)


def _after_turn(rota: Rota, person: Person | None, now: datetime) -> Rota:
    """The rota as it stands once `person` has got one more."""
    return tuple(
        replace(turn, last_turn_at=now, open_tickets=turn.open_tickets + 1)
        if turn.operator == person
        else turn
        for turn in rota
    )


def _waits(ticket: Ticket) -> bool:
    """Has nobody answered the customer yet?"""
    return ticket.answered_at is None


def _named(ticket: Ticket, policy: Policy) -> str:
    due = min((d.due_at for d in ticket.deadlines if d.kind in deadlines.RESPONSE), default=None)
    if due is None:
        return f"#{ticket.number} {ticket.subject}"
    return because("ticket_due", number=ticket.number, subject=ticket.subject, when=moment(policy, due))
