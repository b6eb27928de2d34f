"""A block of orders is carried out as one: all of them, or none and the mail comes back with the line marked.

1. words that no verb takes for itself are an answer to the customer, and go first
2. each order in turn; the table of `lifecycle` is asked before it, and after it
3. a receipt to the writer, if there is something to tell that no other letter says
"""

from __future__ import annotations

from datetime import datetime

from helpdesk.decide import operators
from helpdesk.decide.lifecycle import TRANSITIONS, OffTheTable
from helpdesk.decide.notes import Notes
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import VerbRule, writer
from helpdesk.decide.verbs.table import RULES
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Decision
from helpdesk.model.events import CommandFailed, MailEvent
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import DeadlineKind, Ticket


def commanded(ticket: Ticket | None, event: StaffCommanded, policy: Policy, now: datetime) -> Decision:
    """Carry the orders out, or say which of them cannot be done and do nothing."""
    notes, problem = carry_out(ticket, event, policy, now)
    if problem:
        return refuse(ticket, event, problem, policy, now)
    if notes.told:
        values = {"text": tuple(notes.told)}
        notes.write(operators.sent_back(ticket, event, "receipt", values))
    return notes.decision()


def carry_out(
    ticket: Ticket | None, event: StaffCommanded, policy: Policy, now: datetime
) -> tuple[Notes, Misunderstood | None]:
    """What the orders come to, without a receipt; or the first that cannot be done."""
    notes = Plan(ticket, event, policy, now) if ticket else Notes(event, policy, now)
    _renew_lease(notes, event)
    return notes, _answer(notes, event) or _first_problem(notes, event)


def _renew_lease(notes: Notes, event: StaffCommanded) -> None:
    """Whoever gives orders about what they claimed is at work on it."""
    if isinstance(notes, Plan) and notes.ticket.operator == writer(event).address:
        notes.cancel(DeadlineKind.CLAIM_LEASE)


def refuse(
    ticket: Ticket | None, event: MailEvent, problem: Misunderstood, policy: Policy, now: datetime
) -> Decision:
    """Nothing is done: the whole mail comes back with the line marked."""
    failed = CommandFailed(
        rota=event.rota,
        customer_text=event.customer_text,
        mail=event.mail,
        speaker=event.speaker,
        spool_id=event.spool_id,
        recipients=event.recipients,
        sender=event.sender,
        line=problem.line,
        problem=problem.problem,
        suggestion=problem.suggestion,
        ready=problem.ready,
    )
    return operators.command_failed(ticket, failed, policy, now)


def _answer(notes: Notes, event: StaffCommanded) -> Misunderstood | None:
    """Words that belong to no verb go to the customer."""
    canned = [event.found.canned.get(o.name, "").strip() for o in event.orders if o.verb is Verb.CANNED]
    own = "" if any(RULES[order.verb].takes_words for order in event.orders) else event.text.strip()
    words = "\n\n".join(filter(None, (*canned, own)))
    if not words:
        return None
    if not isinstance(notes, Plan):
        line = event.orders[0].line
        return Misunderstood(line, because("answer_to_no_ticket"), because("reply_to_ticket"))
    if "operator_answered" not in TRANSITIONS[notes.ticket.status]:
        line = event.orders[0].line
        return Misunderstood(line, because("takes_no_answer", status=notes.ticket.status), "#help")
    operators.answer(notes, event, writer(event), words, delivered=event.delivered)
    return None


def _first_problem(notes: Notes, event: StaffCommanded) -> Misunderstood | None:
    for order in event.orders:
        so_far = len(notes.told)
        problem = _carry_out(notes, order, RULES[order.verb], event)
        if problem:
            return problem
        notes.transcript.append((order.line, tuple(notes.told[so_far:])))
    return None


def _carry_out(notes: Notes, order: Order, rule: VerbRule, event: StaffCommanded) -> Misunderstood | None:
    if rule.on_desk:
        return rule.on_desk(notes, order, event)
    if not isinstance(notes, Plan):
        return Misunderstood(order.line, because("which_ticket"), because("write_in_reply"))
    assert rule.on_ticket is not None, f"{rule.verb} does nothing"
    before = notes.ticket.status
    ends = TRANSITIONS[before].get(order.event)
    if ends is None:
        word = order.line.split()[0] if order.line else f"#{order.verb}"
        problem = because("means_nothing", word=word, status=before)
        return Misunderstood(order.line, problem, because("why_so"))
    problem_found = rule.on_ticket(notes, order, event)
    if problem_found is None and notes.ticket.status not in {before, *ends}:
        raise OffTheTable(
            f"{order.event} led from {before} to {notes.ticket.status}; allowed: {sorted(ends)}"
        )
    return problem_found
