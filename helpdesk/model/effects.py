"""What a decision changes beside its ticket: people's absences, cards, blocks and the like.

Each effect is a small value in the imperative; `flow.effects` carries it out in the decision's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from helpdesk.model.affairs import Consent, ConsentState, Promise, PromiseState

ONE_A_DAY = "one a day"
"""How the reason of the everyday cap on letters begins; every other is a sign of a flood, which PIC are told of."""

ON_TICKETS = ("acknowledgement", "returned_form", "reopened")
"""The letters by which the desk answers a customer's mail on a ticket: counted as one, whoever gets which."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The base of all of them."""


@dataclass(frozen=True, slots=True)
class NoteConduct(Effect):
    """How the customer with this address behaved, or what was decided: `kind` is report, warning, block or unblock."""

    address: str
    kind: str
    by: str
    reason: str
    ticket: int


@dataclass(frozen=True, slots=True)
class PreferLanguage(Effect):
    """The customer with this address wants letters in `language` from now on."""

    address: str
    language: str


@dataclass(frozen=True, slots=True)
class EraseTicket(Effect):
    """Take out of everything about this ticket what its customer and their company are known by, and all words.

    `people` are their addresses, `name` the customer's, `tombstone` the address that stands for them from now on.
    """

    number: int
    people: tuple[str, ...]
    name: str
    tombstone: str


@dataclass(frozen=True, slots=True)
class ForgetAddress(Effect):
    """The same for what belongs to no ticket."""

    address: str


@dataclass(frozen=True, slots=True)
class Greet(Effect):
    """Count an automatic `letter` that a customer's mail caused; `withheld` says why it was not written, '' if it was.

    `letter` is the canned name, or what the customer asked the desk itself for (`model.asks`), each counted apart.
    `address` is the folded one (`model.people.folded`); `verified`: the mail proved that it is theirs.
    """

    address: str
    letter: str
    verified: bool
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class StartAbsence(Effect):
    """The operator (registered address) is away until then; `until` None: until they say that they are back."""

    operator: str
    until: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class EndAbsence(Effect):
    """The operator (registered address) is back, whatever was said before."""

    operator: str


@dataclass(frozen=True, slots=True)
class MakePromise(Effect):
    """The customer of ticket `number` is told a date."""

    number: int
    promise: Promise


@dataclass(frozen=True, slots=True)
class SettlePromise(Effect):
    """The open promise of ticket `number` has ended so."""

    number: int
    state: PromiseState


@dataclass(frozen=True, slots=True)
class AskConsent(Effect):
    """The customer of ticket `number` is asked to agree to something."""

    number: int
    consent: Consent


@dataclass(frozen=True, slots=True)
class AnswerConsent(Effect):
    """The customer said yes or no, in these words of the mail `spool_id`."""

    consent_id: int
    state: ConsentState
    words: str
    spool_id: int


@dataclass(frozen=True, slots=True)
class UseConsent(Effect):
    """What the customer agreed to has been carried out."""

    consent_id: int


@dataclass(frozen=True, slots=True)
class LiftCards(Effect):
    """PIC (address `by`) forgive the cards of `operator` (registered address) so far."""

    operator: str
    by: str


@dataclass(frozen=True, slots=True)
class AppealCard(Effect):
    """An operator's words against a card of theirs."""

    card_id: int
    words: str


@dataclass(frozen=True, slots=True)
class Escalate(Effect):
    """The question of the ticket is with the third party of this name from now on, or once more."""

    ticket: int
    third_party: str
    by: str


@dataclass(frozen=True, slots=True)
class HeardOfThirdParty(Effect):
    """They wrote; `foreign_number` is what they call the ticket, '' if they did not say. `answered`: a human did."""

    ticket: int
    third_party: str
    foreign_number: str
    answered: bool


@dataclass(frozen=True, slots=True)
class EndEscalations(Effect):
    """The ticket is over: no third party is waited for any more."""

    ticket: int
