"""What a customer's letter does: open a ticket, go to the operator, reopen, or rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from helpdesk.decide import (
    assignment,
    closing,
    consents,
    deadlines,
    drafts,
    forms,
    greeting,
    participants,
)
from helpdesk.decide.plan import DESK, Plan
from helpdesk.decide.third_parties import foreign_number
from helpdesk.model.decision import Decision, Value
from helpdesk.model.effects import HeardOfThirdParty
from helpdesk.model.events import CustomerWrote, MailEvent, Rated, RobotWrote
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Role
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Entry, EntryKind, Rating, Status, Ticket

THREAD_LENGTH = 20


def wrote(ticket: Ticket | None, event: CustomerWrote, policy: Policy, now: datetime) -> Decision:
    if ticket is None:
        return _opened(event, policy, now)
    if ticket.status in (Status.SOLVED, Status.CLOSED):
        return _wrote_after_closing(ticket, event, policy, now)
    return _replied(ticket, event, policy, now)


def robot_wrote(ticket: Ticket | None, event: RobotWrote, policy: Policy, now: datetime) -> Decision:
    """An automatic mail goes on record and does nothing: it never answers, reopens or claims (R36, T35)."""
    assert ticket is not None
    plan = Plan(ticket, event, policy, now)
    plan.record(entry_of(event, EntryKind.NOTE, now))
    plan.note("automatic_mail", event.speaker.address.address, event.why)
    if event.speaker.role is Role.THIRD_PARTY:
        number = foreign_number(event.mail.subject, ticket.number)
        plan.effect(HeardOfThirdParty(ticket.number, event.speaker.address.name, number, answered=False))
    return plan.decision()


def rated(ticket: Ticket | None, event: Rated, policy: Policy, now: datetime) -> Decision:
    """The last vote wins; all of them stay in the history."""
    assert ticket is not None
    plan = Plan(ticket, event, policy, now)
    plan.rate(Rating(event.score, event.comment, now))
    plan.note("rated", event.by, because("voted", number=event.score))
    return plan.decision()


def entry_of(event: MailEvent, kind: EntryKind, now: datetime, text: str | None = None) -> Entry:
    mail = event.mail
    return Entry(
        at=now,
        kind=kind,
        sender=event.speaker.address,
        to=tuple(a.address for a in (*mail.to, *mail.cc)),
        subject=mail.subject,
        text=mail.new_text or mail.text if text is None else text,
        message_id=mail.message_id,
        attachments=mail.attachments,
        spool_id=event.spool_id,
    )


def recipients(event: MailEvent) -> frozenset[str]:
    """Every address the mail itself was sent to, as far as header and envelope tell."""
    named = (a.address.lower() for a in (*event.mail.to, *event.mail.cc))
    return frozenset((*named, *(r.lower() for r in event.recipients)))


def _opened(event: CustomerWrote, policy: Policy, now: datetime) -> Decision:
    plan = Plan(ticket_of(event, policy, now), event, policy, now, create=True)
    plan.record(entry_of(event, EntryKind.CUSTOMER, now))
    opened = "opened_linked" if event.linked_to else "opened"
    reason = because(opened, number=event.number, other=event.linked_to)
    plan.note("created", event.speaker.address.address, reason)
    _note_forwarder(plan, event)
    taken = forms.take_fields(plan, event)
    if forms.incomplete(plan) and forms.give_back(plan, event, taken.wrong):
        plan.change(acknowledged=True)
        return plan.decision()
    acknowledge(plan, event)
    forms.settle(plan, event)
    assignment.offer(plan, event.mail)
    return plan.decision()


def _note_forwarder(plan: Plan, event: CustomerWrote) -> None:
    """The ticket is the customer's; who sent it on stands in the history, their words are staff talk."""
    if not (by := event.forwarded_by):
        return
    plan.note(
        "forwarded", by.address, because("forwarded", who=by.name, address=event.speaker.address.address)
    )
    if event.forwarders_words:
        note = entry_of(event, EntryKind.NOTE, plan.now, event.forwarders_words)
        plan.record(replace(note, sender=by.mailbox, attachments=()))


def ticket_of(event: CustomerWrote, policy: Policy, now: datetime) -> Ticket:
    """The ticket that this mail opens."""
    mail = event.mail
    return Ticket(
        number=event.number,
        subject=mail.subject,
        customer=event.speaker.address,
        created_at=now,
        updated_at=now,
        language=event.preferred or _language(mail, policy),
        linked_to=event.linked_to,
        participants=participants.of_first(event.speaker.address.address, mail, policy),
        thread=_shortened(_ids(event, policy)),
    )


def acknowledge(plan: Plan, event: CustomerWrote) -> None:
    answer_by = deadlines.expected_answer(plan.ticket, plan.policy, plan.now)
    if why := greeting.greet(plan, event, "acknowledgement", {"answer_by": answer_by}):
        plan.note("not_acknowledged", DESK, because("not_acknowledged", why=why))
        return
    plan.change(acknowledged=True)
    plan.because(because("acknowledged"))


def _replied(ticket: Ticket, event: CustomerWrote, policy: Policy, now: datetime) -> Decision:
    plan = Plan(ticket, event, policy, now)
    _take_down(plan, event)
    plan.note("customer_wrote", event.speaker.address.address, because("wrote_back"))
    if forms.answered(plan, event):
        return plan.decision()
    if plan.operator or ticket.status is not Status.NEW:
        assignment.back_to_work(plan)
    if not consents.heard(plan, event):
        _pass_on(plan, event, reopened=False)
    return plan.decision()


def _wrote_after_closing(ticket: Ticket, event: CustomerWrote, policy: Policy, now: datetime) -> Decision:
    plan = Plan(ticket, event, policy, now)
    _take_down(plan, event)
    by = event.speaker.address.address
    if closing.is_plain_thanks(event.mail, event.speaker.address) and consents.said(plan, event) is None:
        plan.note("customer_thanked", by, because("thanked"))
        return plan.decision()
    if event.reopened >= policy.caps.reopenings:
        plan.note("not_reopened", DESK, because("reopened_often", number=event.reopened))
        _pass_on(plan, event, reopened=False)
        return plan.decision()
    forms.take_fields(plan, event)
    closing.reopen(plan, by, because("wrote_after_closing"))
    assignment.back_to_work(plan)
    if why := greeting.greet(plan, event, "reopened", {"answer_by": plan.due(*deadlines.RESPONSE)}):
        plan.because(because("no_letter", letter="reopened", why=why))
    if not consents.heard(plan, event):
        _pass_on(plan, event, reopened=True)
    return plan.decision()


def _take_down(plan: Plan, event: CustomerWrote) -> None:
    plan.record(entry_of(event, EntryKind.CUSTOMER, plan.now))
    thread = (*plan.ticket.thread, *_ids(event, plan.policy))
    plan.change(thread=_shortened(thread), updated_at=plan.now)
    if event.signed and event.speaker.address.address == plan.ticket.customer.address:
        plan.bring_in(participants.joined_by(event.mail, plan.ticket, plan.policy))


def _pass_on(plan: Plan, event: CustomerWrote, *, reopened: bool) -> None:
    """To the operator, copy to list and PIC (who are left out when the mail reached them itself)."""
    mail = event.mail
    values: dict[str, Value] = {
        "text": mail.new_text or mail.text,
        "attachments": assignment.attachment_names(mail),
        "answer_by": plan.due(*deadlines.RESPONSE),
        "reopened": reopened,
        "new_subject": event.new_subject,
        "consent_open": event.affairs.asked_consent is not None,
    }
    if plan.operator:
        drafts.to_operator(plan, plan.operator, "customer_reply", values)
    drafts.copies(plan, "customer_reply", values, seen_by=recipients(event))


def _ids(event: MailEvent, policy: Policy) -> tuple[str, ...]:
    """Those of its ancestors, oldest first, and the mail's own (R32).

    One of ours stands in for a mail without any, so that the letters still thread.
    """
    own = f"{event.spool_id}.unnamed@{policy.address.partition('@')[2]}"
    return (*reversed(event.mail.ancestors), event.mail.message_id or own)


def _shortened(thread: tuple[str, ...]) -> tuple[str, ...]:
    """Keep the first and the last ones (R32)."""
    thread = tuple(reversed(dict.fromkeys(reversed(thread))))
    return thread if len(thread) <= THREAD_LENGTH else (thread[0], *thread[-(THREAD_LENGTH - 1) :])


def _language(mail: InboundMail, policy: Policy) -> str:
    declared = (mail.language or "").lower().split("-")[0]
    return declared if declared in policy.languages else policy.language
