"""When a customer is abusive: operators report, PIC decide on a warning and then a block (PROCEDURE E).

The letter `blocked` is the one polite notice. What a blocked sender writes afterwards stays in the inbox under
the rule `ignored:blocked`: it makes and changes no ticket.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide import drafts, promises
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import PICS, Reading, VerbRule, a_reason, no_argument, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Beside
from helpdesk.model.effects import NoteConduct
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.people import Person
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Status, Ticket, WaitingFor

_WHAT = "abuse"


def _of_abuse(order: Order, _: Reading) -> Order | Misunderstood:
    """`abuse`, then a reason in plain words."""
    words = order.argument.split(maxsplit=1)
    if not words or words[0].lower().rstrip(":,.") != _WHAT:
        return Misunderstood(order.line, because("what_reported"), because("report_abuse"))
    return replace(order, text="".join(words[1:]))


def _report(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """To PIC, with the reason and the customer's own words."""
    if not drafts.has_pics(plan):
        return Misunderstood(order.line, because("no_pic"), "#help")
    person, reason = writer(event), _reason(order, event)
    _note(plan, "report", person.address, reason)
    plan.note("abuse_reported", person.address, _because("reports_abuse", person, reason))
    drafts.to_pics(plan, "abuse_report", {"operator_name": person.name, "reason": reason})
    plan.tell(because("told_reported"))
    return None


def _warn(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    if event.found.conduct.blocked:
        return Misunderstood(order.line, because("blocked_already"), because("unblock_first"))
    person, reason = writer(event), _reason(order, event)
    _note(plan, "warning", person.address, reason)
    plan.note("warned", person.address, _because("warns", person, reason))
    drafts.to_customer(plan, "warning", {"reason": reason}, human=True)
    plan.tell(because("told_warned", who=plan.ticket.customer.address))
    return None


def _block(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """After a warning only. Every ticket of the customer ends without a survey."""
    known = event.found.conduct
    if known.blocked:
        return Misunderstood(order.line, because("blocked_already"), because("unblock_ends"))
    if not known.warned:
        return Misunderstood(order.line, because("no_warning"), because("warn_first"))
    person, reason = writer(event), _reason(order, event)
    _note(plan, "block", person.address, reason)
    drafts.to_customer(plan, "blocked", human=True)
    _end(plan, event, reason)
    for other in known.others:
        beside = Plan(other, event, plan.policy, plan.now)
        _end(beside, event, reason)
        plan.beside(Beside(other, beside.decision()))
    plan.tell(because("told_blocked", who=plan.ticket.customer.address))
    return None


def _unblock(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    if not event.found.conduct.blocked:
        return Misunderstood(order.line, because("not_blocked"), because("nothing_mail"))
    person = writer(event)
    _note(plan, "unblock", person.address, "")
    plan.note("unblocked", person.address, because("unblocks", who=person.name))
    plan.tell(because("told_unblocked", who=plan.ticket.customer.address))
    return None


def _end(plan: Plan, event: StaffCommanded, reason: str) -> None:
    person = writer(event)
    promises.dropped(plan, person.address)
    plan.change(status=Status.CLOSED, waiting_for=WaitingFor.NOBODY, closed_at=plan.now)
    plan.note("blocked", person.address, _because("blocks", person, reason))


def _note(plan: Plan, kind: str, by: str, reason: str) -> None:
    ticket: Ticket = plan.ticket
    plan.effect(NoteConduct(ticket.customer.address, kind, by, reason, ticket.number))


def _reason(order: Order, event: StaffCommanded) -> str:
    return "\n".join(filter(None, (order.text, event.text.strip())))


def _because(name: str, person: Person, reason: str) -> str:
    return because(_WITH_REASON[name] if reason else name, who=person.name, reason=reason)


_WITH_REASON = {
    "reports_abuse": "reports_abuse_because",
    "warns": "warns_because",
    "blocks": "blocks_because",
}


REPORT = VerbRule(
    Verb.REPORT,
    usage="#report abuse [REASON]",
    meaning=because("help_report"),
    read=_of_abuse,
    on_ticket=_report,
    takes_words=True,
)
WARN = VerbRule(
    Verb.WARN,
    usage="#warn [REASON]",
    meaning=because("help_warn"),
    read=a_reason,
    on_ticket=_warn,
    roles=PICS,
    takes_words=True,
)
BLOCK = VerbRule(
    Verb.BLOCK,
    usage="#block [REASON]",
    meaning=because("help_block"),
    read=a_reason,
    on_ticket=_block,
    roles=PICS,
    takes_words=True,
    moves=True,
)
UNBLOCK = VerbRule(
    Verb.UNBLOCK,
    usage="#unblock",
    meaning=because("help_unblock"),
    read=no_argument,
    on_ticket=_unblock,
    roles=PICS,
)
