"""Arguments that begin with a date, in plain words of the desk's languages; what stands behind it is the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from helpdesk.decide import dates
from helpdesk.decide.calendar import closing_after, next_opening, shown
from helpdesk.decide.verbs.rule import Reading
from helpdesk.model.orders import Misunderstood, Order
from helpdesk.model.reasons import because


def opening_of_day(order: Order, reading: Reading) -> Order | Misunderstood:
    """`until` is the instant named, of a day without a time its opening; it must be still to come."""
    return _dated(order, reading, whole_day=False)


def end_of_day(order: Order, reading: Reading) -> Order | Misunderstood:
    """`until` is the instant named, of a day without a time its closing: by then something is promised."""
    return _dated(order, reading, whole_day=True)


def _dated(order: Order, reading: Reading, *, whole_day: bool) -> Order | Misunderstood:
    rules, now = reading.policy.calendar, reading.now
    languages = dict.fromkeys((reading.policy.language, *reading.policy.languages))
    until, reason = dates.until(order.argument, now, rules, languages)
    word = order.line.split()[0]
    if until is None:
        unknown = because("no_date", said=order.argument)
        problem = unknown if order.argument else because("needs_date", word=word)
        remedy = because("date_or_words", word=word, when=_next_day(reading))
        return Misunderstood(order.line, problem, remedy)
    if whole_day and until == dates.opening_of(until.astimezone(rules.timezone).date(), rules):
        until = closing_after(until, rules)
    if until <= now:
        remedy = because("later_day", word=word, when=_next_day(reading))
        return Misunderstood(order.line, because("is_over", when=shown(until, rules)), remedy)
    return replace(order, until=until, text=reason)


def _next_day(reading: Reading) -> str:
    opening = next_opening(reading.now, reading.policy.calendar)
    day = opening[0] if opening else reading.now.date()
    return day.isoformat()


def until_of(order: Order) -> datetime:
    """The instant that the reader has found."""
    assert order.until is not None, "orders without a date are returned when they are read"
    return order.until
