"""Bringing a ticket to its end: `#close`."""

from __future__ import annotations

from dataclasses import replace

from helpdesk.decide import operators
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import Reading, VerbRule, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb


def canned_name(order: Order, reading: Reading) -> Order | Misunderstood:
    """The argument names a canned reply."""
    if order.argument in reading.canned:
        return replace(order, name=order.argument)
    names = ", ".join(sorted(reading.canned)) or "none yet"
    word = order.line.split()[0]
    problem = f"there is no canned reply named {order.argument!r}"
    return Misunderstood(order.line, problem, f"{word} with one of: {names}")


def _closing_words(order: Order, reading: Reading) -> Order | Misunderstood:
    if not order.argument:
        return order
    found = canned_name(order, reading)
    if isinstance(found, Misunderstood):
        return replace(found, suggestion=found.suggestion.replace(" with ", " alone, or with ", 1))
    return found


def _close(plan: Plan, order: Order, event: StaffCommanded) -> Misunderstood | None:
    """The canned reply stands above the operator's own words."""
    own = "" if event.delivered else event.text
    canned = event.found.canned.get(order.name, "")
    words = "\n\n".join(filter(None, (canned.strip(), own)))
    operators.close(plan, event, writer(event), words, delivered=event.delivered)
    return None


CLOSE = VerbRule(
    Verb.CLOSE,
    usage="#close [CANNED REPLY]",
    meaning="close the ticket; what you write below goes into the closing letter",
    read=_closing_words,
    on_ticket=_close,
    aliases=("solved", "done"),
    takes_words=True,
    moves=True,
)
