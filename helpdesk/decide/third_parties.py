"""Is it a third party that writes, and what do they call the ticket?"""

from __future__ import annotations

import re

from helpdesk.decide.match import Clues, Match
from helpdesk.decide.received import Meaning, Received, of_mail
from helpdesk.model import events
from helpdesk.model.forms import ESCALATED, ThirdParty
from helpdesk.model.mail import Automatic
from helpdesk.model.people import Role
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience, person_code

_NUMBER = re.compile(
    r"[\[(](?:[A-Za-z][A-Za-z .-]{0,24}[ ]?(?:[#:№][ ]?)?|#[ ]?)[A-Za-z-]{0,8}\d[\w-]{0,24}[\])]"
)


def speaks(address: str, said: Clues, match: Match, policy: Policy) -> ThirdParty | None:
    """The third party who wrote on this ticket: by a signed address or id of theirs, or by its own address.

    The address alone counts only where the question is with them; it proves nothing about staff. What they were
    asked on a ticket that is part of this one now, they answer here.
    """
    ticket = match.ticket
    if ticket is None or ticket.customer.address.lower() == address.lower():
        return None
    asked_on = (ticket, match.part) if match.part else (ticket,)
    numbers, tags = {one.number for one in asked_on}, {tag for one in asked_on for tag in one.tags}
    tokens = (*said.address_tokens, *said.id_tokens)
    codes = {t.person for t in tokens if t.audience is Audience.THIRD_PARTY and t.number in numbers}
    for party in policy.third_parties:
        asked = f"{ESCALATED}{party.name}" in tags and party.writes_from(address)
        if asked or person_code(party.address) in codes:
            return party
    return None


def foreign_number(subject: str, own: int) -> str:
    """The tag by which they know it, as `[Ticket#2026113010001]`, `[#123]` or `(Case 4711)`; '' without one."""
    rest = subject.replace(f"[#{own}]", " ")
    found = _NUMBER.search(rest[:900])
    return found[0] if found else ""


def wrote(received: Received, _: Policy) -> Meaning | None:
    ticket = received.match.ticket
    if received.speaker.role is not Role.THIRD_PARTY or ticket is None:
        return None
    if received.mail.automatic is Automatic.BULK:
        return events.RobotWrote(
            **of_mail(received), why=received.mail.automatic_reason or because("bulk_mail")
        )
    return events.ThirdPartyWrote(
        **of_mail(received),
        third_party=received.speaker.address.name,
        foreign_number=foreign_number(received.mail.subject, ticket.number),
    )
