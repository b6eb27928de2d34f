"""A PIC writes `report last week` to the desk, as the subject or as the only line, and gets the figures by mail."""

from __future__ import annotations

import re
from datetime import datetime

from helpdesk.decide import periods
from helpdesk.decide.answering import came_through_own_list
from helpdesk.decide.operators import writer
from helpdesk.decide.received import Meaning, Received, of_mail
from helpdesk.decide.report_words import values
from helpdesk.model import events
from helpdesk.model.asked import ReportAsked
from helpdesk.model.decision import Decision, Draft, JournalLine
from helpdesk.model.policy import Policy
from helpdesk.model.reasons import because
from helpdesk.model.signing import Audience
from helpdesk.model.ticket import Ticket

LETTER = "report"
_ASKED = re.compile(r"\s*(?:report|laporan)\s+(\S.{0,60}?)\s*[.!]?\s*", re.I)


def report_asked(received: Received, policy: Policy) -> Meaning | None:
    """Reports are for PIC, and only for those who have proven to be one."""
    speaker = received.speaker
    if speaker.person is None or received.match.ticket is not None:
        return None
    said = _words(received)
    if said is None or came_through_own_list(received.mail, policy):
        return None
    span = periods.span(said, received.now, policy.calendar.timezone)
    if span is None and received.mail.new_text.strip() and _ASKED.fullmatch(received.mail.subject):
        return None  # a letter that happens to be called so
    if policy.pic(speaker.address.address) is None:
        return _to_no_pic(received)
    if speaker.proof is None:
        return events.StaffNotProven(**of_mail(received))
    if span is None:
        return events.OperatorUnclear(**of_mail(received), why=because("which_time"))
    return ReportAsked(**of_mail(received), name=said, since=span[0], until=span[1])


def _to_no_pic(received: Received) -> Meaning | None:
    if received.speaker.proof is None:
        return None
    return events.OperatorUnclear(**of_mail(received), why=because("only_pic_reports"))


def _words(received: Received) -> str | None:
    """What follows `report`: in the subject, else on the only line of the mail."""
    for line in (received.mail.subject, received.mail.new_text.strip()):
        asked = _ASKED.fullmatch(line)
        if asked:
            return asked[1]
    return None


def reported(_: Ticket | None, event: ReportAsked, policy: Policy, __: datetime) -> Decision:
    """One letter, to the address on record of whoever asked."""
    assert event.figures is not None, "looked up before anything is decided"
    person, mail = writer(event), event.mail
    draft = Draft(
        letter=LETTER,
        to=person.mailbox,
        audience=Audience.PIC,
        number=0,
        ticket=None,
        values=values(event.figures, policy),
        person=person.address,
        replied=True,
        in_reply_to=mail.message_id,
        references=(mail.message_id,) if mail.message_id else (),
        files=event.files,
    )
    reason = f"a report on {event.name}: {event.since:%Y-%m-%d %H:%M} to {event.until:%Y-%m-%d %H:%M} UTC"
    line = JournalLine("reported", person.address, reason)
    return Decision(reasons=(reason,), drafts=(draft,), journal=(line,))
