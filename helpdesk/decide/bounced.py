"""What follows when a letter of ours did not reach its reader (R40, R69)."""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import deadlines, drafts
from helpdesk.decide.plan import DESK, Plan
from helpdesk.model.decision import Decision, Value
from helpdesk.model.events import LetterRefused
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Status, Ticket, WaitingFor


def refused(ticket: Ticket | None, event: LetterRefused, policy: Policy, now: datetime) -> Decision:
    """1. record, 2. tell the operator (of a letter to staff: PIC), 3. an answer that never arrived is still owed."""
    assert ticket is not None
    plan = Plan(ticket, event, policy, now)
    plan.note(
        "undelivered",
        DESK,
        because("not_delivered_to", letter=event.letter, who=event.recipient, why=event.reason),
    )
    if event.letter == "undelivered":
        plan.because(because("notice_of_notice"))
        return plan.decision()
    to_customer = event.audience == Audience.CUSTOMER
    in_copy = (
        event.recipient.lower() in ticket.participants and event.recipient.lower() != ticket.customer.address
    )
    if to_customer and not in_copy and ticket.status is Status.PENDING:
        plan.change(status=Status.OPEN, waiting_for=WaitingFor.OPERATOR)
        deadlines.start_response(plan)
        plan.because(because("never_read"))
    values: dict[str, Value] = {
        "letter": event.letter,
        "recipient": event.recipient,
        "reason": event.reason,
        "text": event.text,
    }
    if to_customer and plan.operator:
        drafts.to_operator(plan, plan.operator, "undelivered", values)
    elif event.audience != Audience.PIC:
        drafts.to_pics(plan, "undelivered", values)
    return plan.decision()
