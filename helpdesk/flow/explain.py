"""Why the desk did what it did, and what it would do with a mail now, without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from helpdesk.decide import calendar
from helpdesk.decide.desk import decide
from helpdesk.decide.intent import Ignored
from helpdesk.decide.lifecycle import event_name
from helpdesk.flow.duplicates import earlier_copy
from helpdesk.flow.numbering import numbered
from helpdesk.flow.standing import with_standing
from helpdesk.flow.understanding import understand
from helpdesk.flow.workshop import Workshop
from helpdesk.model.events import Interval
from helpdesk.model.fingerprint import dedupe_key
from helpdesk.model.mail import Arrival, InboundMail, Road, SpooledArrival
from helpdesk.model.ticket import Deadline, Ticket
from helpdesk.parse.message import read
from helpdesk.store import journal, tickets
from helpdesk.store.journal import Journalled


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a mail would do: its event (or the rule that ignores it), why, and the letters (name, reader)."""

    mail: InboundMail
    event: str
    ticket: int | None
    status: str | None
    reasons: tuple[str, ...]
    letters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Hindsight:
    """A ticket's history with every reason, and each deadline with the time that counts towards it."""

    ticket: Ticket
    history: tuple[Journalled, ...]
    deadlines: tuple[tuple[Deadline, tuple[Interval, ...]], ...]


def foresee(shop: Workshop, raw: bytes) -> Foresight:
    """Say what the desk would do with this mail if it came to its address now."""
    now, mail = shop.clock(), read(raw, limits=shop.limits.mail)
    sender = mail.sender.address if mail.sender else None
    arrival = Arrival(raw=raw, road=_road(raw), received_at=now, sender=sender, peer="local")
    spooled = SpooledArrival(0, dedupe_key(raw), arrival)
    with shop.desk.read() as desk:
        first = earlier_copy(shop, desk, spooled, mail)
        understood = understand(shop, desk, spooled, mail, now)
        meaning, ticket = understood.meaning, understood.ticket
        number = ticket.number if ticket else None
        why = understood.reasons
        if first:
            why = (
                *why,
                f"it has come before, as inbox row {first.spool_id}: it would be left aside as a duplicate",
            )
        if understood.held_id is not None:
            why = (*why, "a held mail is confirmed: what it says is done then")
            return Foresight(mail, "confirmation", number, None, why, ())
        if isinstance(meaning, Ignored):
            return Foresight(mail, f"ignored ({meaning.rule})", number, None, (*why, meaning.why), ())
        event = numbered(meaning, ticket, partial(tickets.next_number, desk))
        event = with_standing(shop, desk, event, ticket, now)
    decision = decide(ticket, event, shop.policy, now)
    status = decision.changes.get("status", ticket.status if ticket else None)
    drafts = (*decision.drafts, *(d for beside in decision.also for d in beside.decision.drafts))
    letters = tuple((draft.letter, draft.to.address) for draft in drafts)
    return Foresight(mail, event_name(meaning), decision.number, status, (*why, *decision.reasons), letters)


def look_back(shop: Workshop, number: int) -> Hindsight | None:
    """The history of a ticket; None if there is no such ticket."""
    with shop.desk.read() as desk:
        ticket = tickets.load(desk, number)
        if ticket is None:
            return None
        history = tuple(journal.of_ticket(desk, number))
    counted = tuple((deadline, _counted(shop, deadline)) for deadline in ticket.deadlines)
    return Hindsight(ticket, history, counted)


def _counted(shop: Workshop, deadline: Deadline) -> tuple[Interval, ...]:
    rules = shop.policy.calendar
    return tuple(calendar.intervals(deadline.started_at, deadline.due_at, deadline.clock, rules))


def _road(raw: bytes) -> Road:
    """A mail that our own listener has stored begins with its stamp, else it is as a mailbox keeps it."""
    return Road.SMTP if raw[:12].lower() == b"return-path:" else Road.IMAP
