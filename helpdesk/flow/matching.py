"""Which ticket a mail belongs to, as the store knows it, and the mail as it reads beside that ticket's letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from helpdesk.decide import intent
from helpdesk.decide import match as matching
from helpdesk.decide.answering import writer
from helpdesk.flow.quoted import read_again
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Address
from helpdesk.model.ticket import Ticket, merged_into
from helpdesk.store import outbox, tickets


def find_ticket(
    shop: Workshop,
    desk: Connection,
    mail: InboundMail,
    said: matching.Clues,
    now: datetime,
    *,
    by_head: bool,
) -> tuple[InboundMail, matching.Match]:
    """Its ticket, and the mail as it reads beside that ticket's letters."""
    sender = writer(mail, shop.policy)
    match = matching.choose(said, _look_up(desk, said), sender.address, shop.policy, now)
    if not by_head and (said.message_ids or said.address_tokens):
        mail = read_again(desk, mail, match, shop.policy, shop.limits.mail)
    return mail, _of_former(match, mail, sender)


def _of_former(match: matching.Match, mail: InboundMail, sender: Address) -> matching.Match:
    """What only looks back stays with the ticket that was closed long ago."""
    if match.former and intent.only_looks_back(mail, match.answered_letter, sender):
        return replace(match, ticket=match.former, linked_to=None)
    return match


def _look_up(desk: Connection, said: matching.Clues) -> matching.Found:
    found = tickets.find_by_message_ids(desk, said.message_ids)
    own = tickets.own_ids(desk, found)
    numbers = dict.fromkeys((*said.numbers, *dict(found).values()))
    known = {n: ticket for n in numbers if (ticket := tickets.load(desk, n))}
    return matching.Found(
        tickets=known,
        merged={n: whole for n, part in known.items() if (whole := _whole(desk, part))},
        by_message_id={i: n for i, n in found if i in own},
        by_ancestor={i: n for i, n in found if i not in own},
        answered=_answered(desk, said),
    )


def _whole(desk: Connection, part: Ticket) -> Ticket | None:
    """The ticket that this one became part of, perhaps by way of others; None for one that stands alone."""
    whole, seen = None, {part.number}
    number = merged_into(part)
    while number is not None and number not in seen:
        seen.add(number)
        whole = tickets.load(desk, number) or whole
        number = merged_into(whole) if whole else None
    return whole


def _answered(desk: Connection, said: matching.Clues) -> matching.Answered | None:
    """The letter of ours that the mail replies to: the nearest ancestor that we wrote."""
    for message_id in said.own_ids:
        letter = outbox.by_message_id(desk, message_id)
        if letter:
            return matching.Answered(letter.letter, letter.audience, letter.subject, letter.raw)
    return None
