"""Bringing a ticket to its end: `#close`."""

from __future__ import annotations

import difflib
from dataclasses import replace

from helpdesk.decide import operators
from helpdesk.decide.plan import Plan
from helpdesk.decide.verbs.rule import Reading, VerbRule, writer
from helpdesk.model.commanded import StaffCommanded
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.reasons import because


def canned_name(order: Order, reading: Reading, remedy: str = "one_of") -> Order | Misunderstood:
    """The argument names a canned reply; an unknown one is answered with those that look like it, or with all."""
    if order.argument in reading.canned:
        return replace(order, name=order.argument)
    word = order.line.split()[0]
    near = difflib.get_close_matches(order.argument.lower(), reading.canned, n=3) if order.argument else []
    names = ", ".join(near or sorted(reading.canned)) or because("none_yet")
    unknown = because("no_canned", said=order.argument)
    problem = unknown if order.argument else because("needs_name", word=word)
    return Misunderstood(order.line, problem, because(remedy, word=word, names=names))


def _sent_already(plan: Plan, order: Order, _: StaffCommanded) -> Misunderstood | None:
    """The canned words go out with the answer, before any order is carried out."""
    plan.because(because("canned_went", said=order.name))
    return None


def _closing_words(order: Order, reading: Reading) -> Order | Misunderstood:
    return canned_name(order, reading, "alone_or_one_of") if order.argument else order


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
    meaning=because("help_close"),
    read=_closing_words,
    on_ticket=_close,
    aliases=("solved", "done", "tutup", "selesai"),
    takes_words=True,
    moves=True,
)
CANNED = VerbRule(
    Verb.CANNED,
    usage="#canned NAME",
    meaning=because("help_canned"),
    read=canned_name,
    on_ticket=_sent_already,
)
