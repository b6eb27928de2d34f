"""One mail that arrives by several roads is one event (R35, ARCHITECTURE "The core").

Equal by the dedupe key: surely the same. Equal by Message-ID alone: the same only if writer and date
are equal too and so is the text, but for the footer of a list's copy; anything else under a known id is
another mail, for an attacker must not be able to suppress a real one.
"""

from __future__ import annotations

import re
from itertools import chain

from sqlalchemy import Connection

from helpdesk.flow.workshop import Workshop
from helpdesk.model.mail import InboundMail, SpooledArrival
from helpdesk.parse.message import read
from helpdesk.store import earlier, inbox
from helpdesk.store.earlier import Earlier

_FOOTER = re.compile(r"[-_=*~]{10}")
"""How the footers of lists begin; nobody writes such a line by chance."""


def earlier_copy(
    shop: Workshop, desk: Connection, spooled: SpooledArrival, mail: InboundMail
) -> Earlier | None:
    """The row that brought this mail first, if any did."""
    others = [
        row for row in earlier.alike(desk, spooled.dedupe_key, mail.message_id) if row.spool_id != spooled.id
    ]
    exact = (row for row in others if row.dedupe_key == spooled.dedupe_key)
    same = (row for row in others if row.message_id == mail.message_id and _same(shop, row, mail))
    return next(chain(exact, same), None)


def _same(shop: Workshop, candidate: Earlier, mail: InboundMail) -> bool:
    if candidate.date != mail.date or candidate.sender != true_sender(mail):
        return False
    with shop.spool.read() as spool:
        rows = inbox.fetch(spool, [candidate.spool_id])
    if not rows:
        return False
    return _same_words(mail, read(rows[0].arrival.raw, limits=shop.limits.mail))


def _same_words(one: InboundMail, other: InboundMail) -> bool:
    """Equal, or equal up to the footer of the one that came by a list."""
    copy, direct = (one, other) if one.list else (other, one)
    whole, words = _squeezed(copy), _squeezed(direct)
    if whole == words:
        return True
    by_list = copy.list is not None and direct.list is None
    return by_list and whole.startswith(words) and bool(_FOOTER.match(whole, len(words)))


def true_sender(mail: InboundMail) -> str:
    """The writer's address; where a list put its own into From, the one it stands for."""
    if mail.list and mail.list.munged and mail.list.original_from:
        return mail.list.original_from.address.lower()
    return mail.sender.address.lower() if mail.sender else ""


def _squeezed(mail: InboundMail) -> str:
    return "".join((mail.new_text or mail.text).split())
