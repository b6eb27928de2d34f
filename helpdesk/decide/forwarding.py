"""A mail that one of the desk's own people sends on: whose question is it?"""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide.answering import came_through_own_list
from helpdesk.decide.received import Meaning, Received, of_mail
from helpdesk.model import events
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Role, Speaker
from helpdesk.model.policy import Policy


def by_staff(received: Received, policy: Policy) -> Meaning | None:
    """An operator or PIC sends a customer's mail on to the desk: the ticket is that customer's.

    A stranger's forward is the stranger's own question.
    """
    mail, person = received.mail, received.speaker.person
    original = mail.forwarded.sender if mail.forwarded else None
    if person is None or original is None or received.match.ticket or came_through_own_list(mail, policy):
        return None
    if mail.command_lines or policy.is_inside(original.address):
        return None
    if received.speaker.proof is None:
        return events.StaffNotProven(**of_mail(received))
    assert mail.forwarded is not None, "it has a sender"
    inner = replace(
        mail,
        sender=original,
        message_id=None,  # the forwarder's own id is nothing to show to the customer
        in_reply_to=None,
        references=(),
        subject=mail.forwarded.subject or mail.subject,
        text=mail.forwarded.text,
        new_text=mail.forwarded.text,
    )
    carried = {**of_mail(received), "mail": inner, "speaker": Speaker(Role.CUSTOMER, original)}
    return events.CustomerWrote(**carried, forwarded_by=person, forwarders_words=_above_forward(mail))


def _above_forward(mail: InboundMail) -> str:
    """What the forwarder wrote above the mail; '' where that cannot be told from the mail itself."""
    assert mail.forwarded is not None, "only asked about forwards"
    return "" if mail.forwarded.text.strip() in mail.new_text else mail.new_text.strip()
