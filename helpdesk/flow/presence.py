"""The worker shows that it lives, before it judges anything: then it knows how long the desk was down."""

from __future__ import annotations

from datetime import timedelta

import structlog

from helpdesk.flow.workshop import Workshop
from helpdesk.store import downtimes, outbox

_log = structlog.get_logger()

EVERY = timedelta(minutes=1)
DOWN = timedelta(minutes=3)
"""Without a sign of life for longer than this, the desk was down. A worker at its hardest mail is silent for less."""


def show(shop: Workshop) -> None:
    """Say that the desk works; if it did not until now, that is kept. Writes once a minute at most."""
    now = shop.clock()
    if shop.shown_at and timedelta() <= now - shop.shown_at < EVERY:
        return
    with shop.desk.write("alive") as desk:
        last = downtimes.last_sign(desk)
        if last and now - last > DOWN:
            downtimes.add(desk, last, now)
            _log.warning("desk_was_down", action="desk_was_down", since=last.isoformat())
        if shop.shown_at and now < shop.shown_at:  # the clock was set back
            outbox.bring_forward(desk, now)
        downtimes.show(desk, now)
    shop.shown_at = now
