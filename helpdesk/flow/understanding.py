"""From one mail to the event it is: match its ticket, attribute it, understand it. Reads the store, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpdesk.decide import identity, intent, links
from helpdesk.decide import match as matching
from helpdesk.decide.answering import null_sender, writer
from helpdesk.decide.formmail import form_meant
from helpdesk.decide.out_of_office import answers_own_letter
from helpdesk.flow import report
from helpdesk.flow.lookups import complete, complete_sections
from helpdesk.flow.quoted import read_again, text_of
from helpdesk.flow.workshop import Workshop
from helpdesk.model.affairs import GivenCard
from helpdesk.model.asked import ReportAsked
from helpdesk.model.commanded import DeskCommanded, StaffCommanded
from helpdesk.model.forms import Answers
from helpdesk.model.mail import InboundMail, SpooledArrival
from helpdesk.model.people import Address, Speaker
from helpdesk.model.signing import Signer, Token
from helpdesk.model.ticket import Ticket, merged_into
from helpdesk.parse.form import read_fields
from helpdesk.store import conduct, handled, held, outbox, people, tickets
from helpdesk.store.burnt import burnt_among

LOOP_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Understood:
    """A mail with what it means. `held_id`: the held mail that this mail confirms, if it does.

    `replaces`: the held answer in whose place this one comes.
    `revealed`: signed addresses that others than their person know by this mail, and why.
    """

    mail: InboundMail
    speaker: Speaker
    match: matching.Match
    meaning: intent.Meaning
    held_id: int | None = None
    replaces: int | None = None
    revealed: tuple[tuple[Token, str], ...] = ()

    @property
    def ticket(self) -> Ticket | None:
        return self.match.ticket

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it belongs to this ticket, and why its writer is believed to be somebody of the desk, or not."""
        speaker = self.speaker
        if speaker.person is None:
            return self.match.reasons
        believed = f"believed to be {speaker.person.name}" if speaker.proof else "not proven"
        why = speaker.doubt or speaker.proof or f"nothing proves {speaker.person.name}"
        return (*self.match.reasons, *speaker.tried, f"{believed}: {why}")


def understand(
    shop: Workshop,
    desk: Connection,
    spooled: SpooledArrival,
    mail: InboundMail,
    now: datetime,
    released: held.HeldMail | None = None,
    *,
    by_head: bool = False,
) -> Understood:
    """Say what this mail means now. `released`: it was held, and its person has confirmed it.

    `by_head`: only its head may be read.
    """
    arrival = spooled.arrival
    said = matching.clues(mail, arrival.recipients, shop.signer)
    token, answer = said.held, _held_answer(desk, said)
    if answer and answer.ticket:
        said = said.about(answer.ticket)
    said = _with_burnt(desk, said, shop.signer)
    mail, match = _matched(shop, desk, spooled, mail, said, now, by_head=by_head)
    speaker = identity.who(mail, said, match, arrival, shop.policy, now)
    if released and speaker.person:
        speaker = replace(speaker, proof="confirmed from the registered address", doubt=None)
    received = intent.Received(
        mail=mail,
        speaker=speaker,
        match=match,
        spool_id=spooled.id,
        number=tickets.next_number(desk),
        now=now,
        sender=arrival.sender,
        recipients=arrival.recipients,
        recent_mails=1 + handled.count_from(desk, speaker.address.address, now - LOOP_WINDOW),
        canned_replies=_reply_names(shop, match.ticket),
        topics=shop.library.topics(shop.policy.language),
        own_id=bool(mail.message_id and shop.signer.read_message_id(mail.message_id)),
        subjects=_subjects(desk, said, match),
        as_it_is=released is not None and released.why == held.LINKS,
        confirmed=released is not None,
        blocked=conduct.is_blocked(desk, speaker.address.address),
        answers=_answers(shop, mail, arrival.recipients, match),
        former=identity.former(mail, said, shop.policy),
        card=_card(desk, match, speaker),
        personal=answers_own_letter(speaker.person, said),
    )
    confirms = token if answer is None or links.sends_as_it_is(mail) else None
    held_id = _confirmed(desk, confirms, mail, arrival.sender, now)
    if confirms and held_id is None and not released:
        nothing = intent.Ignored("confirmation", "it confirms no held mail that waits")
        return Understood(mail, speaker, match, nothing)
    meaning = _completed(shop, desk, match.ticket, intent.understand(received, shop.policy))
    revealed = tuple(identity.revealed(mail, said, shop.policy))
    return Understood(mail, speaker, match, meaning, held_id, answer.id if answer else None, revealed)


def _with_burnt(desk: Connection, said: matching.Clues, signer: Signer) -> matching.Clues:
    addresses = {signer.reply_address(token): token for token in said.address_tokens}
    burnt = burnt_among(desk, addresses)
    return replace(said, burnt=frozenset(addresses[address] for address in burnt))


def _held_answer(desk: Connection, said: matching.Clues) -> held.HeldMail | None:
    """The answer of nothing but links that this mail is a reply to: then it speaks on that answer's ticket."""
    found = held.load(desk, said.held.number) if said.held else None
    return found if found and found.why == held.LINKS else None


def _answers(
    shop: Workshop, mail: InboundMail, recipients: Sequence[str], match: matching.Match
) -> Answers | None:
    """What the mail says to the fields of the form that it carries or that its ticket waits for."""
    form = form_meant(mail, recipients, match.ticket, shop.policy)
    if form is None:
        return None
    sent = (text_of(match.answered.raw) if match.answered else "") if match.ticket else None
    return Answers(form.name, read_fields(mail.text, form, sent, shop.limits.mail))


def _matched(
    shop: Workshop,
    desk: Connection,
    spooled: SpooledArrival,
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
        mail = read_again(desk, spooled.arrival.raw, mail, match, shop.policy, shop.limits.mail)
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
    given = people.cards(desk, speaker.person.address, ticket=match.ticket.number)
    return next((card for card in reversed(given) if card.lifted_at is None), None)


def _confirmed(
    desk: Connection, token: Token | None, mail: InboundMail, sender: str | None, now: datetime
) -> int | None:
    """A reply to confirm_sender releases the held mail; an out-of-office reply does not."""
    if token is None or token.expired(now) or mail.automatic or null_sender(mail, sender):
        return None
    waiting = held.load(desk, token.number)
    return token.number if waiting and waiting.state == "waiting" else None


def _reply_names(shop: Workshop, ticket: Ticket | None) -> tuple[str, ...]:
    names = shop.library.names(_language(shop, ticket))
    return tuple(n.removeprefix("replies/") for n in names if n.startswith("replies/"))


def _completed(
    shop: Workshop, desk: Connection, ticket: Ticket | None, meaning: intent.Meaning
) -> intent.Meaning:
    """With what it must know beyond the mail itself."""
    match meaning:
        case StaffCommanded():
            return complete(shop, desk, ticket, meaning)
        case DeskCommanded():
            return complete_sections(shop, desk, meaning)
        case ReportAsked():
            return report.look_up(shop, desk, meaning)
    return meaning


def _language(shop: Workshop, ticket: Ticket | None) -> str:
    return (ticket.language if ticket else "") or shop.policy.language
