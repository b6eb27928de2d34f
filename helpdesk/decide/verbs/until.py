"""Arguments that begin with a date: `#hold DATE`, `#delay DATE [reason]`, `#away [until DATE]`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from helpdesk.decide.dates import until
from helpdesk.decide.verbs.rule import Reading
from helpdesk.model.orders import Misunderstood, Order
from helpdesk.model.reasons import because


def a_date(order: Order, reading: Reading) -> Order | Misunderstood:
    """For verbs that need a date to come, with or without a reason behind it."""
    if order.argument.strip():
        return perhaps_a_date(order, reading)
    word = order.line.split()[0]
    return Misunderstood(order.line, because("needs_date", word=word), f"{word} {_example(reading)}")


def perhaps_a_date(order: Order, reading: Reading) -> Order | Misunderstood:
    """For verbs that stand alone too."""
    if not order.argument.strip():
        return order
    word, example, rules = order.line.split()[0], _example(reading), reading.policy
    found, reason = until(order.argument, reading.now, rules.calendar, (rules.language, *rules.languages))
    if found is None:
        problem = because("not_a_date", said=order.argument)
        return Misunderstood(order.line, problem, f"{word} {example}")
    if found <= reading.now:
        remedy = because("another_day", word=word, when=example)
        return Misunderstood(order.line, because("is_over", when=shown(found, reading)), remedy)
    return replace(order, until=found, text=reason)


def shown(moment: datetime, reading: Reading) -> str:
    """The moment on the desk's wall, `2026-12-24 08:00`."""
    return f"{moment.astimezone(reading.policy.calendar.timezone):%Y-%m-%d %H:%M}"


def _example(reading: Reading) -> str:
    """A date that can be written at once: the day after tomorrow as a number."""
    soon = until("in 2 days", reading.now, reading.policy.calendar, ())[0] or reading.now
    return f"{soon.astimezone(reading.policy.calendar.timezone):%Y-%m-%d}"
