"""`reasons.txt`: how one language says the sentences that letters quote (`model.reasons`), one a line.

`unknown_verb: #{{ word }} is not a verb this desk knows`. Lines are templates of the same small kind as letters;
each may use the values of its reason. A reason without a line is said by the shipped file, else in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from helpdesk.model.reasons import ENGLISH, Reason, fields
from helpdesk.render import cleaning
from helpdesk.render.languages import weekday
from helpdesk.render.sandbox import Fault, Part, Sandbox, nearest

FILE = "reasons"
_DAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{4}-\d\d-\d\d)( \d\d:\d\d)", re.ASCII)

Lines = Mapping[str, Part]


@lru_cache
def read_lines(source: str) -> Lines:
    """The reasons that the file says. Raises Fault for the first line that is wrong."""
    sandbox, found = Sandbox(), dict[str, Part]()
    for number, line in enumerate(source.split("\n"), 1):
        name, colon, words = (part.strip() for part in line.partition(":"))
        if not line.strip() or line.startswith("{#"):
            continue
        if not colon or name not in ENGLISH:
            raise Fault(number, f"the desk gives no reason called {name!r}", nearest(name, ENGLISH))
        found[name] = sandbox.compile(words, fields(name), number)
        found[name].render(dict.fromkeys(fields(name), "x"))
    return found


def say(reason: Reason, find: Callable[[str], Part | None], language: str = "en") -> str:
    """In the language in which `find` knows the lines; reasons inside it, and the days of its times, too."""
    part = find(reason.name)
    if part is None:
        return str(reason)
    values = {
        name: say(value, find, language) if isinstance(value, Reason) else _value(value, language)
        for name, value in reason.values.items()
    }
    words = ENGLISH[reason.name]
    return words[: len(words) - len(words.lstrip())] + part.render(values).strip()


def _value(value: str, language: str) -> str:
    """A time as the desk's wall shows it begins with the day of the week; everything else is as it was given."""
    day = _DAY.fullmatch(value)
    return f"{weekday(day[1], language)} {day[1]}{day[2]}" if day else cleaning.line(value)
