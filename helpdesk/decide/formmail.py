"""Which standard form does a mail carry, and who is the customer of a mail that a web form wrote?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpdesk.decide import fieldtypes, forms, formwords
from helpdesk.decide.answering import robot_address, writer
from helpdesk.decide.received import Meaning, Received, of_mail
from helpdesk.model import events
from helpdesk.model.forms import FieldType, Form, FormField, FormMatch
from helpdesk.model.mail import Automatic, InboundMail
from helpdesk.model.people import Address, Role, Speaker
from helpdesk.model.policy import Policy
from helpdesk.model.ticket import Ticket

_REPORTS = (Automatic.BOUNCE, Automatic.RECEIPT, Automatic.FEEDBACK_REPORT)


def form_meant(
    mail: InboundMail, recipients: Sequence[str], ticket: Ticket | None, policy: Policy
) -> Form | None:
    """The form of a new mail by its `match`; on a ticket the one that still waits for answers."""
    if ticket is not None:
        form = forms.form_of(ticket, policy)
        return form if form and (forms.awaits(ticket) or formwords.missing(form, ticket.fields)) else None
    return next((form for form in policy.forms if _matches(form.match, mail, recipients, policy)), None)


def _matches(match: FormMatch, mail: InboundMail, recipients: Sequence[str], policy: Policy) -> bool:
    named = {a.address.lower() for a in (*mail.to, *mail.cc)} | {r.lower() for r in recipients}
    lists = {(name or "").lower() for name in (mail.list.id, mail.list.address)} if mail.list else set()
    tests = (
        match.sender is None or writer(mail, policy).address.lower() == match.sender,
        match.to is None or match.to in named,
        match.subject is None or re.search(match.subject, mail.subject, re.I) is not None,
        match.list is None or match.list.lower() in lists,
    )
    return match != FormMatch() and all(tests)


def web_form(received: Received, policy: Policy) -> Meaning | None:
    """A web form wrote it for a customer: a machine's mail with a person's words, whatever its header says."""
    form = policy.form(received.answers.form) if received.answers else None
    if form is None or not form.match.sender or received.match.ticket is not None:
        return None
    if received.mail.automatic in _REPORTS or received.speaker.person is not None:
        return None
    customer = _customer(received, form, policy)
    return events.CustomerWrote(
        **{**of_mail(received), "speaker": Speaker(Role.CUSTOMER, customer or received.speaker.address)},
        linked_to=received.match.linked_to,
        recent_mails=1 if customer else received.recent_mails,  # the form's sender writes for everybody
        answers=received.answers,
        named_by_form=customer is not None,
    )


def _customer(received: Received, form: Form, policy: Policy) -> Address | None:
    """The address in the field that `reply_to_field` names: never one of the desk or its people."""
    if form.reply_to_field is None or received.answers is None:
        return None
    one = FormField(form.reply_to_field, type=FieldType.EMAIL)
    written = received.answers.values.get(one.name, "")
    address = fieldtypes.check(one, written, policy, received.now, "")
    if not isinstance(address, str) or forms.is_ours(address, policy) or robot_address(address):
        return None
    name = received.answers.values.get("name", "").split("\n")[0]
    return Address(name[:120], address)
