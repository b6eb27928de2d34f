"""The moods an upstream server can be in, and how a letter to anne and bart must end in each (MAIL_RULES 5.3).

`host_down`: the trouble is the server's, other letters wait too; `dots`: the mark was asked for;
`copies`: how many copies the server took in that attempt.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.model.outcome import Accepted, Outcome, Refused, TryLater
from helpdesk.testing.post_office import How, Mood, Step

ANNE, BART = "anne@customer.example", "bart@staff.example"
BUSY = "421 4.3.2 closing"


@dataclass(frozen=True, slots=True)
class Expected:
    """What the post office does, and how each of anne and bart must end: the kind, host_down, marks, copies."""

    name: str
    mood: Mood
    anne: type[Outcome]
    bart: type[Outcome]
    host_down: bool = False
    dots: int = 0
    copies: int = 0


LATER, NEVER, DONE = TryLater, Refused, Accepted
CATALOGUE: tuple[Expected, ...] = (
    Expected("fair weather", Mood(), DONE, DONE, dots=1, copies=2),
    Expected("421 banner", Mood(banner=BUSY), LATER, LATER, host_down=True),
    Expected("554 banner", Mood(banner="554 5.3.2 no mail here"), LATER, LATER, host_down=True),
    Expected("421 ehlo", Mood(ehlo=BUSY), LATER, LATER, host_down=True),
    Expected("421 mail", Mood(mail=BUSY), LATER, LATER, host_down=True),
    Expected("421 first rcpt", Mood(rcpt={ANNE: BUSY}), LATER, LATER, host_down=True),
    Expected("421 second rcpt", Mood(rcpt={BART: BUSY}), LATER, LATER, host_down=True),
    Expected("421 data", Mood(data=BUSY), LATER, LATER, host_down=True),
    Expected("421 dot", Mood(dot=BUSY), LATER, LATER, host_down=True, dots=1),
    Expected("451 mail", Mood(mail="451 4.3.0 later"), LATER, LATER),
    Expected("550 mail", Mood(mail="550 5.7.1 not you"), NEVER, NEVER),
    Expected("552 mail", Mood(mail="552 5.3.4 too big"), NEVER, NEVER),
    Expected("530 mail: login wanted", Mood(mail="530 5.7.0 log in first"), LATER, LATER, host_down=True),
    Expected("550 one rcpt", Mood(rcpt={BART: "550 5.1.1 no user"}), DONE, NEVER, dots=1, copies=1),
    Expected("450 one rcpt", Mood(rcpt={BART: "450 4.2.1 busy"}), DONE, LATER, dots=1, copies=1),
    Expected("451 all rcpt: greylist", Mood(rcpt={"*": "451 4.7.1 greylisted"}), LATER, LATER),
    Expected("452 one rcpt: too many", Mood(rcpt={BART: "452 4.5.3 enough"}), DONE, LATER, dots=1, copies=1),
    Expected("550 and 451", Mood(rcpt={ANNE: "550 5.1.1 no", BART: "451 4.7.1 later"}), NEVER, LATER),
    Expected("452 data", Mood(data="452 4.3.1 disk full"), LATER, LATER),
    Expected("554 data", Mood(data="554 5.5.1 no"), NEVER, NEVER),
    Expected("451 dot", Mood(dot="451 4.3.0 later"), LATER, LATER, dots=1),
    Expected("552 dot", Mood(dot="552 5.3.4 too big"), NEVER, NEVER, dots=1),
    Expected("554 dot", Mood(dot="554 5.6.0 not this"), NEVER, NEVER, dots=1),
    Expected(
        "554 dot, one refused before",
        Mood(rcpt={ANNE: "450 4.2.1 busy"}, dot="554 5.6.0 no"),
        LATER,
        NEVER,
        dots=1,
    ),
    Expected("nonsense for a reply", Mood(mail="hello there"), LATER, LATER),
    Expected("drop at connect", Mood(breaks=Step.BANNER), LATER, LATER, host_down=True),
    Expected("drop at ehlo", Mood(breaks=Step.EHLO), LATER, LATER, host_down=True),
    Expected("drop at mail", Mood(breaks=Step.MAIL), LATER, LATER),
    Expected("drop at rcpt", Mood(breaks=Step.RCPT), LATER, LATER),
    Expected("drop at data", Mood(breaks=Step.DATA), LATER, LATER),
    Expected("drop after the dot", Mood(breaks=Step.DOT), LATER, LATER, dots=1, copies=2),
    Expected("reset after the dot", Mood(breaks=Step.DOT, how=How.RESET), LATER, LATER, dots=1, copies=2),
    Expected("stall after the dot", Mood(breaks=Step.DOT, how=How.STALL), LATER, LATER, dots=1, copies=2),
    Expected("stall at mail", Mood(breaks=Step.MAIL, how=How.STALL), LATER, LATER),
    Expected("stall at data", Mood(breaks=Step.DATA, how=How.STALL), LATER, LATER),
    Expected("reset at rcpt", Mood(breaks=Step.RCPT, how=How.RESET), LATER, LATER),
)
