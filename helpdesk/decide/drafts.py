"""Who gets which letter: one draft per reader, each signed for that reader alone (INTERFACE 3, R71, T4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from helpdesk.decide import participants
from helpdesk.decide.answering import NO_AUTO_REPLY
from helpdesk.decide.plan import Plan
from helpdesk.model.decision import Attach, Draft, Value
from helpdesk.model.forms import ThirdParty
from helpdesk.model.letters import LETTERS
from helpdesk.model.people import Address, Person
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience

_WITH_COMPANY = frozenset({"answer", "closed", "delay"})
"""What an operator says about the matter; automatic letters and personal ones go to the customer alone (R36)."""
_NOTHING: Mapping[str, Value] = {}


def to_customer(
    plan: Plan,
    letter: str,
    values: Mapping[str, Value] = _NOTHING,
    *,
    human: bool = False,
    replied: bool = False,
    attach: Attach = (),
) -> None:
    """A letter to the customer. Automatic ones never go to a robot or to whom we must not answer."""
    if not human and NO_AUTO_REPLY in plan.ticket.tags:
        plan.because(because("no_letter", letter=letter, why=because("no_automatic_letters")))
        return
    values = {**_ticket_values(plan), **values}
    draft = _draft(plan, letter, plan.ticket.customer, Audience.CUSTOMER, values)
    cc = participants.in_copy(plan.ticket, plan.policy) if human and letter in _WITH_COMPANY else ()
    plan.write(
        replace(draft, human=human, replied=replied, attach=attach, language=plan.ticket.language, cc=cc)
    )


def to_operator(plan: Plan, person: Person, letter: str, values: Mapping[str, Value] = _NOTHING) -> None:
    values = {**_ticket_values(plan), "operator_name": person.name, **values}
    plan.write(_draft(plan, letter, person.mailbox, Audience.OPERATOR, values, person.address))


def to_list(plan: Plan, letter: str, values: Mapping[str, Value], *, human: bool = False) -> None:
    if plan.policy.list_address:
        to = Address("", plan.policy.list_address)
        draft = _draft(plan, letter, to, Audience.LIST, {**_ticket_values(plan), **values})
        plan.write(replace(draft, human=human, language=_language(plan, letter)))


def to_pics(plan: Plan, letter: str, values: Mapping[str, Value], *, human: bool = False) -> None:
    """To the shared PIC addresses; where there are none, to each PIC."""
    shared = tuple(Address("", a) for a in plan.policy.pic_addresses)
    for to in shared or tuple(p.mailbox for p in plan.policy.pics):
        draft = _draft(plan, letter, to, Audience.PIC, {**_ticket_values(plan), **values}, to.address)
        plan.write(replace(draft, human=human, language=_language(plan, letter)))


def to_third_party(
    plan: Plan,
    party: ThirdParty,
    letter: str,
    values: Mapping[str, Value],
    *,
    human: bool = False,
    after: str | None = None,
    attach: Attach = (),
) -> None:
    """`after`: the message id of theirs that the letter answers. They see no id of the customer's side."""
    to = Address(party.name, party.address)
    draft = _draft(plan, letter, to, Audience.THIRD_PARTY, {**_ticket_values(plan), **values}, party.address)
    references = (after,) if after else ()
    plan.write(replace(draft, human=human, in_reply_to=after, references=references, attach=attach))


def copies(
    plan: Plan,
    letter: str,
    values: Mapping[str, Value],
    *,
    seen_by: frozenset[str] = frozenset(),
    human: bool = False,
) -> None:
    """The same letter to the list and to PIC, unless the mail at hand has reached them by itself."""
    values = {**values, "copy": True}
    if plan.policy.list_address not in seen_by:
        to_list(plan, letter, values, human=human)
    if not (set(plan.policy.pic_addresses) & seen_by):
        to_pics(plan, letter, values, human=human)


def has_pics(plan: Plan) -> bool:
    return bool(plan.policy.pic_addresses or plan.policy.pics)


def _ticket_values(plan: Plan) -> dict[str, Value]:
    ticket = plan.ticket
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "customer_name": ticket.customer.name,
        "customer_address": ticket.customer.address,
        "operator_name": plan.operator_name,
        "text": plan.event.customer_text,
        "attachments": (),
    }


def _language(plan: Plan, letter: str) -> str:
    """A copy of a customer's letter reads as the customer's does; everything else is in the desk's language."""
    return (
        plan.ticket.language
        if letter in {"answer", "delay", "consent", "closed", "closed_no_feedback"}
        else ""
    )


def _draft(
    plan: Plan, letter: str, to: Address, audience: Audience, values: Mapping[str, Value], person: str = ""
) -> Draft:
    thread = plan.ticket.thread
    known = ("number", *LETTERS[letter].variables)
    return Draft(
        letter=letter,
        to=to,
        audience=audience,
        number=plan.ticket.number,
        ticket=plan.ticket.number,
        values={name: values[name] for name in known if name in values},
        person=person,
        in_reply_to=thread[-1] if thread else None,
        references=thread,
    )
