"""Mails that are read before their turn by who helps (`flow.aside`), so that nobody waits for it.

It may be in vain: until its turn comes, a mail may be erased, or taken by another node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from helpdesk.flow.handling import Reading, begin_reading, is_mail, offer_reading
from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import InboundMail, SpooledArrival
from helpdesk.store import inbox

BIG = 1024 * 1024
"""Mails above this are in memory one by one, the others with their batch (T13)."""
AHEAD = 65
"""So many mails are read before their turn: those of the next batch, and some to read while that one is stored."""
SOME = 5
"""So many more at a time where the helper has little else to do; more of them, and letters wait behind them."""


def collect(
    shop: Workshop, taken: Sequence[tuple[int, int]], rows: Mapping[int, SpooledArrival]
) -> dict[int, InboundMail]:
    """The mails of these rows, with their attempts, but for big ones.

    From the last to the first: who helps goes the other way, and we meet in the middle. A mail that kills its reader
    is to be blamed itself (F4).
    """
    begun: dict[int, Reading] = {}
    for row, attempts in taken:
        worn_out = attempts > shop.limits.attempts
        ahead = None if worn_out else shop.begun.get(row)
        if row in rows and is_mail(rows[row]):
            begun[row] = ahead or begin_reading(shop, rows[row], worn_out=worn_out)
    mails: dict[int, InboundMail] = {}
    for row, reading in reversed(begun.items()):
        shop.take_up(row)
        mails[row] = reading()
    return dict(reversed(mails.items()))


def fetch_next(shop: Workshop, after: int, *, alone: bool) -> None:
    """Have the rows after this one at hand, where somebody helps to read them and no other node takes them."""
    shop.begun = {row: reading for row, reading in shop.begun.items() if row > after}
    shop.coming.clear()
    wanted = AHEAD - len(shop.begun)
    if alone and shop.aside.is_at_hand and wanted > 0:
        with shop.spool.read() as spool:
            ids = inbox.ids_after(spool, max(shop.begun, default=after), wanted)
            shop.coming.extend(filter(is_mail, inbox.fetch(spool, ids, up_to=BIG)))


def begin_next(shop: Workshop, most: int) -> None:
    """Have up to `most` of the mails read that are at hand, by who takes them on."""
    for row in list(islice(shop.coming, most)):
        reading = offer_reading(shop, row)
        if reading is None:
            break
        shop.begun[row.id] = reading
        shop.coming.popleft()
