"""An operator's own out-of-office reply: whether it is theirs, and until when it says they are away."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from helpdesk.decide import calendar
from helpdesk.decide.dates import until
from helpdesk.decide.match import Clues
from helpdesk.decide.received import Received, of_mail
from helpdesk.model.events import OperatorAway
from helpdesk.model.mail import InboundMail
from helpdesk.model.people import Person, Role
from helpdesk.model.policy import Policy
from helpdesk.model.signing import Audience, person_code
from helpdesk.model.ticket import Clock

UNSAID = timedelta(days=5)
"""Working days that somebody is taken to be away whose reply names no day, unless they write before.

Programs repeat their answer to the same address after a week at the latest (RFC 5230 4.2): by then it is known anew.
"""

_LONGEST = timedelta(days=366)
_FIRST_WORDS = 2_000
_BEFORE_A_DAY = re.compile(
    r"\b(?:until|till|through|back (?:in the office )?on|(?:be back|return(?:ing)?)(?: to the office)?(?: on)?"
    r"|sampai(?: dengan)?|hingga|kembali(?: bekerja)?(?: pada)?"
    r"|μέχρι|έως|επιστρέφω|hanggang|babalik)\b[:\s]*",
    re.I,
)
_FULL_STOP = re.compile(r"[.)](?=\s|$)")


def out_of_office(received: Received, why: str) -> OperatorAway | None:
    """The event, if the reply answers a letter of ours to this very operator; a From line alone proves nothing.

    Programs answer by the id of the letter and seldom to its reply address, so the id is enough here: it costs
    somebody a pause of which PIC hear, and their next mail ends it. What the border denies is not believed.
    """
    speaker = received.speaker
    if speaker.role is not Role.OPERATOR or speaker.person is None or speaker.doubt:
        return None
    return OperatorAway(**of_mail(received), why=why) if received.personal else None


def answers_own_letter(person: Person | None, said: Clues) -> bool:
    """Does the mail carry what we signed for this operator alone, in the address or in the id of a letter?"""
    tokens = (*(t for t in said.address_tokens if t not in said.burnt), *said.id_tokens)
    return person is not None and any(
        t.audience is Audience.OPERATOR and t.person == person_code(person.address) for t in tokens
    )


def away_until(mail: InboundMail, now: datetime, policy: Policy) -> datetime:
    """The first day to come that the reply names, as the desk opens on it; else UNSAID from now."""
    text = f"{mail.subject}\n{mail.new_text or mail.text}"[:_FIRST_WORDS]
    for match in _BEFORE_A_DAY.finditer(text):
        words = _FULL_STOP.sub(" ", text[match.end() : match.end() + 80])
        found, _ = until(words, now, policy.calendar, (policy.language, *policy.languages))
        if found and now < found < now + _LONGEST:
            return found
    return calendar.add(now, UNSAID, Clock.WORKING_DAYS, policy.calendar)
