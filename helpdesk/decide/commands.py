"""From `#verb` lines to orders. One unknown or half-right verb holds the whole mail."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from helpdesk.decide.verbs.rule import Reading, VerbRule
from helpdesk.decide.verbs.table import NAMES
from helpdesk.model.mail import CommandLine
from helpdesk.model.orders import Misunderstood, Order, Verb
from helpdesk.model.people import Role

OK = str(Verb.OK)


def understand(
    lines: Sequence[CommandLine], role: Role, reading: Reading
) -> tuple[Order, ...] | Misunderstood:
    """All lines or none: return the orders, or the first line that makes no sense to this `role`."""
    orders: list[Order] = []
    moved: Order | None = None
    for line in lines:
        rule = NAMES.get(line.word.lower())
        if rule is None:
            return Misunderstood(
                line.line, f"#{line.word} is not a verb this desk knows", _nearest(line.word)
            )
        order = _order(line, rule, role, reading)
        if isinstance(order, Misunderstood):
            return order
        if rule.moves and moved is not None and order != moved:
            return Misunderstood(line.line, f"it contradicts {moved.line}", "one of the two verbs only")
        moved = order if rule.moves else moved
        orders.append(order)
    return tuple(dict.fromkeys(orders))


def _order(line: CommandLine, rule: VerbRule, role: Role, reading: Reading) -> Order | Misunderstood:
    if role not in rule.roles:
        who = " or ".join(sorted("a PIC" if r is Role.PIC else f"an {r}" for r in rule.roles))
        return Misunderstood(line.line, f"only {who} may use #{line.word}", "#help lists what you may do")
    return rule.read(Order(rule.verb, line.line, line.argument), reading)


def _nearest(word: str) -> str:
    near = difflib.get_close_matches(word.lower(), NAMES, n=1)
    return f"#{near[0]}" if near else "#help lists all verbs"
