"""From one mail to the event it is: match its ticket, attribute it, understand it. Reads the store, writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from helpdesk.decide import identity, intent, links
from helpdesk.decide import match as matching
from helpdesk.decide.answering import null_sender
from helpdesk.flow import report
from helpdesk.flow.lookups import complete, complete_sections
from helpdesk.flow.matching import find_ticket
from helpdesk.flow.received import gather
from helpdesk.flow.signatures import check
from helpdesk.flow.workshop import Workshop
from helpdesk.model.asked import ReportAsked
from helpdesk.model.commanded import DeskCommanded, StaffCommanded
from helpdesk.model.mail import Arrival, InboundMail, SpooledArrival
from helpdesk.model.people import Speaker
from helpdesk.model.signing import Signer, Token
from helpdesk.model.ticket import Ticket
from helpdesk.store import held
from helpdesk.store.burnt import burnt_among


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
    said, token, answer = _clues(shop, desk, mail, arrival)
    mail, match = find_ticket(shop, desk, mail, said, now, by_head=by_head)
    speaker = identity.who(mail, said, match, arrival, shop.policy, now)
    if not released and (own := check(shop, arrival.raw, mail, speaker, now)):
        speaker = identity.who(mail, said, match, arrival, shop.policy, now, own)
    if released and speaker.person:
        speaker = replace(speaker, proof="confirmed from the registered address", doubt=None)
    confirms = token if answer is None or links.sends_as_it_is(mail) else None
    held_id = _confirmed(desk, confirms, mail, arrival.sender, now)
    if confirms and held_id is None and not released:
        nothing = intent.Ignored("confirmation", "it confirms no held mail that waits")
        return Understood(mail, speaker, match, nothing)
    received = gather(shop, desk, spooled, mail, speaker, match, said, released, now)
    meaning = _completed(shop, desk, match.ticket, intent.understand(received, shop.policy))
    revealed = tuple(identity.revealed(mail, said, shop.policy))
    return Understood(mail, speaker, match, meaning, held_id, answer.id if answer else None, revealed)


def _clues(
    shop: Workshop, desk: Connection, mail: InboundMail, arrival: Arrival
) -> tuple[matching.Clues, Token | None, held.HeldMail | None]:
    """What the mail says of its ticket, which held mail it names, and whether that is an answer of bare links."""
    said = matching.clues(mail, arrival.recipients, shop.signer)
    token, answer = said.held, _held_answer(desk, said)
    if answer and answer.ticket:
        said = said.about(answer.ticket)
    return _with_burnt(desk, said, shop.signer), token, answer


def _with_burnt(desk: Connection, said: matching.Clues, signer: Signer) -> matching.Clues:
    addresses = {signer.reply_address(token): token for token in said.address_tokens}
    burnt = burnt_among(desk, addresses)
    return replace(said, burnt=frozenset(addresses[address] for address in burnt))


def _held_answer(desk: Connection, said: matching.Clues) -> held.HeldMail | None:
    """The answer of nothing but links that this mail is a reply to: then it speaks on that answer's ticket."""
    found = held.load(desk, said.held.number) if said.held else None
    return found if found and found.why == held.LINKS else None


def _confirmed(
    desk: Connection, token: Token | None, mail: InboundMail, sender: str | None, now: datetime
) -> int | None:
    """A reply to confirm_sender releases the held mail; an out-of-office reply does not."""
    if token is None or token.expired(now) or mail.automatic or null_sender(mail, sender):
        return None
    waiting = held.load(desk, token.number)
    return token.number if waiting and waiting.state == "waiting" else None


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
