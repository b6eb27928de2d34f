"""decide(ticket, event, policy, now): the whole procedure as one pure function.

1. the table says whether this event may meet this status; if not, nothing changes and the reason is kept
2. the handler of the event plans what to do
3. the table is asked again: a decision may only end where the table allows
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from helpdesk.decide import (
    absences,
    asking,
    bounced,
    cards,
    claims,
    clockwork,
    commanded,
    customers,
    escalating,
    links,
    operators,
    pics,
    selfservice,
    several,
)
from helpdesk.decide.lifecycle import TRANSITIONS, OffTheTable, event_name
from helpdesk.decide.plan import DESK
from helpdesk.model import events
from helpdesk.model.asked import ReportAsked
from helpdesk.model.asks import CustomerAsked
from helpdesk.model.commanded import DeskCommanded, StaffCommanded
from helpdesk.model.decision import Decision, Draft, JournalLine
from helpdesk.model.events import Event, MailEvent
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Status, Ticket

HANDLERS: Mapping[type[Event], Callable[[Ticket | None, Any, Policy, datetime], Decision]] = {
    events.CustomerWrote: customers.wrote,
    CustomerAsked: selfservice.asked,
    events.RobotWrote: customers.robot_wrote,
    events.OperatorAway: absences.went_away,
    events.Rated: customers.rated,
    events.OperatorClaimed: claims.claimed,
    events.OperatorAnswered: operators.answered,
    StaffCommanded: commanded.commanded,
    DeskCommanded: several.desk_commanded,
    events.ThirdPartyWrote: escalating.wrote,
    events.OperatorUnclear: operators.unclear,
    events.CommandFailed: operators.command_failed,
    events.StaffNotProven: operators.not_proven,
    events.OnlyLinksAnswered: links.held_back,
    ReportAsked: asking.reported,
    events.PicApproved: pics.approved,
    events.PicObjected: pics.objected,
    events.PicWrote: pics.wrote,
    events.CardAppealed: cards.appealed,
    events.DeadlinePassed: clockwork.passed,
    events.LetterRefused: bounced.refused,
}


def decide(ticket: Ticket | None, event: Event, policy: Policy, now: datetime) -> Decision:
    """Say what to do about `event`. `ticket` is None when the event belongs to none yet."""
    status = ticket.status if ticket else None
    name = event_name(event)
    ends = TRANSITIONS[status].get(name)
    if ends is None:
        return _refused(ticket, event, name)
    decision = HANDLERS[type(event)](ticket, event, policy, now)
    decision = absences.returned(decision, ticket, event)
    _hold_to_table(name, status, decision)
    for beside in decision.also:
        _hold_to_table(name, beside.ticket.status if beside.ticket else None, beside.decision)
    return decision


def _hold_to_table(name: str, status: Status | None, decision: Decision) -> None:
    ends = TRANSITIONS[status][name]
    end: Status | None = decision.changes.get("status", status)
    if end != status and end not in ends:
        raise OffTheTable(f"{name} led from {status} to {end}; the table allows {sorted(ends)}")


def _refused(ticket: Ticket | None, event: Event, name: str) -> Decision:
    """Nothing changes; an operator or PIC who meant something is told why it was not done."""
    what = name.replace("_", " ")
    on_ticket = because("nothing_changed", what=what, status=ticket.status) if ticket else None
    reason = on_ticket or because("nothing_changed_no_ticket", what=what)
    drafts: tuple[Draft, ...] = ()
    if isinstance(event, MailEvent) and event.speaker.person:
        drafts = (operators.sent_back(ticket, event, "unsure", {"why": reason}),)
    number = ticket.number if ticket else None
    journal = (JournalLine("refused", DESK, reason),) if ticket else ()
    return Decision(reasons=(reason,), number=number, journal=journal, drafts=drafts, allowed=False)
