"""`#merge N`: this ticket becomes part of another one of the same customer, and ends without a letter to them.

What was said stays where it was said; the other ticket gets the customer's unanswered words as a note, and
what the customer writes on the old one from now on comes to it (`flow.understanding`). `#undo` on the old
ticket parts them again.
"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide import deadlines, drafts, promises
from helpdesk.decide.customers import entry_of
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.asking import read_number
from helpdesk.decide.verbs.rule import STAFF, Reading, VerbRule, writer
from helpdesk.model.affairs import Promise
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.decision import Beside, Decision
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because
from helpdesk.model.ticket import DeadlineKind, EntryKind, Status, Ticket, WaitingFor, merge_tag, merged_into

_ENDED = (Status.SOLVED, Status.CLOSED)
_WAITS_FOR_US = (Status.NEW, Status.OPEN)


def _read(order: Order, reading: Reading) -> Order | Misunderstood:
    if order.argument.strip():
        return read_number(order, reading)
    word = order.line.split()[0]
    return Misunderstood(order.line, because("needs_target", word=word), f"{word} 12")


def _merge(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    old, target = plan.ticket, event.found.about.get(order.number or 0)
    problem = _problem(old, order.number, target)
    if problem or target is None:
        return Misunderstood(order.line, problem, because("mine_lists_open"))
    by = writer(event).address
    carried = promises.carry_over(plan, by)
    plan.change(
        status=Status.CLOSED,
        waiting_for=WaitingFor.NOBODY,
        closed_at=plan.now,
        updated_at=plan.now,
        linked_to=target.number,
        tags=(*old.tags, merge_tag(target.number)),
    )
    plan.clear_claims()
    plan.note("merged", by, because("merged_into", number=target.number))
    plan.tell(because("told_merged", number=old.number, other=target.number))
    plan.beside(Beside(target, _receive(target, old, event, plan, carried)))
    return None


def _problem(old: Ticket, number: int | None, target: Ticket | None) -> str:
    if target is None:
        return because("no_ticket", number=number)
    if target.number == old.number:
        return because("this_very_ticket", number=old.number)
    if merged_into(old) is not None:
        return because("part_already", number=old.number, other=merged_into(old))
    if target.customer.address.lower() != old.customer.address.lower():
        return because("other_customer", number=target.number)
    ended = target.status in _ENDED
    return because("is_status", number=target.number, status=target.status) if ended else ""


def _receive(
    target: Ticket, old: Ticket, event: StaffCommanded, plan: Plan, carried: Promise | None
) -> Decision:
    """The ticket that stays: who takes part there, the words that wait, and whose turn it is."""
    other = Plan(target, event, plan.policy, plan.now)
    waits = old.status in _WAITS_FOR_US
    people = tuple(dict.fromkeys((*target.participants, *old.participants)))
    other.change(participants=people, updated_at=plan.now)
    words = event.customer_text.strip() if waits else ""
    told = because("told_part", number=old.number, subject=old.subject)
    text = "\n\n".join(filter(None, (told, words)))
    other.record(replace(entry_of(event, EntryKind.NOTE, plan.now, text), message_id=None, attachments=()))
    if waits and target.status in (Status.PENDING, Status.ON_HOLD):
        other.change(status=Status.OPEN, waiting_for=WaitingFor.OPERATOR)
        deadlines.start_response(other)
    by = writer(event)
    if carried and other.due(DeadlineKind.PROMISE) is None:
        promises.make(other, carried.due_at, carried.reason, carried.by)
    other.note("merged_in", by.address, because("merged_here", number=old.number, who=by.name))
    if waits and other.operator and other.operator.address != by.address:
        drafts.to_operator(
            other, other.operator, "customer_reply", {"text": (told, "", words) if words else told}
        )
    return other.decision()


def part(plan: Plan, event: StaffCommanded) -> None:
    """A merge was taken back: the other ticket's history says so."""
    target = next((t for t in event.found.about.values() if merge_tag(t.number) in plan.ticket.tags), None)
    if target:
        other = Plan(target, event, plan.policy, plan.now)
        other.change(updated_at=plan.now)
        other.note("parted", writer(event).address, because("unmerged", number=plan.ticket.number))
        plan.beside(Beside(target, other.decision()))


MERGE = VerbRule(
    Verb.MERGE,
    usage="#merge N",
    meaning=because("help_merge"),
    read=_read,
    on_ticket=_merge,
    aliases=("gabung",),
    roles=STAFF,
    moves=True,
)
