"""What a PIC's letter does: close, object, or be kept as a note."""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import assignment, closing, deadlines, drafts
from helpdesk.decide.customers import entry_of
from helpdesk.decide.plan import Plan
from helpdesk.model.decision import Decision, Value
from helpdesk.model.events import PicApproved, PicObjected, PicWrote
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import EntryKind, Ticket


def approved(ticket: Ticket | None, event: PicApproved, policy: Policy, now: datetime) -> Decision:
    assert ticket is not None
    plan = Plan(ticket, event, policy, now)
    closing.finish(plan, event.speaker.address.address, because("pic_agreed"))
    return plan.decision()


def objected(ticket: Ticket | None, event: PicObjected, policy: Policy, now: datetime) -> Decision:
    """The reason goes to the operator, who is in time again."""
    assert ticket is not None
    plan, by = Plan(ticket, event, policy, now), event.speaker.address.address
    plan.record(entry_of(event, EntryKind.PIC, now))
    closing.reopen(plan, by, because("pic_objected"))
    if plan.operator is None:
        person, reasons = assignment.next_operator(event.rota, policy.assignment)
        plan.because(*reasons)
        if person:
            assignment.take(plan, person, "reassigned")
    deadlines.start_response(plan)
    name = event.speaker.address.name or by
    answer_by = plan.due(*deadlines.RESPONSE)
    values: dict[str, Value] = {
        "text": event.text,
        "answer_by": answer_by,
        "reopened": True,
        "pic_name": name,
    }
    if plan.operator:
        drafts.to_operator(plan, plan.operator, "customer_reply", values)
    drafts.to_list(plan, "customer_reply", {**values, "copy": True})
    return plan.decision()


def wrote(ticket: Ticket | None, event: PicWrote, policy: Policy, now: datetime) -> Decision:
    assert ticket is not None
    plan = Plan(ticket, event, policy, now)
    plan.record(entry_of(event, EntryKind.PIC, now))
    plan.note("pic_wrote", event.speaker.address.address, because("pic_note"))
    return plan.decision()
