"""Automatic letters that a customer's own mail causes, and their caps (MAIL_RULES 2.4, F13, T7).

Who forges a thousand From lines makes the desk write to a thousand strangers, unless it counts. A mail beyond the
caps is a ticket like any other and people answer it; only the automatic letter is not written. While the ticket has
had neither that letter nor an answer, the clock writes none to its customer either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from helpdesk.decide import drafts
from helpdesk.decide.answering import NO_AUTO_REPLY, Received, reason_not_to_answer
from helpdesk.decide.notes import DESK, Notes
from helpdesk.decide.plan import Plan
from helpdesk.model.asks import CustomerAsked
from helpdesk.model.decision import Value
from helpdesk.model.effects import Greet
from helpdesk.model.events import CustomerWrote
from helpdesk.model.people import folded
from helpdesk.model.policy import Caps, Policy
from helpdesk.model.reasons import because

Caused = CustomerWrote | CustomerAsked
"""The mails that may cause an automatic letter."""


def is_verified(event: Caused) -> bool:
    """Did the mail prove that its From line is true? Who answers a signed letter has read it."""
    return event.speaker.proof is not None or event.signed


def greet(plan: Plan, event: CustomerWrote, letter: str, values: Mapping[str, Value]) -> str:
    """Write the letter, or return why not. A mail that forbids automatic letters forbids all on its ticket."""
    if why := _forbidden(event, plan.policy):
        if not plan.ticket.acknowledged:
            plan.change(tags=tuple(dict.fromkeys((*plan.ticket.tags, NO_AUTO_REPLY))))
        return why
    if why := cap(plan, event, letter):
        return why
    drafts.to_customer(plan, letter, values, replied=True)
    return ""


def _forbidden(event: CustomerWrote, policy: Policy) -> str | None:
    """A web form's mail is a machine's, but it was a person who filled the form in: their address counts."""
    if event.named_by_form:
        return None
    form = policy.form(event.answers.form) if event.answers else None
    if form and form.reply_to_field and form.match.sender == event.speaker.address.address.lower():
        return because("form_no_address")
    return reason_not_to_answer(Received(event.mail, event.sender, event.recipients), policy)


def cap(notes: Notes, event: Caused, letter: str) -> str:
    """Count the letter and return ''; or why the caps forbid it, which is counted, too."""
    why = _cap_reached(event, notes.policy.caps)
    _count(notes, event, letter, why)
    return why


def introduce(plan: Plan, letter: str, values: Mapping[str, Value], *, by_desk: bool) -> None:
    """Tell the customer who takes care of them; `by_desk`: nobody asked for it, the rota did."""
    event, ticket = plan.event, plan.ticket
    if by_desk and not (ticket.acknowledged or ticket.answered_at):
        plan.because(because("no_letter", letter=letter, why=because("unacknowledged")))
        return
    if isinstance(event, CustomerWrote) and by_desk and letter == "assigned":
        if event.greetings.in_all + 1 >= plan.policy.caps.in_all:
            _count(plan, event, letter, because("cap_all", number=plan.policy.caps.in_all))
            return
        _count(plan, event, letter)
    drafts.to_customer(plan, letter, values)


def _count(plan: Notes, event: Caused, letter: str, withheld: str = "") -> None:
    address = folded(event.speaker.address.address)
    plan.effect(Greet(address, letter, is_verified(event), withheld))
    if withheld and isinstance(plan, Plan):
        plan.note("letter_withheld", DESK, because("no_letter", letter=letter, why=withheld))


Cap = Callable[[Caused, Caps], str | None]


def _cap_reached(event: Caused, caps: Caps) -> str:
    return next((why for cap in CAPS if (why := cap(event, caps))), "")


def _muted(event: Caused, caps: Caps) -> str | None:
    if event.recent_mails < caps.loop_mails:
        return None
    sender = event.speaker.address.address
    return because("looks_like_loop", number=event.recent_mails, who=sender)


def _address(event: Caused, caps: Caps) -> str | None:
    known, greeted = is_verified(event), event.greetings
    if known and greeted.of_hour >= caps.per_known_address:
        return because("cap_known", number=caps.per_known_address)
    if not known and greeted.of_day >= caps.per_address:
        return because("cap_address", number=caps.per_address)
    return None


def _domain(event: Caused, caps: Caps) -> str | None:
    if event.greetings.of_domain < caps.per_domain:
        return None
    domain = event.speaker.address.address.partition("@")[2]
    return because("cap_domain", number=caps.per_domain, domain=domain)


def _in_all(event: Caused, caps: Caps) -> str | None:
    return because("cap_all", number=caps.in_all) if event.greetings.in_all >= caps.in_all else None


CAPS: tuple[Cap, ...] = (_muted, _address, _domain, _in_all)
