"""How often may a person be asked whether a mail was theirs? Whoever forges their From line must not fill
their mailbox.

Only questions that nobody has answered count: who answers is there, and is asked about the next mail at once.
What may not be asked about yet waits; the next question says how many more there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from helpdesk.model.reasons import because

PAUSE = timedelta(minutes=15)
"""Between two questions to one person, while the first stands unanswered."""
MOST_A_DAY = 10
"""Unanswered questions to one person in 24 hours."""
LISTED_FOR = timedelta(days=30)
"""As long as a confirmation is valid."""

Rule = Callable[[Sequence[datetime], datetime], str | None]


def reason_to_wait(asked_at: Sequence[datetime], now: datetime) -> str | None:
    """Why the person is not asked now; None when they may be. `asked_at`: the unanswered questions."""
    return next((why for rule in RULES if (why := rule(asked_at, now))), None)


def _one_at_a_time(asked_at: Sequence[datetime], now: datetime) -> str | None:
    recent = [at for at in asked_at if now - at < PAUSE]
    return because("asked_about_other", when=f"{max(recent):%H:%M}") if recent else None


def _so_many_a_day(asked_at: Sequence[datetime], now: datetime) -> str | None:
    recent = [at for at in asked_at if now - at < timedelta(days=1)]
    return because("asked_often", number=len(recent)) if len(recent) >= MOST_A_DAY else None


RULES: tuple[Rule, ...] = (_one_at_a_time, _so_many_a_day)
