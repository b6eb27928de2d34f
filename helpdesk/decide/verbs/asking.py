"""What staff may ask: `#status`, `#mine?`, `#why`. The answer is a receipt; nothing is changed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from helpdesk.decide.deadlines import RESPONSE
from helpdesk.decide.notes import Notes
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.noting import PRIORITIES, priority_of
from helpdesk.decide.verbs.phrases import by_word, kind_word, moment, status_word, whom_word
from helpdesk.decide.verbs.rule import STAFF, Reading, VerbRule, no_argument, writer
from helpdesk.model.commanded import Past, StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because, recognised
from helpdesk.model.ticket import Entry, EntryKind, Ticket

ASKED = "asked"
"""What the history calls a question of staff; such lines are no decision on the ticket."""

SAYS_NOTHING = frozenset(
    {ASKED, "noted", "command_error", "unsure", "confirm_sender", "links_only", "refused"}
)
"""Lines of a history that tell of no step."""

_LONGEST_QUOTE = 200
_LATE = datetime.max.replace(tzinfo=UTC)
_WORDS = (EntryKind.CUSTOMER, EntryKind.OPERATOR, EntryKind.NOTE, EntryKind.THIRD_PARTY, EntryKind.PIC)


def read_number(order: Order, _: Reading) -> Order | Misunderstood:
    """Nothing, or the number of a ticket."""
    number = order.argument.strip().lstrip("#")
    if not number:
        return order
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        word = order.line.split()[0]
        return Misunderstood(order.line, because("no_number", said=order.argument), f"{word} 12")
    return replace(order, number=int(number))


def _status(notes: Notes, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """Of the ticket named, else of the mail's ticket, else all of the writer's."""
    ticket = event.found.about.get(order.number or 0)
    if order.number and ticket is None:
        return Misunderstood(order.line, because("no_ticket", number=order.number), because("mine_lists"))
    if ticket is None and isinstance(notes, Plan):
        ticket = notes.ticket
    if ticket is None:
        return _mine(notes, order, event)
    for line in describe(ticket, event.found.words.get(ticket.number, ()), notes.policy):
        notes.tell(line)
    _keep(notes, event, because("asked_status"))
    return None


def describe(ticket: Ticket, said: Sequence[Entry], policy: Policy) -> list[str]:
    """State, people, deadlines and the last words of each side."""
    operator = policy.operator(ticket.operator)
    who = operator.name if operator else ticket.operator or because("nobody")
    state = because("state", status=status_word(ticket.status), who=whom_word(ticket.waiting_for))
    lines = [
        f"#{ticket.number} {ticket.subject}",
        state,
        because("customer_is", who=str(ticket.customer.name or ticket.customer.address)),
        because("operator_is", who=who),
    ]
    if ticket.tags:
        lines.append(because("told_tags", names=", ".join(ticket.tags)))
    due = sorted(ticket.deadlines, key=lambda d: d.due_at)
    lines += [f"{d.kind}: {moment(policy, d.due_at)}" for d in due]
    return [*lines, *(_quoted(entry, policy) for entry in _last_words(said))]


def _last_words(said: Sequence[Entry]) -> list[Entry]:
    """The newest entry of each kind that holds words, oldest first."""
    newest = {entry.kind: entry for entry in said if entry.kind in _WORDS and entry.text.strip()}
    return sorted(newest.values(), key=lambda entry: (entry.at, entry.id))


def _quoted(entry: Entry, policy: Policy) -> str:
    who = entry.sender.name or entry.sender.address
    text = textwrap.shorten(entry.text, _LONGEST_QUOTE, placeholder=" …")
    return because(
        "last_words", when=moment(policy, entry.at), who=who, kind=kind_word(entry.kind), text=text
    )


def _mine(notes: Notes, _: Order, event: StaffCommanded) -> Misunderstood | None:
    """What falls due first stands first; among equals the more urgent."""
    mine = sorted(event.found.mine, key=_urgency)
    notes.tell(because("your_tickets") if mine else because("no_tickets"))
    for ticket in mine:
        notes.tell(_one_line(ticket, notes.policy))
    _keep(notes, event, because("asked_mine"))
    return None


def due(ticket: Ticket) -> datetime | None:
    """When the operator must have answered."""
    return min((d.due_at for d in ticket.deadlines if d.kind in RESPONSE), default=None)


def _urgency(ticket: Ticket) -> tuple[datetime, int, int]:
    return due(ticket) or _LATE, -PRIORITIES.index(priority_of(ticket.tags)), ticket.number


def _one_line(ticket: Ticket, policy: Policy) -> str:
    when = due(ticket)
    until = because("due_at", when=moment(policy, when)) if when else because("no_due")
    priority = priority_of(ticket.tags)
    marked = "" if priority == "normal" else f" [{priority}]"
    return because(
        "one_ticket",
        number=f"{ticket.number}{marked}",
        subject=ticket.subject,
        status=status_word(ticket.status),
        due=until,
    )


def _why(plan: Notes, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """The lines and reasons of the last decision, as `helpdesk explain` shows them."""
    if not isinstance(plan, Plan):
        return Misunderstood(order.line, because("which_ticket"), because("ticket_above"))
    step = last_step(event.found.history)
    if not step:
        plan.tell(because("nothing_decided"))
    for past in step:
        when = moment(plan.policy, past.at)
        why = recognised(past.reason)
        plan.tell(because("why_so_far", when=when, event=past.event, by=by_word(past.by), why=why))
    told = {past.reason for past in step}
    for reason in (r for past in step for r in past.reasons if r not in told):
        plan.tell(because("because_of", why=recognised(reason)))
    _keep(plan, event, because("asked_why"))
    return None


def last_step(history: Sequence[Past]) -> list[Past]:
    """The lines of the newest decision that did something, oldest first."""
    steps = steps_of(history)
    return next((s for s in reversed(steps) if any(p.event not in SAYS_NOTHING for p in s)), [])


def steps_of(history: Sequence[Past]) -> list[list[Past]]:
    """The lines decision by decision: the first line of each holds its changes."""
    steps: list[list[Past]] = []
    for past in history:
        if past.changes or not steps:
            steps.append([])
        steps[-1].append(past)
    return steps


def _keep(notes: Notes, event: StaffCommanded, reason: str) -> None:
    """The history of the ticket knows that somebody asked; the desk's does not."""
    if isinstance(notes, Plan):
        notes.note(ASKED, writer(event).address, reason)
    else:
        notes.because(reason)


STATUS = VerbRule(
    Verb.STATUS,
    usage="#status [N]",
    meaning=because("help_status"),
    read=read_number,
    on_desk=_status,
    roles=STAFF,
)
MINE = VerbRule(
    Verb.MINE,
    usage="#mine?",
    meaning=because("help_mine"),
    read=no_argument,
    on_desk=_mine,
    roles=STAFF,
)
WHY = VerbRule(
    Verb.WHY,
    usage="#why",
    meaning=because("help_why"),
    read=no_argument,
    on_desk=_why,
    aliases=("mengapa", "kenapa"),
    roles=STAFF,
)
