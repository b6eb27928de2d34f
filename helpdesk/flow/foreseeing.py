"""What the mails of a batch will ask of the store, asked for all of them together before the first is handled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from helpdesk.decide.answering import writer
from helpdesk.flow.received import LOOP_WINDOW
from helpdesk.model.mail import InboundMail, SpooledArrival
from helpdesk.model.policy import Policy
from helpdesk.store import conduct, earlier, entries, greetings
from helpdesk.store.earlier import Coming


def foresee(
    desk: Connection, coming: Sequence[tuple[SpooledArrival, InboundMail]], policy: Policy, now: datetime
) -> None:
    """For a transaction in which nobody else writes (`store.foreseen`); a mail that asks for more asks by itself."""
    writers = [writer(mail, policy).address for _, mail in coming]
    earlier.foresee(
        desk,
        [
            Coming(row.id, row.dedupe_key, mail.message_id, who)
            for (row, mail), who in zip(coming, writers, strict=True)
        ],
        now - LOOP_WINDOW,
    )
    conduct.foresee(desk, writers)
    greetings.foresee(desk, writers, now)
    entries.foresee_message_ids(desk, [one for _, mail in coming for one in _ids(mail)])


def _ids(mail: InboundMail) -> Iterator[str]:
    if mail.message_id:
        yield mail.message_id
    yield from mail.ancestors
