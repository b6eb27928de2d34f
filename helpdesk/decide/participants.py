"""Who takes part on the customer's side: they may write on the ticket and get what operators answer, in Cc.

Nobody adds themselves (T2): only the customer, in the first mail or in one that proves to be theirs, and operators.
Robots, lists, third parties and the desk's own people never are participants.
"""

from __future__ import annotations

from collections.abc import Iterable

from helpdesk.decide.answering import robot_address
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Address
from helpdesk.model.policy import Policy
from helpdesk.model.ticket import Ticket

MOST = 20


def of_first(sender: str, mail: InboundMail, policy: Policy) -> tuple[str, ...]:
    """The customer, and whom they wrote to beside the desk."""
    return _distinct((sender, *_company(mail, policy)))


def joined_by(mail: InboundMail, ticket: Ticket, policy: Policy) -> tuple[str, ...]:
    """All of the ticket, with those whom this mail of the customer or of an operator brings in."""
    return _distinct((*ticket.participants, *_company(mail, policy)))


def in_copy(ticket: Ticket, policy: Policy) -> tuple[Address, ...]:
    """Those beside the customer; who has become a third party since then is none any more."""
    apart = {ticket.customer.address.lower(), *_third_parties(policy)}
    return tuple(Address("", one) for one in ticket.participants if one not in apart)


def _company(mail: InboundMail, policy: Policy) -> Iterable[str]:
    lists = {mail.list.address.lower()} if mail.list and mail.list.address else set()
    shared = {*policy.pic_addresses, *lists, *_third_parties(policy)}
    for address in (a.address.lower() for a in (*mail.to, *mail.cc)):
        if not (policy.is_inside(address) or address in shared or robot_address(address)):
            yield address


def _third_parties(policy: Policy) -> Iterable[str]:
    """They are asked what they must know, by an operator; they do not read along."""
    return (party.address for party in policy.third_parties)


def _distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.lower() for a in addresses))[:MOST]
