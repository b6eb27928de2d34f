"""`reasons.txt`: how one language says the reasons that letters to staff quote (`model.reasons`), one a line.

`unknown_verb: #{{ word }} is not a verb this desk knows`. Lines are templates of the same small kind as letters;
each may use the values of its reason. A reason without a line is said by the shipped file, else in English.
"""

from __future__ import annotations

from collections.abc import Callable

from helpdesk.model.reasons import ENGLISH, Reason, fields
from helpdesk.render import cleaning
from helpdesk.render.sandbox import Fault, Part, Sandbox, nearest

FILE = "reasons"

Lines = dict[str, Part]


def read_lines(source: str, sandbox: Sandbox) -> Lines:
    """The reasons that the file says. Raises Fault for the first line that is wrong."""
    found: Lines = {}
    for number, line in enumerate(source.split("\n"), 1):
        name, colon, words = (part.strip() for part in line.partition(":"))
        if not line.strip() or line.startswith("{#"):
            continue
        if not colon or name not in ENGLISH:
            raise Fault(number, f"the desk gives no reason called {name!r}", nearest(name, ENGLISH))
        found[name] = sandbox.compile(words, fields(name), number)
        found[name].render(dict.fromkeys(fields(name), "x"))
    return found


def say(reason: Reason, find: Callable[[str], Part | None]) -> str:
    """In the language in which `find` knows the lines; reasons inside it, too."""
    part = find(reason.name)
    if part is None:
        return str(reason)
    values = {
        name: say(value, find) if isinstance(value, Reason) else cleaning.line(value)
        for name, value in reason.values.items()
    }
    return part.render(values).strip()
