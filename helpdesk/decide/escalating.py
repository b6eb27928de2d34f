"""A question goes to a third party and comes back (PROCEDURE A6).

It goes only with complete data. While a third party has it, the ticket is on hold; the clock of the third party
reminds them, and then tells operator and PIC. What they write goes to the operator and never by itself to the
customer. A ticket may be with several third parties at a time; each is a row of `escalation` and a tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from helpdesk.decide import assignment, deadlines, drafts, forms, formwords
from helpdesk.decide.carrying import Sent, carry
from helpdesk.decide.customers import entry_of, recipients
from helpdesk.decide.plan import CLOCK, Plan
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Decision, Value
from helpdesk.model.effects import Escalate, HeardOfThirdParty
from helpdesk.model.events import ThirdPartyWrote
from helpdesk.model.forms import ESCALATED, Escalation, ThirdParty
from helpdesk.model.people import Person
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Deadline, EntryKind, Status, Ticket, WaitingFor

_CONVERSATION = (EntryKind.CUSTOMER, EntryKind.OPERATOR)
_OVER = (Status.SOLVED, Status.CLOSED)


def lacking(ticket: Ticket, party: ThirdParty, policy: Policy) -> tuple[str, ...]:
    """What must be known before the question may go to this third party."""
    form = policy.form(party.form) or forms.form_of(ticket, policy)
    return tuple(one.wanted for one in formwords.missing(form, ticket.fields)) if form else ()


def escalate(plan: Plan, event: StaffCommanded, party: ThirdParty, by: Person) -> tuple[str, ...]:
    """The first letter carries the data and the conversation with its files; a later one what is new.

    Return the names of files that are too large to go with it.
    """
    known = _known(plan, party)
    files = carry(_mails(plan, event, known))
    if plan.ticket.operator is None:
        assignment.take_from_others(plan, by, "answer")
    values: dict[str, Value] = {
        "details": formwords.details(forms.form_of(plan.ticket, plan.policy), plan.ticket.fields),
        "text": "" if known else event.found.conversation,
        "words": event.text,
        "left_out": ", ".join(files.left_out),
        "foreign_number": known.foreign_number if known else "",
        "operator_name": by.name,
    }
    after = known.last_id if known else None
    drafts.to_third_party(plan, party, "escalation", values, human=True, after=after, attach=files.attach)
    plan.record(entry_of(event, EntryKind.NOTE, plan.now, f"To {party.name}: {event.text}".strip()))
    plan.effect(Escalate(plan.ticket.number, party.name, by.address))
    tags = tuple(dict.fromkeys((*plan.ticket.tags, f"{ESCALATED}{party.name}")))
    plan.change(status=Status.ON_HOLD, waiting_for=WaitingFor.THIRD_PARTY, tags=tags, updated_at=plan.now)
    deadlines.start_third_party(plan)
    plan.note("escalated", by.address, because("passed_on", who=by.name, party=party.name))
    return files.left_out


def _mails(plan: Plan, event: StaffCommanded, known: Escalation | None) -> Iterator[Sent]:
    """What customer and operators sent that this third party has not seen, and what comes with the order."""
    for entry in event.found.words.get(plan.ticket.number, ()):
        if entry.kind in _CONVERSATION and (known is None or entry.at > known.asked_at):
            yield entry.spool_id, entry.attachments
    yield event.spool_id, event.mail.attachments


def wrote(ticket: Ticket | None, event: ThirdPartyWrote, policy: Policy, now: datetime) -> Decision:
    """Their words go to the operator, whose time runs again; nothing goes to the customer."""
    assert ticket is not None
    plan = Plan(ticket, event, policy, now)
    plan.record(entry_of(event, EntryKind.THIRD_PARTY, now))
    plan.effect(HeardOfThirdParty(ticket.number, event.third_party, event.foreign_number, answered=True))
    plan.change(updated_at=now)
    plan.note(
        "third_party_wrote", event.speaker.address.address, because("party_answered", who=event.third_party)
    )
    if ticket.status not in (*_OVER, Status.NEW):
        plan.change(status=Status.OPEN, waiting_for=WaitingFor.OPERATOR)
        deadlines.start_response(plan)
    _pass_on(plan, event)
    return plan.decision()


def _pass_on(plan: Plan, event: ThirdPartyWrote) -> None:
    mail = event.mail
    known = next((one for one in plan.event.escalations if one.third_party == event.third_party), None)
    values: dict[str, Value] = {
        "third_party": event.third_party,
        "foreign_number": event.foreign_number or (known.foreign_number if known else ""),
        "text": mail.new_text or mail.text,
        "attachments": assignment.attachment_names(mail),
        "answer_by": plan.due(*deadlines.RESPONSE),
    }
    if plan.operator:
        drafts.to_operator(plan, plan.operator, "third_party_reply", values)
    drafts.copies(plan, "third_party_reply", values, seen_by=recipients(event))


def remind(plan: Plan, deadline: Deadline) -> None:
    """Still nothing from them: the third party is asked again."""
    for one, party in _silent(plan, deadline):
        due_at = plan.due(*deadlines.THIRD_PARTY)
        values: dict[str, Value] = {"foreign_number": one.foreign_number, "answer_by": due_at}
        drafts.to_third_party(plan, party, "escalation_reminder", values, after=one.last_id)
        plan.note("third_party_reminded", CLOCK, because("party_silent", who=party.name))


def overdue(plan: Plan, deadline: Deadline) -> None:
    """Their time is up: operator and PIC are told, and it is the operator's turn to do something about it."""
    silent = _silent(plan, deadline)
    if silent and plan.ticket.status is Status.ON_HOLD:
        plan.change(status=Status.OPEN, waiting_for=WaitingFor.OPERATOR)
        deadlines.start_response(plan)
    for one, party in silent:
        values: dict[str, Value] = {
            "third_party": party.name,
            "foreign_number": one.foreign_number,
            "asked_at": one.asked_at,
        }
        if plan.operator:
            drafts.to_operator(plan, plan.operator, "escalation_overdue", values)
        drafts.to_pics(plan, "escalation_overdue", values)
        plan.note("third_party_overdue", CLOCK, because("party_late", who=party.name))


def _silent(plan: Plan, deadline: Deadline) -> list[tuple[Escalation, ThirdParty]]:
    """Those whom this clock was started for and who have not answered since."""
    asked = [one for one in plan.event.escalations if one.waits and one.asked_at == deadline.started_at]
    found = list(_with_party(plan.policy, asked))
    if not found:
        plan.because(because("party_none"))
    return found


def _with_party(policy: Policy, escalations: Iterable[Escalation]) -> Iterable[tuple[Escalation, ThirdParty]]:
    for one in escalations:
        party = policy.third_party(one.third_party)
        if party:
            yield one, party


def _known(plan: Plan, party: ThirdParty) -> Escalation | None:
    return next((one for one in plan.event.escalations if one.third_party == party.name), None)
