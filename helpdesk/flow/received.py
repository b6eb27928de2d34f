"""Everything that the meaning of a mail depends on, looked up before `decide.intent` names it. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpdesk.decide import identity, intent
from helpdesk.decide import match as matching
from helpdesk.decide.formmail import form_meant
from helpdesk.decide.out_of_office import answers_own_letter
from helpdesk.flow.quoted import text_of
from helpdesk.flow.workshop import Workshop
from helpdesk.model.affairs import GivenCard
from helpdesk.model.forms import Answers
from helpdesk.model.mail import InboundMail, SpooledArrival
from helpdesk.model.people import Speaker
from helpdesk.model.ticket import Ticket
from helpdesk.parse.form import read_fields
from helpdesk.store import conduct, earlier, held, people, tickets

LOOP_WINDOW = timedelta(minutes=10)


def gather(
    shop: Workshop,
    desk: Connection,
    spooled: SpooledArrival,
    mail: InboundMail,
    speaker: Speaker,
    match: matching.Match,
    said: matching.Clues,
    released: held.HeldMail | None,
    now: datetime,
) -> intent.Received:
    """The mail with all that its meaning depends on."""
    arrival, address = spooled.arrival, speaker.address.address
    return intent.Received(
        mail=mail,
        speaker=speaker,
        match=match,
        spool_id=spooled.id,
        now=now,
        sender=arrival.sender,
        recipients=arrival.recipients,
        received_at=arrival.received_at,
        recent_mails=1 + earlier.mails_of(desk, address, now - LOOP_WINDOW),
        # only orders name them; most mails are customers' and give none
        canned_replies=_reply_names(shop, match.ticket) if mail.command_lines else (),
        topics=shop.library.topics(shop.policy.language) if mail.command_lines else (),
        own_id=bool(mail.message_id and shop.signer.read_message_id(mail.message_id)),
        subjects=_subjects(desk, said, match),
        as_it_is=released is not None and released.why == held.LINKS,
        confirmed=released is not None,
        blocked=conduct.is_blocked(desk, address),
        answers=_answers(shop, mail, arrival.recipients, match),
        former=identity.former(mail, said, shop.policy),
        card=_card(desk, match, speaker),
        personal=answers_own_letter(speaker.person, said),
    )


def _answers(
    shop: Workshop, mail: InboundMail, recipients: Sequence[str], match: matching.Match
) -> Answers | None:
    """What the mail says to the fields of the form that it carries or that its ticket waits for."""
    form = form_meant(mail, recipients, match.ticket, shop.policy)
    if form is None:
        return None
    sent = (text_of(match.answered.raw) if match.answered else "") if match.ticket else None
    return Answers(form.name, read_fields(mail.text, form, sent, shop.limits.mail))


def _subjects(desk: Connection, said: matching.Clues, match: matching.Match) -> tuple[str, ...]:
    """All subjects the ticket has seen; none where the mail's own carries the ticket's tag, so is not new."""
    ticket = match.ticket
    if ticket is None or said.subject_number == ticket.number:
        return ()
    answered = (match.answered.subject,) if match.answered else ()
    return (ticket.subject, *answered, *(entry.subject for entry in tickets.entries(desk, ticket.number)))


def _card(desk: Connection, match: matching.Match, speaker: Speaker) -> GivenCard | None:
    """The yellow card that stands behind the breach letter to which an operator replies."""
    if match.answered_letter != "breach" or match.ticket is None or speaker.person is None:
        return None
    given = people.cards(desk, speaker.person.address, tickets=[match.ticket.number])
    return next((card for card in reversed(given) if card.lifted_at is None), None)


def _reply_names(shop: Workshop, ticket: Ticket | None) -> tuple[str, ...]:
    names = shop.library.names(_language(shop, ticket))
    return tuple(n.removeprefix("replies/") for n in names if n.startswith("replies/"))


def _language(shop: Workshop, ticket: Ticket | None) -> str:
    return (ticket.language if ticket else "") or shop.policy.language
