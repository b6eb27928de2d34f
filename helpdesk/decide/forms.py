"""Standard forms on a ticket: fields are merged, what is missing is asked for, what is complete is confirmed.

A ticket remembers its form by the tag `form:NAME`. While the form is with the customer, it has the tag
`returned:N` (N letters so far) and nobody works on it; the tag goes when a human takes over (`decide.plan`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from helpdesk.decide import assignment, calendar, deadlines, drafts, fieldtypes, greeting
from helpdesk.decide.formwords import as_letter, details, harmless, missing
from helpdesk.decide.plan import DESK, Plan
from helpdesk.model.events import CustomerWrote
from helpdesk.model.forms import RETURNED, Form
from helpdesk.model.mail import InboundMail
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.ticket import Clock, Status, Ticket, WaitingFor

FORM = "form:"


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of the answers of one mail. `wrong` are those that cannot be, as they were written."""

    anything: bool = False
    wrong: tuple[str, ...] = ()


def form_of(ticket: Ticket, policy: Policy) -> Form | None:
    names = (tag.removeprefix(FORM) for tag in ticket.tags if tag.startswith(FORM))
    return policy.form(next(names, None))


def rounds(ticket: Ticket) -> int:
    """How many times the form that is with the customer was sent."""
    counts = (tag.removeprefix(RETURNED) for tag in ticket.tags if tag.startswith(RETURNED))
    return int(next(counts, "0"))


def awaits(ticket: Ticket) -> bool:
    return ticket.status is Status.PENDING and rounds(ticket) > 0


def awaited(plan: Plan) -> tuple[str, ...]:
    """What the customer has still to tell, where the form is with them."""
    form = form_of(plan.ticket, plan.policy)
    return (
        tuple(one.wanted for one in missing(form, plan.ticket.fields)) if form and awaits(plan.ticket) else ()
    )


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """A new answer replaces an old one; a field never gets lost."""
    return {**old, **{name: value for name, value in new.items() if value not in (None, "")}}


def is_ours(address: str, policy: Policy) -> bool:
    """An address of the desk, of its people or of a third party: never a customer's."""
    lower = address.lower()
    shared = {policy.list_address, *policy.pic_addresses, *(one.address for one in policy.third_parties)}
    shared |= {one.match.sender for one in policy.forms}
    return bool(policy.is_own(lower) or lower in shared or policy.operator(lower) or policy.pic(lower))


def take_fields(plan: Plan, event: CustomerWrote) -> Taken:
    """Write down what the mail says to the fields of its form."""
    form = plan.policy.form(event.answers.form) if event.answers else None
    if form is None or event.answers is None:
        return Taken()
    values, wrong = _checked(plan, form, event.answers.values)
    fields = merged(plan.ticket.fields, values)
    use(plan, form)
    if fields != plan.ticket.fields:
        plan.change(fields=fields)
        read = because("form_fields", form=form.name, names=", ".join(sorted(values)))
        plan.note("fields_read", event.speaker.address.address, read)
    if wrong:
        plan.because(because("form_wrong", form=form.name, names="; ".join(wrong)))
    return Taken(bool(values or wrong), wrong)


def _checked(plan: Plan, form: Form, written: Mapping[str, str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for one in form.fields:
        if one.name not in written:
            continue
        value = fieldtypes.check(one, written[one.name], plan.policy, plan.now, plan.ticket.language)
        if value is None or (one.name == form.reply_to_field and is_ours(str(value), plan.policy)):
            wrong.append(f"{one.wanted}: {written[one.name].splitlines()[0][:80]}")
        else:
            values[one.name] = value
    return values, tuple(wrong)


def use(plan: Plan, form: Form) -> None:
    """From now on this is the ticket's form."""
    kept = tuple(tag for tag in plan.ticket.tags if not tag.startswith(FORM))
    if (tags := (*kept, f"{FORM}{form.name}")) != plan.ticket.tags and form_of(
        plan.ticket, plan.policy
    ) != form:
        plan.change(tags=tags)


def incomplete(plan: Plan) -> bool:
    form = form_of(plan.ticket, plan.policy)
    return form is not None and bool(missing(form, plan.ticket.fields))


def give_back(plan: Plan, event: CustomerWrote, wrong: tuple[str, ...] = ()) -> bool:
    """Return the form to the customer who sent it. False: the desk must not write to them by itself."""
    form = _own_form(plan)
    values = as_letter(form, plan.ticket, wrong, wary=not greeting.is_verified(event))
    if why := greeting.greet(plan, event, "returned_form", values):
        plan.because(because("form_not_returned", form=form.name, why=why))
        return False
    _wait_for(plan, form)
    return True


def send_by_hand(plan: Plan) -> None:
    """An operator wants the customer to fill in the ticket's form."""
    form = _own_form(plan)
    drafts.to_customer(plan, "returned_form", as_letter(form, plan.ticket, ()), human=True)
    _wait_for(plan, form)


def _wait_for(plan: Plan, form: Form) -> None:
    count = rounds(plan.ticket) + 1
    plan.change(status=Status.PENDING, waiting_for=WaitingFor.CUSTOMER, updated_at=plan.now)
    plan.change(tags=(*_not_returned(plan.ticket), f"{RETURNED}{count}"))
    deadlines.start_follow_up(plan)
    names = ", ".join(one.label for one in missing(form, plan.ticket.fields)) or because("nothing")
    returned = because("form_with_customer", form=form.name, number=count, why=names)
    plan.note("form_returned", DESK, returned)


def ask_again(plan: Plan) -> bool:
    """The customer is silent: the same form once more. False: no form is with them."""
    form = form_of(plan.ticket, plan.policy)
    if form is None or not awaits(plan.ticket):
        return False
    drafts.to_customer(plan, "returned_form", as_letter(form, plan.ticket, (), wary=True))
    return True


def _own_form(plan: Plan) -> Form:
    form = form_of(plan.ticket, plan.policy)
    assert form is not None, "only a ticket with a form has one to send"
    return form


def _not_returned(ticket: Ticket) -> tuple[str, ...]:
    return tuple(tag for tag in ticket.tags if not tag.startswith(RETURNED))


def settle(plan: Plan, event: CustomerWrote) -> None:
    """Once it is complete: confirm it to the customer, and tell everybody who must act."""
    form = form_of(plan.ticket, plan.policy)
    if form is None or missing(form, plan.ticket.fields):
        return
    if (tags := _not_returned(plan.ticket)) != plan.ticket.tags:
        plan.change(tags=tags)
    if plan.ticket.acknowledged or greeting.is_verified(event):
        shown = plan.ticket.fields if greeting.is_verified(event) else harmless(form, plan.ticket.fields)
        drafts.to_customer(plan, "confirmation", {"details": details(form, shown)}, replied=True)
    plan.note("form_complete", DESK, because("form_complete", form=form.name))
    text = details(form, plan.ticket.fields)
    expected_at = _expected(plan, form)
    for party in filter(None, map(plan.policy.third_party, form.distribute_to)):
        drafts.to_third_party(plan, party, "distribution", {"details": text, "expected_at": expected_at})
        plan.note("distributed", DESK, because("party_told", who=party.name))


def _expected(plan: Plan, form: Form) -> datetime | None:
    """By when it must be done: the end of the day that the form names, or so long from now."""
    named = plan.ticket.fields.get(form.expected_field or "")
    if named:
        hours = plan.policy.calendar
        closes = datetime.combine(date.fromisoformat(str(named)), hours.closes, tzinfo=hours.timezone)
        return closes.astimezone(UTC)
    if form.expected_in:
        return calendar.add(plan.now, form.expected_in, Clock.CALENDAR, plan.policy.calendar)
    return None


def answered(plan: Plan, event: CustomerWrote) -> bool:
    """The customer wrote on a ticket with an unfinished form. True: nothing is left to do with this mail."""
    waited = awaits(plan.ticket)
    taken = take_fields(plan, event)
    form = form_of(plan.ticket, plan.policy)
    if form is None or event.answers is None:
        return False
    if not missing(form, plan.ticket.fields) and (waited or taken.anything):
        settle(plan, event)
    elif waited and taken.anything and rounds(plan.ticket) < form.rounds:
        if give_back(plan, event, taken.wrong):
            return True
    elif waited:
        plan.because(_why_a_human(plan, form, taken))
    return waited and _offer(plan, event)


def _why_a_human(plan: Plan, form: Form, taken: Taken) -> str:
    if not taken.anything:
        return because("form_no_field")
    return because("form_rounds", form=form.name, number=rounds(plan.ticket))


def _offer(plan: Plan, event: CustomerWrote) -> bool:
    """Nobody has it yet: from here on it goes as with every new ticket."""
    if plan.operator is not None:
        return False
    plan.change(status=Status.NEW, waiting_for=WaitingFor.OPERATOR, operator=None)
    assignment.offer(plan, with_details(plan, event.mail))
    return True


def with_details(plan: Plan, mail: InboundMail) -> InboundMail:
    """The mail as operators get to see it: what is known of the form, then the customer's words."""
    text = details(form_of(plan.ticket, plan.policy), plan.ticket.fields)
    words = mail.new_text or mail.text
    return replace(mail, new_text="\n\n".join(filter(None, (text, words))))
