"""From `#verb` lines to orders. One unknown or half-right verb holds the whole mail."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from helpdesk.decide.verbs.rule import Reading, VerbRule
from helpdesk.decide.verbs.table import NAMES
from helpdesk.model.commanded import Section
from helpdesk.model.mail import CommandLine
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.people import Role
from helpdesk.model.reasons import because

OK = str(Verb.OK)
TICKET = "ticket"
"""Begins the orders about one ticket in a mail about several; it is no verb."""


def understand(
    lines: Sequence[CommandLine], role: Role, reading: Reading
) -> tuple[Order, ...] | Misunderstood:
    """All lines or none: return the orders, or the first line that makes no sense to this `role`."""
    orders: list[Order] = []
    moved: Order | None = None
    for line in lines:
        rule = NAMES.get(line.word.lower())
        if line.word.lower() == TICKET:
            return Misunderstood(line.line, because("one_ticket_only"), because("to_commands"))
        if rule is None:
            return Misunderstood(line.line, because("unknown_verb", word=line.word), _nearest(line.word))
        order = _order(line, rule, role, reading)
        if isinstance(order, Misunderstood):
            return order
        if rule.moves and moved is not None and order != moved:
            return Misunderstood(line.line, because("contradicts", said=moved.line), because("one_of_two"))
        moved = order if rule.moves else moved
        orders.append(order)
    return tuple(dict.fromkeys(orders))


def understand_sections(
    lines: Sequence[CommandLine], role: Role, reading: Reading
) -> tuple[Section, ...] | Misunderstood:
    """Like `understand`, for a mail about no ticket: each `#ticket N` begins the orders about that ticket."""
    blocks: dict[int, tuple[str, list[CommandLine]]] = {}
    number = 0
    for line in lines:
        if line.word.lower() != TICKET:
            blocks.setdefault(number, ("", []))[1].append(line)
            continue
        named = line.argument.strip().lstrip("#")
        if not (named.isascii() and named.isdigit() and int(named[:15]) > 0 and len(named) <= 15):
            return Misunderstood(line.line, because("no_number", said=line.argument), "#ticket 12")
        number = int(named)
        blocks.setdefault(number, (line.line, []))
    sections = []
    for number, (begins, own) in blocks.items():
        orders = understand(own, role, reading)
        if isinstance(orders, Misunderstood):
            return orders
        if not orders:
            return Misunderstood(begins, because("no_verb_below"), because("help_verbs"))
        sections.append(Section(number, begins, orders))
    return tuple(sections)


def _order(line: CommandLine, rule: VerbRule, role: Role, reading: Reading) -> Order | Misunderstood:
    if role not in rule.roles:
        whose = "only_pic" if Role.PIC in rule.roles else "only_operators"
        return Misunderstood(line.line, because(whose, word=line.word), because("help_yours"))
    return rule.read(Order(rule.verb, line.line, line.argument), reading)


def _nearest(word: str) -> str:
    near = difflib.get_close_matches(word.lower(), NAMES, n=1)
    return f"#{near[0]}" if near else because("help_verbs")
