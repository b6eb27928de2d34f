"""What staff may order by `#verb` lines (INTERFACE 4): the verbs, and one order with its argument made sense of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verb(StrEnum):
    """The first name of each verb, as it stands behind the `#`; aliases are `decide.verbs`' business."""

    CLAIM = "claim"
    RELEASE = "release"
    ASSIGN = "assign"
    CLOSE = "close"
    PENDING = "pending"
    HOLD = "hold"
    NOTE = "note"
    DELAY = "delay"
    ESCALATE = "escalate"
    CANNED = "canned"
    FORM = "form"
    TAG = "tag"
    PRIORITY = "priority"
    LANG = "lang"
    MERGE = "merge"
    SPLIT = "split"
    CANCEL = "cancel"
    AWAY = "away"
    BACK = "back"
    REPORT = "report"
    WARN = "warn"
    BLOCK = "block"
    UNBLOCK = "unblock"
    LIFT = "lift"
    STATUS = "status"
    MINE = "mine?"
    WHY = "why"
    UNDO = "undo"
    HELP = "help"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Order:
    """A verb with what its argument means; only the fields that the verb uses are filled.

    `line` is as it was typed, `argument` what stood behind the verb. `name`: a canned reply, form, language,
    third party, or the registered address of an operator. `until`: an instant, UTC. `text`: a reason.
    """

    verb: Verb
    line: str = ""
    argument: str = ""
    name: str = ""
    number: int | None = None
    until: datetime | None = None
    text: str = ""
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def event(self) -> str:
        """The order in the words of the table of `decide.lifecycle`."""
        return f"ordered_{self.verb.name.lower()}"


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """The line that cannot be done, why, and what to write instead (it follows "Did you mean:").

    `ready`: words to the customer that would help.
    """

    line: str
    problem: str
    suggestion: str
    ready: str = ""
