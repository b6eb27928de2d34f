"""What the desk worker works with: stores, rules, words, signatures, and the clock it is handed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from helpdesk.flow.aside import Aside
from helpdesk.model.limits import USUAL, WorkLimits
from helpdesk.model.mail import InboundMail, SpooledArrival
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Signer
from helpdesk.render.canned import Library
from helpdesk.store.session import Database

KeysOf = Callable[[bytes], bytes | None]
"""The key record of a DKIM signer by its name in the DNS; None where there is none, or nobody can say."""


def _unwatched(spool_id: int | None) -> None:
    """Nobody watches this worker's heart (tests, one-shot commands)."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Deadlines wait for the mail `spool_id` since `since`; `next_look` is when to ring again."""

    spool_id: int
    since: datetime
    next_look: datetime


@dataclass(slots=True)
class Workshop:
    """`beat(spool_id)` says which mail is in hand, `beat(None)` that none is; `in_hand` is what it said last, if
    `take_up` said it. `chance` gives 0..1.

    `retry_for`: how long a letter is tried before it is given up. `node`: in whose name work is taken in hand.
    `shown_at`: when it last said that the desk works. `waits`: the mail that deadlines wait for (`flow.ring`).
    `forgives`: the last batch met trouble of our own, and its mails get their attempt back.
    `begun`: mails that are being read before their turn, by their rows; `coming`: the rows after them (`flow.ahead`).
    `alone`: the transaction in hand holds nothing but the row in hand.
    `dkim_keys`: called for each mail whose signatures are looked at; None where the desk does not look.
    """

    spool: Database
    desk: Database
    policy: Policy
    library: Library
    signer: Signer
    clock: Callable[[], datetime]
    random_hex: Callable[[], str]
    chance: Callable[[], float]
    retry_for: timedelta
    node: str
    beat: Callable[[int | None], None] = _unwatched
    in_hand: int | None = None
    shown_at: datetime | None = None
    waits: Waits | None = None
    forgives: bool = False
    alone: bool = True
    limits: WorkLimits = USUAL
    aside: Aside = field(default_factory=Aside)
    begun: dict[int, Callable[[], InboundMail]] = field(default_factory=dict)
    coming: deque[SpooledArrival] = field(default_factory=deque)
    dkim_keys: Callable[[], KeysOf] | None = None

    def take_up(self, spool_id: int | None) -> None:
        """From now on what is done is done for this mail; None: for none."""
        self.in_hand = spool_id
        self.beat(spool_id)
