"""The verbs an operator may write on top of a reply. One unknown or half-right verb holds the whole mail."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.model.mail import CommandLine

CLOSE = "close"
CLAIM = "claim"
SPLIT = "split"
OK = "ok"

_ALIASES = {
    "close": CLOSE,
    "solved": CLOSE,
    "done": CLOSE,
    "claim": CLAIM,
    "take": CLAIM,
    "mine": CLAIM,
    "split": SPLIT,
}


@dataclass(frozen=True, slots=True)
class Order:
    """A verb the desk understands, with its argument ('' without)."""

    verb: str
    argument: str


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """The line that cannot be done, why, and what to write instead (it follows "Did you mean:")."""

    line: str
    problem: str
    suggestion: str


def understand(lines: Sequence[CommandLine], canned_replies: Sequence[str]) -> list[Order] | Misunderstood:
    """All lines or none: return the orders, or the first line that makes no sense."""
    orders: list[Order] = []
    for line in lines:
        order = _order(line, canned_replies)
        if isinstance(order, Misunderstood):
            return order
        orders.append(order)
    if len({o.verb for o in orders}) > 1:
        last = lines[-1]
        return Misunderstood(last.line, "it contradicts the line above it", "one of the two verbs only")
    return orders


def _order(line: CommandLine, canned_replies: Sequence[str]) -> Order | Misunderstood:
    verb = _ALIASES.get(line.word.lower())
    if verb is None:
        return Misunderstood(line.line, f"#{line.word} is not a verb this desk knows", _nearest(line.word))
    if verb in (CLAIM, SPLIT) and line.argument:
        return Misunderstood(line.line, f"#{line.word} takes no argument", f"#{line.word} alone on its line")
    if verb == CLOSE and line.argument and line.argument not in canned_replies:
        names = ", ".join(sorted(canned_replies)) or "none yet"
        problem = f"there is no canned reply named {line.argument!r}"
        return Misunderstood(line.line, problem, f"#{line.word} alone, or with one of: {names}")
    return Order(verb, line.argument)


def _nearest(word: str) -> str:
    near = difflib.get_close_matches(word.lower(), _ALIASES, n=1)
    if near:
        return f"#{near[0]}"
    return "one of " + ", ".join(f"#{name}" for name in sorted(_ALIASES))
