"""Who wrote this mail, and what proves it? From alone is never enough for staff (F12, T3, T33, T34).

PROOFS are asked in turn, hits and misses are kept. A message id of ours proves nobody: an operator who writes to
the customer directly shows it to them, in a mail that the desk never sees (T4). A signed address is shown only
where the desk itself is among the recipients, so it can be burnt in time: see `revealed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from helpdesk.decide.answering import writer
from helpdesk.decide.authentication import Verdict, judge
from helpdesk.decide.match import Clues, Match
from helpdesk.decide.third_parties import speaks
from helpdesk.model.authentication import Finding
from helpdesk.model.mail import Arrival, InboundMail
from helpdesk.model.people import Address, Person, Role, Speaker
from helpdesk.model.policy import Policy, Require
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience, Token, person_code

_OF_STAFF = (Audience.OPERATOR, Audience.PIC)


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
    verdict: Verdict


DESK_WIDE = 0
"""The number of letters that are about no single ticket: a reply to one proves its reader where none is meant."""

Proof = Callable[[Claimed], str | None]


def who(
    mail: InboundMail,
    said: Clues,
    match: Match,
    arrival: Arrival,
    policy: Policy,
    now: datetime,
    own: tuple[Finding, ...] = (),
) -> Speaker:
    """Name the speaker; `proof` is None when nothing proves it, `doubt` says what speaks against it.

    `own`: what our own look at the mail's signatures found.

    A customer's proof is the border's word alone: their tokens show that they take part, not that it is they.
    """
    address, ticket = writer(mail, policy), match.ticket
    person, role = _staff(address.address, said, match.answered_letter, policy)
    verdict = judge(mail, arrival, policy, own)
    own_question = ticket is not None and person is not None and ticket.customer.address == address.address
    party = speaks(address.address, said, match, policy)
    if party and person is None:
        return Speaker(Role.THIRD_PARTY, Address(party.name, address.address))
    if person is None or own_question:
        return Speaker(Role.CUSTOMER, address, proof=_vouched_for(address.address, mail, verdict, policy))
    claimed = Claimed(person, role, mail, said, policy, now, ticket.number if ticket else None, verdict)
    answers = [(rule, rule(claimed)) for rule in PROOFS]
    tried = tuple(f"{rule.__name__.strip('_').replace('_', ' ')}: {why or 'no'}" for rule, why in answers)
    if verdict.unheard:
        tried += (
            f"not heard: {verdict.unheard}, below your server's own Received; see [trust] strips_forged",
        )
    doubt = verdict.denied or _unclear_sender(mail)
    proof = None if doubt else next((why for _, why in answers if why), None)
    return Speaker(role, Address(person.name, person.address), person, proof, doubt, tried)


def needs_witness(speaker: Speaker, mail: InboundMail, policy: Policy) -> bool:
    """Could a word for the domain in From still prove this member of staff, whom nothing has proven so far?"""
    if speaker.person is None or speaker.proof or speaker.doubt or mail.sender is None:
        return False
    return speaker.person.writes_from(mail.sender.address) and _names_the_desk(mail, policy)


def _staff(address: str, said: Clues, letter: str | None, policy: Policy) -> tuple[Person | None, Role]:
    operator, pic = policy.operator(address), policy.pic(address)
    if operator and pic:
        as_pic = letter == "close_notice" or any(t.audience is Audience.PIC for t in said.address_tokens)
        return (pic, Role.PIC) if as_pic else (operator, Role.OPERATOR)
    return (operator, Role.OPERATOR) if operator else (pic, Role.PIC)


def _unclear_sender(mail: InboundMail) -> str | None:
    return because("no_single_sender") if mail.sender_doubtful else None


def _signed_reply_address(claimed: Claimed) -> str | None:
    live = (t for t in claimed.said.address_tokens if not t.expired(claimed.now))
    mine = [t for t in live if _issued_to(claimed, t)]
    if mine and all(t in claimed.said.burnt for t in mine):
        return None
    return f"the reply address was issued to {claimed.person.name}" if mine else None


def _submitted_by_login(claimed: Claimed) -> str | None:
    """Authenticated submission: the border's own word for who logged in (RFC 8601 2.7.4)."""
    login = next((one for one in claimed.verdict.logins if claimed.person.writes_from(one)), None)
    to_us = login and _names_the_desk(claimed.mail, claimed.policy)
    return f"submitted with the login {login}" if to_us else None


def _authentication_results(claimed: Claimed) -> str | None:
    sender = claimed.mail.sender.address if claimed.mail.sender else ""
    own = sender if claimed.person.writes_from(sender) else ""
    return _vouched_for(own, claimed.mail, claimed.verdict, claimed.policy)


def _from_line(claimed: Claimed) -> str | None:
    """Only where the admin chose to trust it; `helpdesk check` warns."""
    trusting = claimed.policy.trust.require is Require.ADDRESS
    return 'the From line is enough (require = "address")' if trusting else None


PROOFS: tuple[Proof, ...] = (_signed_reply_address, _submitted_by_login, _authentication_results, _from_line)


def _vouched_for(author: str, mail: InboundMail, verdict: Verdict, policy: Policy) -> str | None:
    """What the border says about this author, where they wrote under their own From: a list may stand there instead.

    Of mail that names the desk only: one that was written to somebody else can be handed on by them (T38).
    """
    own = mail.sender is not None and author == mail.sender.address
    return verdict.vouched if author and own and _names_the_desk(mail, policy) else None


def _names_the_desk(mail: InboundMail, policy: Policy) -> bool:
    named = {a.address.lower() for a in (*mail.to, *mail.cc)}
    return policy.list_address in named or any(policy.is_own(a) for a in named)


def _issued_to(claimed: Claimed, token: Token) -> bool:
    """Bound to this person; a letter to the shared PIC address was issued to every PIC, who alone read it."""
    if token.number != (claimed.number or DESK_WIDE):
        return False
    if claimed.role is Role.PIC:
        codes = {person_code(a) for a in (claimed.person.address, *claimed.policy.pic_addresses)}
        return token.audience is Audience.PIC and token.person in codes
    return token.audience is Audience.OPERATOR and token.person == person_code(claimed.person.address)


def revealed(mail: InboundMail, said: Clues, policy: Policy) -> Iterator[tuple[Token, str]]:
    """Signed addresses that prove a person and that somebody else has seen now, and why: they prove nothing more.

    The mail at hand may still be its person's own; whoever answers it, or reads it, may not be.
    """
    author = writer(mail, policy).address
    strangers = [
        a.address for a in (*mail.to, *mail.cc) if a.address and not _of_the_house(a.address, policy)
    ]
    for token in said.address_tokens:
        if token.audience not in _OF_STAFF:
            continue
        if token.person not in _codes(author, policy):
            yield token, f"{author or 'somebody'} wrote to it"
        elif strangers:
            yield token, f"it was shown to {strangers[0]}"


def _of_the_house(address: str, policy: Policy) -> bool:
    shared = (policy.list_address, *policy.pic_addresses)
    known = policy.is_own(address) or address.lower() in shared
    return known or bool(policy.operator(address) or policy.pic(address))


def _codes(address: str, policy: Policy) -> set[str]:
    """The persons whose letters this writer reads."""
    operator, pic = policy.operator(address), policy.pic(address)
    shared = policy.pic_addresses if pic else ()
    return {person_code(a) for a in (*(p.address for p in (operator, pic) if p), *shared)}


def former(mail: InboundMail, said: Clues, policy: Policy) -> bool:
    """Does somebody who is registered no more answer a letter that was signed for them? (T37)"""
    address = writer(mail, policy).address
    if policy.operator(address) or policy.pic(address):
        return False
    signed = (t.person for t in (*said.address_tokens, *said.id_tokens) if t.audience in _OF_STAFF)
    return person_code(address) in signed
