"""Who wrote this mail, and what proves it? From alone is never enough for staff (F12, T3, T33, T34).

An operator or PIC is believed when the mail carries a signed reply address, or answers a signed
message id, that was issued to that very person; where the configuration says `require = "address"`
the From line is enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from helpdesk.decide.answering import writer
from helpdesk.decide.match import Clues
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Address, Person, Role, Speaker
from helpdesk.model.policy import Policy, Require
from helpdesk.model.signing import Audience, Token, person_code
from helpdesk.model.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a mail claims about its writer: `person` by the From line, with the tokens it carries.

    `number` is the ticket it is about; a token of another ticket proves nothing here (T3).
    """

    person: Person
    role: Role
    mail: InboundMail
    said: Clues
    policy: Policy
    now: datetime
    number: int | None


DESK_WIDE = 0
"""The number of letters that are about no single ticket: a reply to one proves its reader where none is meant."""

Proof = Callable[[Claimed], str | None]


def who(
    mail: InboundMail,
    said: Clues,
    ticket: Ticket | None,
    answered_letter: str | None,
    policy: Policy,
    now: datetime,
) -> Speaker:
    """Name the speaker; `proof` is None when nothing proves it."""
    address = writer(mail, policy)
    person, role = _staff(address.address, said, answered_letter, policy)
    own_question = ticket is not None and person is not None and ticket.customer.address == address.address
    if person is None or own_question:
        return Speaker(Role.CUSTOMER, address)
    claimed = Claimed(person, role, mail, said, policy, now, ticket.number if ticket else None)
    proof = next((why for rule in PROOFS if (why := rule(claimed))), None)
    return Speaker(role, Address(person.name, person.address), person, proof)


def _staff(address: str, said: Clues, letter: str | None, policy: Policy) -> tuple[Person | None, Role]:
    operator, pic = policy.operator(address), policy.pic(address)
    if operator and pic:
        as_pic = letter == "close_notice" or any(t.audience is Audience.PIC for t in said.address_tokens)
        return (pic, Role.PIC) if as_pic else (operator, Role.OPERATOR)
    return (operator, Role.OPERATOR) if operator else (pic, Role.PIC)


def _signed_reply_address(claimed: Claimed) -> str | None:
    issued = any(_issued_to(claimed, t) for t in claimed.said.address_tokens if not t.expired(claimed.now))
    return "signed reply address" if issued and not claimed.mail.sender_doubtful else None


def _signed_message_id(claimed: Claimed) -> str | None:
    issued = any(_issued_to(claimed, t) for t in claimed.said.id_tokens)
    return "signed message id" if issued and not claimed.mail.sender_doubtful else None


def _from_line(claimed: Claimed) -> str | None:
    """Only where the admin chose to trust it; `helpdesk check` warns."""
    if claimed.policy.require is not Require.ADDRESS or claimed.mail.sender_doubtful:
        return None
    return 'From line (require = "address")'


PROOFS: tuple[Proof, ...] = (_signed_reply_address, _signed_message_id, _from_line)


def _issued_to(claimed: Claimed, token: Token) -> bool:
    """Bound to this person; a letter to the shared PIC address was issued to every PIC, who alone read it."""
    if token.number != (claimed.number or DESK_WIDE):
        return False
    if claimed.role is Role.PIC:
        codes = {person_code(a) for a in (claimed.person.address, *claimed.policy.pic_addresses)}
        return token.audience is Audience.PIC and token.person in codes
    return token.audience is Audience.OPERATOR and token.person == person_code(claimed.person.address)
